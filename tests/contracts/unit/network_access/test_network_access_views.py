"""NetworkAccess's constructor and views: its roles, and what each of them reaches in a deployed network."""

from tests.helpers.network import NOBODY

ADMIN, GUARDIAN, TREASURER, ERASURE_REGISTER = range(4)
PUBLIC = 2**64 - 1
REACH = {
    GUARDIAN: {
        ("IdentityRegistry", "suspendUrgently"),
        ("IdentityRegistry", "pauseAdmissions"),
        ("ConsentToken", "pauseGrants"),
        ("ConsentToken", "pauseUses"),
    },
    TREASURER: {("NetworkCredit", "issue"), ("NetworkCredit", "settleRedemption")},
    ERASURE_REGISTER: {("IdentityRegistry", "blockForErasure")},
}


def test_h118_reverts_when_nobody_would_be_admin(NetworkAccess, deployer, reverts_with):
    with reverts_with("AccessManagerInvalidInitialAdmin", NOBODY):
        NetworkAccess.deploy(NOBODY, {"from": deployer})


def test_has_one_admin_when_made(NetworkAccess, deployer, stranger):
    access = NetworkAccess.deploy(stranger, {"from": deployer})

    assert access.adminCount() == 1
    assert tuple(access.hasRole(ADMIN, stranger)) == (True, 0)
    assert tuple(access.hasRole(ADMIN, deployer)) == (False, 0)


def test_numbers_its_roles_as_told_when_asked(access):
    assert (access.ADMIN_ROLE(), access.GUARDIAN_ROLE(), access.TREASURER_ROLE()) == (ADMIN, GUARDIAN, TREASURER)
    assert access.PUBLIC_ROLE() == PUBLIC


def test_gives_each_role_to_its_holder_alone_when_deployed(access, actors):
    holders = {"council": ADMIN, "guardian": GUARDIAN, "treasurer": TREASURER}

    assert access.adminCount() == 1
    for name, account in actors.items():
        for role in (ADMIN, GUARDIAN, TREASURER):
            assert tuple(access.hasRole(role, account)) == (holders.get(name) == role, 0), (name, role)


def test_h036_lets_each_holder_reach_its_functions_only_when_deployed(access, system, guardian, treasurer):
    holders = ((GUARDIAN, guardian), (TREASURER, treasurer), (ERASURE_REGISTER, system.erasures))
    reached = {role: set() for role, _ in holders}
    for name, contract in system.contracts().items():
        for function, selector in contract.signatures.items():
            for role, holder in holders:
                if access.canCall(holder, contract, selector)[0]:
                    reached[role].add((name, function))

    assert reached == REACH


def test_h036_lets_the_council_reach_all_others_and_none_of_theirs_when_deployed(access, system, council):
    theirs = {
        (name, function)
        for name, contract in system.contracts().items()
        for function, selector in contract.signatures.items()
        if not access.canCall(council, contract, selector)[0]
    }

    assert theirs == REACH[GUARDIAN] | REACH[TREASURER] | REACH[ERASURE_REGISTER]

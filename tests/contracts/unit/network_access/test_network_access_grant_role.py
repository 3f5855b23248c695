"""NetworkAccess.grantRole: an account gets a role; holders of the admin role are counted."""

ADMIN, GUARDIAN, TREASURER = range(3)
PUBLIC = 2**64 - 1
SETBACK_SECONDS = 5 * 86_400
DAY_SECONDS = 86_400


def test_counts_another_admin_when_an_admin_grants_its_role(access, system, consumer, council, unused_account, told_by):
    account = unused_account()

    tx = access.grantRole(ADMIN, account, 0, {"from": council})

    told = {"roleId": ADMIN, "account": account, "delay": 0, "since": tx.timestamp, "newMember": True}
    assert told_by(tx) == [("RoleGranted", told)]
    assert access.adminCount() == 2
    assert tuple(access.hasRole(ADMIN, account)) == (True, 0)
    system.identities.suspend(consumer, {"from": account})


def test_counts_an_admin_once_when_it_is_granted_the_role_again(access, council):
    access.grantRole(ADMIN, council, 0, {"from": council})

    assert access.adminCount() == 1


def test_counts_no_admin_when_another_role_is_granted(access, system, consumer, council, stranger):
    for role in (GUARDIAN, TREASURER, 77):
        access.grantRole(role, stranger, 0, {"from": council})

    assert access.adminCount() == 1
    system.identities.suspendUrgently(consumer, {"from": stranger})


def test_h113_takes_a_wrong_admin_back_when_its_delay_still_runs(
    access, system, consumer, council, stranger, chain, mine_at, reverts_with
):
    access.setGrantDelay(ADMIN, DAY_SECONDS, {"from": council})
    mine_at(chain[-1].timestamp + SETBACK_SECONDS)

    access.grantRole(ADMIN, stranger, 0, {"from": council})

    with reverts_with("AccessManagedUnauthorized", stranger):
        system.identities.suspend(consumer, {"from": stranger})
    access.revokeRole(ADMIN, stranger, {"from": council})
    mine_at(chain[-1].timestamp + DAY_SECONDS)
    assert tuple(access.hasRole(ADMIN, stranger)) == (False, 0)
    assert access.adminCount() == 1


def test_h113_counts_for_the_last_when_it_acts_at_once_alone(
    access, council, unused_account, chain, mine_at, reverts_with
):
    waiting, slow = unused_account(), unused_account()
    access.grantRole(ADMIN, slow, DAY_SECONDS, {"from": council})
    access.setGrantDelay(ADMIN, DAY_SECONDS, {"from": council})
    mine_at(chain[-1].timestamp + SETBACK_SECONDS)
    access.grantRole(ADMIN, waiting, 0, {"from": council})
    assert access.adminCount() == 3

    # One of the others is no admin yet, the other acts a day after it said so.
    for leave in (access.renounceRole, access.revokeRole):
        with reverts_with("NetworkAccessLastAdmin", council):
            leave(ADMIN, council, {"from": council})
    mine_at(chain[-1].timestamp + DAY_SECONDS)
    access.renounceRole(ADMIN, council, {"from": council})

    assert access.adminCount() == 2
    assert tuple(access.hasRole(ADMIN, waiting)) == (True, 0)


def test_h113_reverts_when_the_last_admin_would_have_to_wait(
    access, system, consumer, council, second_admin, reverts_with
):
    access.grantRole(ADMIN, second_admin, DAY_SECONDS, {"from": council})

    with reverts_with("NetworkAccessLastAdmin", council):
        access.grantRole(ADMIN, council, 2**32 - 1, {"from": council})

    assert tuple(access.hasRole(ADMIN, council)) == (True, 0)
    system.identities.suspend(consumer, {"from": council})


def test_reverts_when_the_caller_is_no_admin(access, deployer, guardian, treasurer, stranger, reverts_with):
    for caller in (deployer, guardian, treasurer, stranger):
        for role in (ADMIN, GUARDIAN, TREASURER):
            with reverts_with("AccessManagerUnauthorizedAccount", caller, ADMIN):
                access.grantRole.call(role, caller, 0, {"from": caller})


def test_reverts_when_the_role_is_everybodys(access, council, stranger, reverts_with):
    with reverts_with("AccessManagerLockedRole", PUBLIC):
        access.grantRole(PUBLIC, stranger, 0, {"from": council})

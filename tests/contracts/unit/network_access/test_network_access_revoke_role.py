"""NetworkAccess.revokeRole: an account loses a role; the admin role never its last holder."""

ADMIN, GUARDIAN, TREASURER = range(3)


def test_leaves_one_admin_when_one_of_two_is_revoked(
    access, system, consumer, council, second_admin, told_by, reverts_with
):
    tx = access.revokeRole(ADMIN, council, {"from": second_admin})

    assert told_by(tx) == [("RoleRevoked", {"roleId": ADMIN, "account": council})]
    assert access.adminCount() == 1
    with reverts_with("AccessManagedUnauthorized", council):
        system.identities.suspend(consumer, {"from": council})
    system.identities.suspend(consumer, {"from": second_admin})


def test_takes_its_powers_when_the_guardian_is_revoked(
    access, system, consumer, council, guardian, told_by, reverts_with
):
    tx = access.revokeRole(GUARDIAN, guardian, {"from": council})

    assert told_by(tx) == [("RoleRevoked", {"roleId": GUARDIAN, "account": guardian})]
    assert access.adminCount() == 1
    with reverts_with("AccessManagedUnauthorized", guardian):
        system.identities.suspendUrgently(consumer, {"from": guardian})


def test_changes_nothing_when_the_account_has_not_the_role(access, council, guardian, stranger, told_by):
    for account in (stranger, guardian):
        tx = access.revokeRole(ADMIN, account, {"from": council})
        assert told_by(tx) == []

    assert access.adminCount() == 1


def test_h113_reverts_when_the_last_admin_would_be_revoked(access, council, second_admin, reverts_with):
    access.revokeRole(ADMIN, second_admin, {"from": council})

    with reverts_with("NetworkAccessLastAdmin", council):
        access.revokeRole(ADMIN, council, {"from": council})
    with reverts_with("NetworkAccessLastAdmin", council):
        access.execute(access, access.revokeRole.encode_input(ADMIN, council), {"from": council})

    assert access.adminCount() == 1
    assert tuple(access.hasRole(ADMIN, council)) == (True, 0)


def test_reverts_when_the_caller_is_no_admin(access, council, deployer, guardian, treasurer, stranger, reverts_with):
    for caller in (deployer, guardian, treasurer, stranger):
        for role, account in ((ADMIN, council), (GUARDIAN, guardian), (TREASURER, treasurer)):
            with reverts_with("AccessManagerUnauthorizedAccount", caller, ADMIN):
                access.revokeRole.call(role, account, {"from": caller})

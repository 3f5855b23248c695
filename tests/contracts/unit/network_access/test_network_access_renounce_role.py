"""NetworkAccess.renounceRole: an account gives a role up; the admin role never by its last holder."""

ADMIN, GUARDIAN, TREASURER = range(3)


def test_leaves_one_admin_when_one_of_two_gives_up(
    access, system, consumer, council, second_admin, told_by, reverts_with
):
    tx = access.renounceRole(ADMIN, council, {"from": council})

    assert told_by(tx) == [("RoleRevoked", {"roleId": ADMIN, "account": council})]
    assert access.adminCount() == 1
    with reverts_with("AccessManagedUnauthorized", council):
        system.identities.suspend(consumer, {"from": council})
    with reverts_with("NetworkAccessLastAdmin", second_admin):
        access.renounceRole(ADMIN, second_admin, {"from": second_admin})


def test_gives_another_role_up_when_its_only_holder_says_so(access, guardian, treasurer, told_by):
    for role, holder in ((GUARDIAN, guardian), (TREASURER, treasurer)):
        tx = access.renounceRole(role, holder, {"from": holder})
        assert told_by(tx) == [("RoleRevoked", {"roleId": role, "account": holder})]
        assert tuple(access.hasRole(role, holder)) == (False, 0)

    assert access.adminCount() == 1


def test_changes_nothing_when_the_account_has_not_the_role(access, stranger, told_by):
    tx = access.renounceRole(ADMIN, stranger, {"from": stranger})

    assert told_by(tx) == []
    assert access.adminCount() == 1


def test_h113_reverts_when_the_last_admin_would_give_up(access, system, consumer, council, reverts_with):
    with reverts_with("NetworkAccessLastAdmin", council):
        access.renounceRole(ADMIN, council, {"from": council})

    assert access.adminCount() == 1
    system.identities.suspend(consumer, {"from": council})


def test_reverts_when_it_is_not_the_callers_own_role(access, council, second_admin, stranger, reverts_with):
    for caller in (second_admin, stranger):
        with reverts_with("AccessManagerBadConfirmation"):
            access.renounceRole.call(ADMIN, council, {"from": caller})

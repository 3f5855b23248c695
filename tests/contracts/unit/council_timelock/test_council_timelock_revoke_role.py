"""CouncilTimelock.revokeRole: nobody takes a role from the council."""


def test_h113_reverts_when_the_timelock_itself_would_take_a_role(
    timelock, council, council_contract, role_ids, reverts_with
):
    for role, holder in zip(role_ids, (*[council_contract] * 3, council), strict=True):
        with reverts_with("CouncilTimelockRolesFixed"):
            timelock.revokeRole.call(role, holder, {"from": council})


def test_h036_reverts_when_anybody_else_calls(timelock, council_contract, others, council, role_ids, reverts_with):
    for caller in {*others, council_contract} - {council}:
        with reverts_with("AccessControlUnauthorizedAccount", caller, bytes(32)):
            timelock.revokeRole.call(role_ids[0], council_contract, {"from": caller})

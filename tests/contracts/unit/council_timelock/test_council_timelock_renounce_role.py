"""CouncilTimelock.renounceRole: the council cannot lock itself out."""


def test_h113_reverts_when_a_holder_would_give_a_role_up(
    timelock, council, council_contract, role_ids, reverts_with
):
    for role, holder in zip(role_ids, (*[council_contract] * 3, council), strict=True):
        with reverts_with("CouncilTimelockRolesFixed"):
            timelock.renounceRole.call(role, holder, {"from": holder})


def test_h036_reverts_when_it_is_somebody_elses(timelock, council_contract, stranger, role_ids, reverts_with):
    with reverts_with("AccessControlBadConfirmation"):
        timelock.renounceRole.call(role_ids[0], council_contract, {"from": stranger})

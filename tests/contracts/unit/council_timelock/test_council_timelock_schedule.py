"""CouncilTimelock.schedule, cancel and execute: the council alone, and nobody for it."""

DAY_SECONDS = 86_400


def test_a01_carries_out_what_the_council_scheduled_when_the_delay_is_over(
    system, timelock, council_contract, operation, travel_to
):
    delay = system.parameters.council.timelock_seconds
    tx = timelock.schedule(*operation, delay, {"from": council_contract})

    travel_to(tx.timestamp + delay)
    timelock.execute(*operation, {"from": council_contract})

    assert timelock.isOperationDone(timelock.hashOperation(*operation)) is True
    assert system.credit.ceiling() == 123_000_000


def test_h014_reverts_when_the_delay_still_runs(
    system, timelock, council_contract, operation, travel_to, reverts_with
):
    delay = system.parameters.council.timelock_seconds
    tx = timelock.schedule(*operation, delay, {"from": council_contract})

    travel_to(tx.timestamp + delay - 1)
    with reverts_with("TimelockUnexpectedOperationState", timelock.hashOperation(*operation), ...):
        timelock.execute(*operation, {"from": council_contract})


def test_reverts_when_the_delay_is_too_short(system, timelock, council_contract, operation, reverts_with):
    delay = system.parameters.council.timelock_seconds

    with reverts_with("TimelockInsufficientDelay", delay - 1, delay):
        timelock.schedule(*operation, delay - 1, {"from": council_contract})


def test_h036_reverts_when_anybody_else_calls(system, timelock, council_contract, operation, others, reverts_with):
    delay = system.parameters.council.timelock_seconds
    timelock.schedule(*operation, delay, {"from": council_contract})
    scheduled = timelock.hashOperation(*operation)
    target, value, data, predecessor, salt = operation
    several = [target], [value], [data], predecessor, salt
    names = ("PROPOSER", "CANCELLER", "EXECUTOR")
    proposer, canceller, executor = (getattr(timelock, f"{name}_ROLE")() for name in names)
    for caller in others:
        for role, call, arguments in (
            (proposer, timelock.schedule, (*operation, delay)),
            (proposer, timelock.scheduleBatch, (*several, delay)),
            (canceller, timelock.cancel, (scheduled,)),
            (executor, timelock.execute, operation),
            (executor, timelock.executeBatch, several),
        ):
            with reverts_with("AccessControlUnauthorizedAccount", caller, role):
                call.call(*arguments, {"from": caller})

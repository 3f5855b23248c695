"""NetworkCredit.setCeiling: by vote; it never touches what is out."""

CREDIT = 10**6
CEILING = 10_000 * CREDIT


def test_sets_the_ceiling_when_called_by_council(credit, council):
    tx = credit.setCeiling(5, {"from": council})

    assert credit.ceiling() == 5
    assert len(tx.events) == 1
    assert tx.events["CeilingSet"]["ceiling"] == 5


def test_stops_issuing_only_when_below_what_is_outstanding(credit, council, issue, consumer, provider, reverts_with):
    issue(consumer, 100)

    credit.setCeiling(40, {"from": council})

    with reverts_with("NetworkCreditCeilingExceeded", 100, 1, 40):
        issue(consumer, 1)
    credit.transfer(provider, 60, {"from": consumer})
    credit.requestRedemption(40, {"from": consumer})
    assert (credit.balanceOf(consumer), credit.balanceOf(provider), credit.totalSupply()) == (0, 60, 100)


def test_starts_at_zero_when_deployed(NetworkCredit, system, council):
    assert NetworkCredit.deploy(system.access, system.identities, {"from": council}).ceiling() == 0


def test_reverts_when_caller_is_not_the_council(credit, treasurer, stranger, consumer, guardian, reverts_with):
    for caller in (treasurer, stranger, consumer, guardian):
        with reverts_with("AccessManagedUnauthorized", caller):
            credit.setCeiling(5, {"from": caller})


def test_reverts_when_the_ceiling_stays_the_same(credit, council, reverts_with):
    with reverts_with("NetworkCreditCeilingUnchanged", CEILING):
        credit.setCeiling(CEILING, {"from": council})

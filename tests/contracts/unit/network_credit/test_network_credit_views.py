"""NetworkCredit's constructor, names and units."""

from tests.helpers.network import NOBODY


def test_tells_its_names_and_unit_when_asked(credit, system):
    assert (credit.name(), credit.symbol(), credit.decimals()) == ("Consentry Network Credit", "CNC", 6)
    assert credit.redemptionSeconds() == 30 * 24 * 3600
    assert credit.identityRegistry() == system.identities.address
    assert credit.authority() == system.access.address


def test_h118_reverts_when_a_constructor_argument_is_no_contract(
    NetworkCredit, system, council, stranger, reverts_with
):
    for wrong in (NOBODY, stranger.address):
        with reverts_with("NetworkCreditAddressInvalid", wrong):
            NetworkCredit.deploy(wrong, system.identities, {"from": council})
        with reverts_with("NetworkCreditAddressInvalid", wrong):
            NetworkCredit.deploy(system.access, wrong, {"from": council})


def test_keeps_the_redemption_account_in_step_when_everything_happens(
    credit, issue, treasurer, consumer, provider, mine_at
):
    issue(consumer, 100)
    issue(provider, 50)
    credit.requestRedemption(40, {"from": consumer})
    credit.transfer(credit, 9, {"from": provider})
    credit.settleRedemption(consumer, 11, bytes.fromhex("aa" * 32), {"from": treasurer})
    mine_at(credit.redemptionOf(provider)[1])
    credit.reclaimRedemption({"from": provider})

    unsettled = [credit.redemptionOf(holder)[0] for holder in (consumer, provider)]
    assert unsettled == [29, 0]
    assert credit.balanceOf(credit) == sum(unsettled)
    assert credit.totalSupply() == sum(credit.balanceOf(holder) for holder in (consumer, provider, credit)) == 139

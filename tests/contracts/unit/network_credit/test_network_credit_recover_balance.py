"""NetworkCredit.recoverBalance: what lies at a lost key goes to the participant whose it was, by vote."""

import pytest

from tests.helpers.network import CONSUMER, NOBODY


@pytest.fixture
def recovered(system, consumer, council, unused_account, issue):
    """The new owner of a consumer that lost its key with 100 in its wallet."""
    issue(consumer, 100)
    owner = unused_account()
    system.identities.recoverOwner(consumer, owner, {"from": council})
    return owner


def test_moves_it_to_the_new_owner_when_called_by_council(credit, consumer, council, recovered):
    supply = credit.totalSupply()

    tx = credit.recoverBalance(consumer, consumer, {"from": council})

    assert (credit.balanceOf(consumer), credit.balanceOf(recovered)) == (0, 100)
    assert credit.totalSupply() == supply
    event = tx.events["BalanceRecovered"]
    assert (event["lost"], event["participant"], event["holder"], event["amount"]) == (
        consumer, consumer, recovered, 100
    )  # fmt: skip


def test_reverts_when_the_caller_is_not_the_council(
    credit, consumer, recovered, treasurer, guardian, stranger, reverts_with
):
    for caller in (treasurer, guardian, stranger, recovered, consumer):
        with reverts_with("AccessManagedUnauthorized", caller):
            credit.recoverBalance(consumer, consumer, {"from": caller})


def test_reverts_when_a_contract_of_the_network_holds_it(
    credit, listed_vault, council, consumer, recovered, reverts_with
):
    credit.transfer(listed_vault, 10, {"from": consumer})
    for wrong in (listed_vault, credit):
        with reverts_with("NetworkCreditAddressInvalid", wrong):
            credit.recoverBalance(wrong, consumer, {"from": council})

    credit.setNetworkContract(listed_vault, False, {"from": council})
    with reverts_with("NetworkCreditAddressInvalid", listed_vault):
        credit.recoverBalance(listed_vault, consumer, {"from": council})


def test_reverts_when_whose_it_was_is_no_member(
    credit, consumer, council, recovered, participant_in, reverts_with
):
    for standing in ("never_registered", "removed"):
        participant = participant_in(standing, CONSUMER)
        with reverts_with("NetworkCreditNotMember", participant):
            credit.recoverBalance(consumer, participant, {"from": council})


def test_reverts_when_there_is_nothing(credit, consumer, council, stranger, reverts_with):
    for empty in (stranger, NOBODY):
        with reverts_with("NetworkCreditAmountZero", empty):
            credit.recoverBalance(empty, consumer, {"from": council})

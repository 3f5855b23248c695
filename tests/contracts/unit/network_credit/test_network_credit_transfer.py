"""NetworkCredit.transfer: who may receive."""

import pytest

from tests.helpers.network import NOBODY, PROVIDER


@pytest.mark.parametrize("standing", ["active", "suspended"])
def test_moves_when_the_receiver_is_a_member(credit, issue, consumer, participant_in, standing):
    issue(consumer, 100)
    receiver = participant_in(standing, PROVIDER)

    tx = credit.transfer(receiver, 40, {"from": consumer})

    assert (credit.balanceOf(consumer), credit.balanceOf(receiver)) == (60, 40)
    assert tx.events["Transfer"]["value"] == 40


def test_moves_when_the_receiver_is_a_listed_contract(credit, issue, consumer, listed_vault):
    issue(consumer, 100)

    credit.transfer(listed_vault, 100, {"from": consumer})

    assert credit.balanceOf(listed_vault) == 100


@pytest.mark.parametrize("standing", ["never_registered", "active", "removed"])
def test_moves_when_a_listed_contract_pays_anybody(
    credit, issue, consumer, listed_vault, council, participant_in, standing
):
    issue(consumer, 100)
    credit.transfer(listed_vault, 100, {"from": consumer})
    receiver = participant_in(standing, PROVIDER)

    listed_vault.pay(credit, receiver, 70, {"from": council})

    assert (credit.balanceOf(listed_vault), credit.balanceOf(receiver)) == (30, 70)


def test_moves_when_the_sender_is_no_member_any_more(credit, issue, consumer, provider, bring_to):
    issue(consumer, 100)
    bring_to(consumer, "removed")

    credit.transfer(provider, 100, {"from": consumer})

    assert credit.balanceOf(provider) == 100


@pytest.mark.parametrize("standing", ["never_registered", "removed"])
def test_reverts_when_the_receiver_is_no_member(credit, issue, consumer, participant_in, standing, reverts_with):
    issue(consumer, 100)
    receiver = participant_in(standing, PROVIDER)

    with reverts_with("NetworkCreditReceiverRefused", consumer, receiver):
        credit.transfer(receiver, 1, {"from": consumer})


def test_reverts_when_the_receiver_is_a_contract_that_is_not_listed(credit, issue, consumer, vault, reverts_with):
    issue(consumer, 100)

    with reverts_with("NetworkCreditReceiverRefused", consumer, vault):
        credit.transfer(vault, 1, {"from": consumer})


def test_h034_reverts_when_the_receivers_owner_was_rotated(
    credit, issue, consumer, provider, rotate_owner, reverts_with
):
    issue(consumer, 100)
    owner = rotate_owner(provider)

    for receiver in (provider, owner):
        with reverts_with("NetworkCreditReceiverRefused", consumer, receiver):
            credit.transfer(receiver, 1, {"from": consumer})


def test_h038_reverts_when_the_receiver_is_nobody(credit, issue, consumer, reverts_with):
    issue(consumer, 100)

    with reverts_with("ERC20InvalidReceiver", NOBODY):
        credit.transfer(NOBODY, 1, {"from": consumer})


def test_reverts_when_the_balance_is_too_low(credit, issue, consumer, provider, reverts_with):
    issue(consumer, 100)

    with reverts_with("ERC20InsufficientBalance", consumer, 100, 101):
        credit.transfer(provider, 101, {"from": consumer})

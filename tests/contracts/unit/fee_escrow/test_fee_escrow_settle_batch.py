"""FeeEscrow.settleBatch: the batches alone bring a batch, and the rules of the escrow hold for it all the same."""

import pytest

from consentry.client.exchanges import Shares
from tests.helpers.network import ESCROW_PARTS, account_at


@pytest.fixture
def batches(escrow):
    """An account that acts as the contract which brings batches."""
    return account_at(escrow.wiring()[ESCROW_PARTS.index("batches")])


@pytest.fixture
def brought(words, consumer, fresh_subject, prepay):
    """Make what is brought, its fees prepaid: a function of the number of items, and of what of the batch shall be
    different."""

    def make(count, **changes):
        prepay(consumer, count * words.fee)
        items = [words.item(words.give(fresh_subject(), nonce=nonce)) for nonce in range(count)]
        return words.batch(**changes).arguments(), [item.arguments() for item in items]

    return make


def test_moves_the_fees_of_all_items_when_the_batches_bring_them(
    system, escrow, batches, consumer, provider, coordinator, brought, words
):
    tx = escrow.settleBatch(*brought(3), {"from": batches})

    _, count, shares = tx.return_value
    assert (count, Shares.unpack(shares)) == (3, Shares(6_000, 1_500, 1_500, 500, 500))
    assert (escrow.earnedOf(provider), escrow.earnedOf(coordinator)) == (7_200_000, 1_800_000)
    assert escrow.hostsAccrued() == 1_800_000
    assert escrow.recruiterShareOf(consumer) == escrow.recruiterShareOf(provider) == 600_000
    assert escrow.prepaidOf(consumer)[0] == 0
    assert system.credit.balanceOf(escrow) == 3 * words.fee


def test_gives_the_provider_each_fees_dust_when_the_shares_do_not_divide(
    escrow, batches, consumer, provider, coordinator, publish, prepay, brought
):
    price, count = 7, 5
    version = publish(price=price, shares=Shares(3_333, 1_667, 1_667, 1_667, 1_666))
    prepay(consumer, price * count)

    escrow.settleBatch(*brought(count, fee=price, schedule_version=version), {"from": batches})

    coordinators = price * 1_667 // 10_000
    assert escrow.earnedOf(coordinator) == count * coordinators
    assert escrow.earnedOf(provider) == count * (price - 3 * coordinators - price * 1_666 // 10_000)


def test_reverts_when_anybody_else_brings_it(escrow, actors, brought, reverts_with):
    batch = brought(1)

    for role in ("consumer", "provider", "relayer", "founder", "stranger"):
        with reverts_with("FeeEscrowNotBatches", actors[role]):
            escrow.settleBatch.call(*batch, {"from": actors[role]})


def test_reverts_when_more_is_owed_than_is_at_hand(escrow, batches, words, consumer, brought, reverts_with):
    batch = brought(2)
    escrow.announceWithdrawal(consumer, 1, {"from": consumer})

    with reverts_with("FeeEscrowPrepaidTooLow", consumer, 2 * words.fee - 1, 2 * words.fee):
        escrow.settleBatch.call(*batch, {"from": batches})

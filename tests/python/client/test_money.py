"""Money in and out: credit, prepaid balances, earnings, hosts and recruiters."""

from __future__ import annotations

from dataclasses import astuple

import pytest
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from consentry.client.errors import (
    FeeEscrowAnnouncementLapsed,
    FeeEscrowNotAccountHolder,
    FeeEscrowNothingAnnounced,
    FeeEscrowNothingForRecruiter,
    FeeEscrowNoticeRunning,
    FeeEscrowParticipantNotActive,
    FeeEscrowPrepaidTooLow,
    HostRewardsNothingOwed,
    IdentityRegistryNotActor,
    NetworkCreditInvoiceUsed,
)
from consentry.client.exchanges import Announcement, PrepaidBalance, Shares
from consentry.demo.bring_up import PREPAID_UNITS
from consentry.demo.cast import (
    BANK,
    CHANNEL_PARTNER,
    FIRST_HOST,
    RENTAL_AGENCY,
    SECOND_BANK,
    SECOND_HOST,
    STRANGER,
    TREASURER,
)

AGENCY = RENTAL_AGENCY.identity
DAY = 86_400


# ------------------------------------------------------------- credit and prepaid balances


@pytest.mark.asyncio
async def test_issues_credit_once_for_an_invoice_and_prepays_it(network):
    supply, invoice = await network.credit.total(), keccak(text="an invoice")
    await network.credit.issue(AGENCY, 500, invoice, TREASURER)
    with pytest.raises(NetworkCreditInvoiceUsed) as raised:
        await network.credit.issue(AGENCY, 500, invoice, TREASURER)
    assert raised.value.values == {"invoiceHash": invoice}
    assert (await network.credit.total(), await network.credit.balance_of(AGENCY)) == (supply + 500, 500)

    await network.credit.prepay(300, RENTAL_AGENCY.key)

    assert await network.credit.balance_of(AGENCY) == 200
    assert await network.exchanges.prepaid_of(AGENCY) == PrepaidBalance(PREPAID_UNITS + 300, PREPAID_UNITS + 300)


@pytest.mark.asyncio
async def test_prepays_for_another_participant(network):
    await network.credit.issue(AGENCY, 500, keccak(text="an invoice"), TREASURER)

    await network.credit.prepay(300, RENTAL_AGENCY.key, participant=SECOND_BANK.identity)

    assert (await network.exchanges.prepaid_of(SECOND_BANK.identity)).balance == PREPAID_UNITS + 300
    assert (await network.exchanges.prepaid_of(AGENCY)).balance == PREPAID_UNITS
    with pytest.raises(FeeEscrowParticipantNotActive):
        await network.exchanges.deposit(STRANGER.address, 1, RENTAL_AGENCY.key)


@pytest.mark.asyncio
async def test_prepays_after_the_owner_has_changed(network):
    await network.identities.change_owner(AGENCY, STRANGER.address, RENTAL_AGENCY.key)
    await network.credit.issue(AGENCY, 500, keccak(text="an invoice"), TREASURER)
    # Credit is paid to the new owner; the prepaid balance stays the participant's.
    assert await network.credit.balance_of(STRANGER.address) == 500

    await network.credit.prepay(500, STRANGER, participant=AGENCY)

    assert (await network.exchanges.prepaid_of(AGENCY)).balance == PREPAID_UNITS + 500


@pytest.mark.asyncio
async def test_a_delegate_of_kind_deposit_pays_in_and_never_out(network):
    await network.credit.issue(AGENCY, 500, keccak(text="an invoice"), TREASURER)
    await network.credit.allow(500, RENTAL_AGENCY.key)
    with pytest.raises(IdentityRegistryNotActor):
        await network.exchanges.deposit_own(AGENCY, 500, STRANGER)
    await network.identities.add_delegate(AGENCY, "deposit", STRANGER.address, DAY, RENTAL_AGENCY.key)

    await network.exchanges.deposit_own(AGENCY, 500, STRANGER)

    assert (await network.exchanges.prepaid_of(AGENCY)).balance == PREPAID_UNITS + 500
    with pytest.raises(FeeEscrowNotAccountHolder):
        await network.exchanges.announce_withdrawal(AGENCY, 1, STRANGER)


@pytest.mark.asyncio
async def test_takes_prepaid_money_out_after_the_notice(network, mine_at, undone):
    exchanges, key = network.exchanges, RENTAL_AGENCY.key
    assert await exchanges.announcement_of(AGENCY) is None
    with pytest.raises(FeeEscrowNothingAnnounced):
        await exchanges.withdraw_prepaid(AGENCY, key)
    with pytest.raises(FeeEscrowPrepaidTooLow):
        await exchanges.announce_withdrawal(AGENCY, PREPAID_UNITS + 1, key)

    await exchanges.announce_withdrawal(AGENCY, 1_000, key)

    now = await network.now()
    announced = await exchanges.announcement_of(AGENCY)
    assert announced == Announcement(1_000, now + 3 * DAY, now + 10 * DAY)
    assert await exchanges.prepaid_of(AGENCY) == PrepaidBalance(PREPAID_UNITS, PREPAID_UNITS - 1_000)
    mine_at(announced.takeable_at - 1)
    with pytest.raises(FeeEscrowNoticeRunning):
        await exchanges.withdraw_prepaid(AGENCY, key)
    with undone():
        mine_at(announced.takeable_at)
        await exchanges.withdraw_prepaid(AGENCY, key)
        assert await network.credit.balance_of(AGENCY) == 1_000
        assert await exchanges.announcement_of(AGENCY) is None
    mine_at(announced.lapses_at)
    with pytest.raises(FeeEscrowAnnouncementLapsed):
        await exchanges.withdraw_prepaid(AGENCY, key)


@pytest.mark.asyncio
async def test_takes_an_announcement_back(network):
    await network.exchanges.announce_withdrawal(AGENCY, 1_000, RENTAL_AGENCY.key)
    await network.exchanges.announce_withdrawal(AGENCY, 0, RENTAL_AGENCY.key)

    assert await network.exchanges.announcement_of(AGENCY) is None
    assert (await network.exchanges.prepaid_of(AGENCY)).available == PREPAID_UNITS


# ------------------------------------------------------------- earnings


@pytest.mark.asyncio
async def test_everyone_takes_what_they_earned(parties):
    network, exchanges = parties.network, parties.network.exchanges
    delivered = await parties.delivered()
    with pytest.raises(FeeEscrowNothingForRecruiter):
        await exchanges.credit_recruiter(AGENCY, STRANGER)
    with pytest.raises(HostRewardsNothingOwed):
        await network.hosts.claim(FIRST_HOST.identity, STRANGER)
    await parties.coordinator.accept(await parties.consumer.acceptance(delivered.exchange))
    parts = delivered.exchange.shares.split(delivered.exchange.fee)

    await exchanges.credit_recruiter(AGENCY, STRANGER)
    assert await exchanges.earned_of(CHANNEL_PARTNER.identity) == parts.consumer_recruiter
    assert await exchanges.recruiter_share_of(AGENCY) == 0
    owed = [await network.hosts.owed_to(host.identity) for host in (FIRST_HOST, SECOND_HOST)]
    assert owed == [parts.hosts * 2 // 3, parts.hosts // 3]
    await network.hosts.claim(FIRST_HOST.identity, STRANGER)
    assert await exchanges.earned_of(FIRST_HOST.identity) == owed[0]
    assert await exchanges.host_shares() == (parts.hosts, owed[0])
    await exchanges.withdraw_earned(BANK.identity, BANK.key)

    assert await network.credit.balance_of(BANK.identity) == parts.provider + parts.coordinator
    assert await exchanges.earned_of(BANK.identity) == 0


# ------------------------------------------------------------- shares


WHOLE = st.lists(st.integers(0, 10_000), min_size=4, max_size=4).map(
    lambda cuts: Shares(*(b - a for a, b in zip([0, *sorted(cuts)], [*sorted(cuts), 10_000], strict=True)))
)


@settings(deadline=None)
@given(WHOLE, st.integers(0, (1 << 104) - 1))
def test_h091_parts_of_a_fee_are_the_fee_and_dust_is_the_providers(shares, fee):
    assert Shares.unpack(shares.pack()) == shares
    assert shares.pack() < 1 << 80
    parts = shares.split(fee)

    assert sum(astuple(parts)) == fee
    for part, share in list(zip(astuple(parts), astuple(shares), strict=True))[1:]:
        assert part == fee * share // 10_000
    assert 0 <= parts.provider - fee * shares.provider // 10_000 < 5

"""Disputes: submitted, shown, ruled on by the council's panel, and executed; all that is asked of them on the way."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from consentry.client.disputes import (
    REFUSED,
    Case,
    Deadlines,
    Outcome,
    Ruling,
    Submission,
    Tally,
    ruling_for,
)
from consentry.client.encoding import padded
from consentry.client.errors import (
    AccessManagedUnauthorized,
    ArbitrationPanelNoMajority,
    ArbitrationPanelNotSeat,
    ArbitrationPanelSeatShares,
    ArgumentInvalid,
    DisputesNotParty,
    DisputesSubmitted,
    DisputesUndecided,
    IdentityRegistryNotActor,
)
from consentry.client.exchanges import ExchangeState
from consentry.client.identities import Role
from consentry.demo.bring_up import PREPAID_UNITS
from consentry.demo.cast import BANK, CHANNEL_PARTNER, LICENCE_OFFICE, RENTAL_AGENCY, STRANGER, UTILITY
from consentry.deployment.artifacts import load_artifact

pytestmark = pytest.mark.asyncio

REASON = keccak(text="reason")
EVIDENCE = "urn:example:evidence"
AGENCY = RENTAL_AGENCY.identity


@pytest.fixture
def disputes(network):
    """The network's disputes."""
    return network.disputes


@pytest.fixture
def dispute(parties):
    """Take an exchange to where it is disputed: a function that returns what each step takes."""

    async def make():
        delivered = await parties.delivered()
        signed = await parties.consumer.dispute(delivered.exchange, REASON)
        disputed, _ = await parties.coordinator.dispute(signed)
        return delivered.exchange, delivered.delivery, disputed

    return make


async def balances(parties):
    """Return what the agency has prepaid and the bank has earned."""
    exchanges = parties.network.exchanges
    return (await exchanges.prepaid_of(AGENCY)).balance, await exchanges.earned_of(BANK.identity)


async def test_divides_the_fee_as_the_panel_rules(parties, disputes, dispute):
    disputed = await dispute()
    exchange = disputed[0]
    assert await disputes.case_of(exchange.id) == Case(None, is_ciphertext_filed=False, ruling=None)

    await disputes.file_ciphertext(*disputed, BANK.key)
    submission, _ = await disputes.submit(*disputed, STRANGER)
    assert submission == Submission(await disputes.arbitrator(), 1)
    assert await disputes.case_of(exchange.id) == Case(submission, is_ciphertext_filed=True, ruling=None)
    # The bank has a seat too, and shares in the fee.
    assert set(await disputes.eligible_seats(submission)) == {LICENCE_OFFICE.identity, UTILITY.identity}
    assert await disputes.tally_of(submission) == Tally(None, 0, 2)
    await disputes.vote(submission, UTILITY.identity, ruling_for(2_500), UTILITY.key)
    assert await disputes.tally_of(submission) == Tally(Ruling(2_501), 1, 2)
    await disputes.vote(submission, LICENCE_OFFICE.identity, ruling_for(2_500), LICENCE_OFFICE.key)
    assert await disputes.case_of(exchange.id) == Case(submission, is_ciphertext_filed=True, ruling=Ruling(2_501))
    outcome, _ = await disputes.execute(*disputed, STRANGER)

    paid = exchange.fee // 4
    parts = exchange.shares.split(paid)
    assert outcome is Outcome.RULED
    assert await balances(parties) == (PREPAID_UNITS - paid, parts.provider + parts.coordinator)
    state, _ = await parties.network.exchanges.state_of(exchange)
    assert state is ExchangeState.RESOLVED


async def test_returns_everything_where_the_panel_refuses_to_rule(parties, disputes, dispute):
    disputed = await dispute()
    await disputes.file_ciphertext(*disputed, BANK.key)
    submission, _ = await disputes.submit(*disputed, STRANGER)

    for member in (LICENCE_OFFICE, UTILITY):
        await disputes.vote(submission, member.identity, REFUSED, member.key)

    assert (await disputes.execute(*disputed, STRANGER))[0] is Outcome.RULED
    assert await balances(parties) == (PREPAID_UNITS, 0)


async def test_divides_in_halves_when_nobody_rules(parties, disputes, dispute, mine_at):
    disputed = await dispute()
    exchange, _, what = disputed
    await disputes.file_ciphertext(*disputed, BANK.key)
    deadlines = await disputes.deadlines_of(what)
    assert deadlines == Deadlines(what.disputed_at + 432_000, what.disputed_at + 1_209_600)
    with pytest.raises(DisputesUndecided) as raised:
        await disputes.execute(*disputed, STRANGER)
    assert raised.value.values == {"exchangeId": exchange.id, "until": deadlines.ruling_until}

    mine_at(deadlines.ruling_until + 1)

    assert (await disputes.execute(*disputed, STRANGER))[0] is Outcome.NOT_RULED
    parts = exchange.shares.split(exchange.fee // 2)
    assert await balances(parties) == (PREPAID_UNITS - exchange.fee // 2, parts.provider + parts.coordinator)


async def test_returns_everything_when_no_ciphertext_is_filed(parties, disputes, dispute, mine_at):
    disputed = await dispute()
    deadlines = await disputes.deadlines_of(disputed[2])

    mine_at(deadlines.evidence_until + 1)

    assert (await disputes.execute(*disputed, STRANGER))[0] is Outcome.CIPHERTEXT_MISSING
    assert await balances(parties) == (PREPAID_UNITS, 0)


async def test_shows_evidence_of_the_parties_alone(disputes, dispute):
    disputed = await dispute()
    exchange = disputed[0]

    for member in (RENTAL_AGENCY, BANK):
        mined = await disputes.submit_evidence(*disputed, member.identity, EVIDENCE, member.key)
        (event,) = disputes.contract.events.Evidence().process_receipt(mined.receipt)
        assert event["args"]["_party"] == member.identity
        assert event["args"]["_evidence"] == EVIDENCE
        assert event["args"]["_evidenceGroupID"].to_bytes(32, "big") == exchange.id
    with pytest.raises(DisputesNotParty):
        await disputes.submit_evidence(*disputed, CHANNEL_PARTNER.identity, EVIDENCE, CHANNEL_PARTNER.key)
    with pytest.raises(IdentityRegistryNotActor):
        await disputes.submit_evidence(*disputed, AGENCY, EVIDENCE, STRANGER)
    with pytest.raises(IdentityRegistryNotActor):
        await disputes.file_ciphertext(*disputed, RENTAL_AGENCY.key)


async def test_h101_lets_seats_vote_that_do_not_share(disputes, dispute):
    disputed = await dispute()
    submission, _ = await disputes.submit(*disputed, STRANGER)

    with pytest.raises(ArbitrationPanelSeatShares) as raised:
        await disputes.vote(submission, BANK.identity, ruling_for(10_000), BANK.key)
    assert raised.value.values == {"disputeID": submission.dispute_id, "seat": BANK.identity}
    with pytest.raises(ArbitrationPanelNotSeat):
        await disputes.vote(submission, UTILITY.identity, ruling_for(10_000), STRANGER)
    with pytest.raises(ArbitrationPanelNoMajority):
        await disputes.give(submission, STRANGER)


async def test_gives_the_ruling_that_has_its_votes_when_another_may_rule_no_more(network, disputes, dispute, carry_out):
    disputed = await dispute()
    submission, _ = await disputes.submit(*disputed, STRANGER)
    await disputes.vote(submission, UTILITY.identity, ruling_for(0), UTILITY.key)
    carry_out(network.identities.set_roles(LICENCE_OFFICE.identity, LICENCE_OFFICE.roles | Role.HOST))
    carry_out(network.hosts.set_weight(LICENCE_OFFICE.identity, 1))

    await disputes.give(submission, STRANGER)

    assert (await disputes.case_of(disputed[0].id)).ruling == ruling_for(0)


async def test_submits_once_to_the_arbitrator_in_force(network, disputes, dispute, carry_out):
    first, second = await dispute(), await dispute()
    submission, _ = await disputes.submit(*first, STRANGER)
    with pytest.raises(DisputesSubmitted):
        await disputes.submit(*first, STRANGER)
    wiring = tuple(network.addresses[name] for name in ("Council", "IdentityRegistry", "HostRewards"))
    another = await created(network, "ArbitrationPanel", wiring)

    with pytest.raises(AccessManagedUnauthorized):
        await network.transactions.send(disputes.contract.function("setArbitrator", another), STRANGER)
    carry_out(disputes.set_arbitrator(another))

    assert (await disputes.submit(*second, STRANGER))[0] == Submission(another, 1)
    assert (await disputes.case_of(first[0].id)).submission == submission
    assert await disputes.submission_cost(second[0]) == 0


async def test_finds_the_disputes_of_the_escrow_that_took_an_exchange(network, disputes, dispute, carry_out):
    disputed = await dispute()
    former = disputes.contract.address
    wiring = tuple(network.addresses[name] for name in ("NetworkAccess", "FeeEscrow", "IdentityRegistry"))
    another = await created(network, "Disputes", (*wiring, await disputes.arbitrator(), 1, 2))
    carry_out(network.directory_contract().action("set", padded("Disputes"), another))
    await network.refresh()

    assert network.disputes.contract.address == another
    assert (await network.disputes_of(disputed[0].id)).contract.address == former


@pytest.mark.parametrize("provider_bps", [-1, 10_001])
async def test_refuses_a_ruling_over_more_than_there_is(provider_bps):
    with pytest.raises(ArgumentInvalid, match="0 to 10000 basis points"):
        ruling_for(provider_bps)


async def created(network, name, arguments):
    """Create a contract and return its address."""
    creation = {"from": network.addresses["CouncilTimelock"], "data": load_artifact(name).creation(arguments)}
    sent = await network.web3.eth.send_transaction(creation)
    return (await network.web3.eth.wait_for_transaction_receipt(sent))["contractAddress"]

"""FeeEscrow.accept: the consumer's word, and five shares that sum to the fee."""

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from consentry.client.exchanges import Delivery, ExchangeState, SettlementCause, Shares
from tests.helpers.network import COORDINATOR, NOBODY, PROVIDER
from tests.helpers.running import CIPHERTEXT_HASH

MOST = 2**104 - 1


@pytest.fixture
def signed(words, signer_of, consumer):
    """Sign the acceptance of an exchange as the consumer: a function of the exchange."""
    return lambda running: words.sign_acceptance(running.exchange, CIPHERTEXT_HASH, signer_of(consumer))


@pytest.fixture
def message_of(consumer):
    """What the consumer signs to accept an exchange: a function of it."""
    return lambda running: {
        "exchange": running.id,
        "ciphertextHash": CIPHERTEXT_HASH,
        "signer": consumer.address,
    }


def test_credits_five_shares_when_the_consumers_word_is_relayed(
    system, escrow, consumer, relayer, run_delivered, signed, credited
):
    running = run_delivered()

    tx = escrow.accept(*running.delivery(), consumer, signed(running), {"from": relayer})

    assert running.fee == 4_000_000
    assert credited(escrow) == Shares(2_400_000, 600_000, 600_000, 200_000, 200_000)
    assert tuple(escrow.stateOf(*running.used)) == (ExchangeState.SETTLED, 0)
    assert int(str(escrow.slotOf(running.id)), 16) == 0
    assert tuple(escrow.prepaidOf(consumer)) == (0, 0)
    assert system.credit.balanceOf(escrow) == running.fee
    event = tx.events["ExchangeSettled"]
    assert (event["exchangeId"], event["cause"]) == ("0x" + running.id.hex(), SettlementCause.ACCEPTED)


def test_credits_five_shares_when_the_consumer_calls(escrow, consumer, run_delivered, credited):
    running = run_delivered()

    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    assert credited(escrow) == running.exchange.shares.split(running.fee)


def test_credits_five_shares_when_no_signer_is_named(
    escrow, words, consumer, relayer, run_delivered, rotate_owner, signer_of, reverts_with
):
    running, later = run_delivered(), run_delivered()
    signatures = [words.sign_acceptance(one.exchange, CIPHERTEXT_HASH, signer_of(consumer)) for one in (running, later)]

    escrow.accept(*running.delivery(), NOBODY, signatures[0], {"from": relayer})

    assert escrow.stateOf(*running.used)[0] == ExchangeState.SETTLED
    rotate_owner(consumer)
    with reverts_with("IdentityRegistryNotActor", consumer, b"exchange", consumer):
        escrow.accept.call(*later.delivery(), NOBODY, signatures[1], {"from": relayer})


def test_credits_five_shares_when_the_delegate_speaks(
    escrow, words, consumer, relayer, run_delivered, delegates_of, signer_of
):
    called, relayed = run_delivered(), run_delivered()
    delegate = delegates_of(consumer)["exchange"]
    signature = words.sign_acceptance(relayed.exchange, CIPHERTEXT_HASH, signer_of(delegate))

    escrow.accept(*called.delivery(), delegate, b"", {"from": delegate})
    escrow.accept(*relayed.delivery(), delegate, signature, {"from": relayer})

    assert [escrow.stateOf(*running.used)[0] for running in (called, relayed)] == [ExchangeState.SETTLED] * 2


def test_h021_credits_five_shares_when_the_contract_still_answers_for_the_signature(
    escrow, words, consumer, relayer, run_delivered, wallet_for, signer_of, unused_account, reverts_with
):
    first, second = run_delivered(), run_delivered()
    wallet, owner = wallet_for(consumer)
    signatures = [
        words.sign_acceptance(running.exchange, CIPHERTEXT_HASH, signer_of(owner), wallet)
        for running in (first, second)
    ]

    escrow.accept(*first.delivery(), wallet, signatures[0], {"from": relayer})
    wallet.setOwner(unused_account(), {"from": owner})

    message = {"exchange": second.id, "ciphertextHash": CIPHERTEXT_HASH, "signer": wallet.address}
    with reverts_with("FeeEscrowSignatureInvalid", wallet, words.exchanges.digest("Acceptance", message)):
        escrow.accept.call(*second.delivery(), wallet, signatures[1], {"from": relayer})


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_h087_credits_five_shares_when_the_parties_are_no_longer_active(
    escrow, actors, consumer, relayer, run_delivered, signed, credited, bring_to, standing
):
    running = run_delivered()
    for role in ("consumer", "provider", "coordinator", "channel_partner"):
        bring_to(actors[role], standing)

    escrow.accept(*running.delivery(), consumer, signed(running), {"from": relayer})

    assert credited(escrow) == running.exchange.shares.split(running.fee)


def test_h086_credits_five_shares_when_the_consent_was_withdrawn_after_delivery(
    system, escrow, words, consumer, relayer, run_delivered, credited
):
    running = run_delivered()
    given = running.funded.given
    withdrawal = words.sign_withdrawal(given)
    system.consents.withdraw(given.sealed.arguments(), running.exchange.arguments(), withdrawal, {"from": relayer})

    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    assert credited(escrow) == running.exchange.shares.split(running.fee)


def test_credits_five_shares_when_the_challenge_window_is_over(escrow, consumer, run_delivered, credited, travel_to):
    running = run_delivered()
    travel_to(running.challenge_until + 1)

    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    assert credited(escrow) == running.exchange.shares.split(running.fee)


def test_credits_five_shares_when_another_escrow_has_taken_this_ones_place(
    hostile_contracts, system, escrow, council, consumer, run_delivered, credited
):
    running = run_delivered()
    system.consents.addEscrow(hostile_contracts.escrow, {"from": council})

    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    assert credited(escrow) == running.exchange.shares.split(running.fee)


def test_h115_credits_five_shares_when_funding_is_paused(system, escrow, guardian, consumer, run_delivered, credited):
    running = run_delivered()
    system.consents.pauseUses({"from": guardian})

    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    assert credited(escrow) == running.exchange.shares.split(running.fee)


def test_adds_both_shares_when_the_coordinator_is_the_provider(
    system, escrow, consumer, provider, council, run_ordered
):
    system.identities.setRoles(provider, PROVIDER | COORDINATOR, {"from": council})
    running = run_ordered(coordinator=provider)

    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    assert escrow.earnedOf(provider) == 2_400_000 + 600_000


def test_adds_up_the_hosts_shares_when_several_coordinators_brought_them(
    escrow, consumer, coordinator, participant_in, run_ordered
):
    other = participant_in("active", COORDINATOR)
    for number, one in enumerate((coordinator, other, coordinator), 1):
        running = run_ordered(coordinator=one)
        escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})
        assert escrow.hostsAccrued() == number * 600_000

    assert (escrow.earnedOf(coordinator), escrow.earnedOf(other)) == (1_200_000, 600_000)


def test_counts_the_hosts_shares_once_when_a_coordinator_took_all_there_was(
    system, escrow, council, consumer, coordinator, host, run_ordered
):
    system.host_rewards.resign(host, {"from": host})
    running = run_ordered()
    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})
    escrow.withdrawEarned(coordinator, {"from": coordinator})
    system.host_rewards.setWeight(host, 1, {"from": council})
    for number in (1, 2):
        running = run_ordered()
        escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})
        assert escrow.hostsAccrued() == number * 600_000

    escrow.withdrawEarned(coordinator, {"from": coordinator})

    assert (escrow.earnedOf(coordinator), escrow.hostsAccrued()) == (0, 1_200_000)


def test_gives_the_provider_what_nobody_takes_when_shares_are_missing(
    system, escrow, consumer, host, publish, run_ordered, credited
):
    system.host_rewards.resign(host, {"from": host})
    version = publish(consumer_recruiter_sunset_seconds=0)
    running = run_ordered(schedule_version=version)

    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    assert credited(escrow) == Shares(3_200_000, 600_000, 0, 0, 200_000)


def test_a15_credits_what_was_fixed_at_funding_when_the_schedule_changes(
    escrow, consumer, run_delivered, publish, credited
):
    running = run_delivered()
    publish(price=1, shares=Shares(10_000, 0, 0, 0, 0), consumer_recruiter_sunset_seconds=0)

    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    assert credited(escrow) == Shares(2_400_000, 600_000, 600_000, 200_000, 200_000)


def test_h096_credits_what_was_fixed_at_funding_when_the_hosts_leave_meanwhile(
    system, escrow, consumer, host, run_delivered, credited
):
    running = run_delivered()
    system.host_rewards.resign(host, {"from": host})

    escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    assert credited(escrow).hosts == 600_000
    assert system.host_rewards.undivided() == 600_000


@pytest.mark.parametrize("fee", [1, 7, 9_999, 19_999, MOST])
def test_h092_gives_the_provider_the_dust_when_the_shares_do_not_divide(
    hostile_network, run_in, publish, consumer, credited, fee
):
    shares = Shares(3_333, 1_667, 1_667, 1_667, 1_666)
    running = run_in(hostile_network, fee=fee, schedule_version=publish(price=fee, shares=shares))

    hostile_network.escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    parts = credited(hostile_network.escrow)
    whole = parts.provider + parts.coordinator + parts.hosts + parts.consumer_recruiter + parts.provider_recruiter
    assert whole == fee
    assert parts.coordinator == parts.hosts == parts.consumer_recruiter == fee * 1_667 // 10_000
    assert parts.provider_recruiter == fee * 1_666 // 10_000
    assert 0 <= parts.provider - fee * 3_333 // 10_000 < 5


@pytest.mark.parametrize("decimals", [0, 6, 18, 24])
def test_h089_credits_the_same_units_when_the_token_has_other_decimals(
    deploy_over_hostile_token, system, council, run_in, consumer, credited, decimals
):
    network = deploy_over_hostile_token(decimals)
    system.consents.addEscrow(network.escrow, {"from": council})
    running = run_in(network)

    network.escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})

    assert network.token.decimals() == decimals
    assert credited(network.escrow) == Shares(2_400_000, 600_000, 600_000, 200_000, 200_000)


def test_h095_takes_less_than_a_tenth_of_a_block_when_every_share_is_new(
    escrow, consumer, relayer, run_delivered, signed, chain
):
    running = run_delivered()

    tx = escrow.accept(*running.delivery(), consumer, signed(running), {"from": relayer})

    assert tx.gas_used < chain[-1].gasLimit // 10


def test_h001_reverts_when_it_is_accepted_twice(
    escrow, consumer, relayer, run_delivered, signed, credited, reverts_with
):
    running = run_delivered()
    arguments = (*running.delivery(), consumer, signed(running))
    escrow.accept(*arguments, {"from": relayer})

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.NONE):  # it left no slot
        escrow.accept(*arguments, {"from": relayer})

    assert credited(escrow) == running.exchange.shares.split(running.fee)


def test_reverts_when_nothing_was_delivered(escrow, consumer, run_funded, reverts_with):
    running = run_funded()

    with reverts_with("FeeEscrowStateInvalid", running.id, ExchangeState.FUNDED):
        escrow.accept.call(*running.delivery(), consumer, b"", {"from": consumer})


def test_reverts_when_the_caller_is_another_party(escrow, actors, run_delivered, reverts_with):
    running = run_delivered()

    for role in ("provider", "coordinator", "channel_partner", "founder", "stranger"):
        caller = actors[role]
        with reverts_with("IdentityRegistryNotActor", running.exchange.consumer, b"exchange", caller):
            escrow.accept.call(*running.delivery(), caller, b"", {"from": caller})


def test_reverts_when_the_signer_is_a_delegate_of_another_kind(
    escrow, consumer, run_delivered, delegates_of, reverts_with
):
    running = run_delivered()
    delegates = delegates_of(consumer)

    for kind in ("delivery", "deposit", "sigAuth"):
        delegate = delegates[kind]
        with reverts_with("IdentityRegistryNotActor", consumer, b"exchange", delegate):
            escrow.accept.call(*running.delivery(), delegate, b"", {"from": delegate})


def test_reverts_when_the_signature_is_for_another_exchange(
    escrow, words, consumer, relayer, run_delivered, signed, message_of, reverts_with
):
    running, other = run_delivered(), run_delivered()

    with reverts_with("FeeEscrowSignatureInvalid", consumer, words.exchanges.digest("Acceptance", message_of(running))):
        escrow.accept.call(*running.delivery(), consumer, signed(other), {"from": relayer})


def test_reverts_when_the_consumer_accepted_another_ciphertext(
    escrow, words, consumer, relayer, run_delivered, signer_of, message_of, reverts_with
):
    running = run_delivered()
    signature = words.sign_acceptance(running.exchange, keccak(text="another ciphertext"), signer_of(consumer))

    with reverts_with("FeeEscrowSignatureInvalid", consumer, words.exchanges.digest("Acceptance", message_of(running))):
        escrow.accept.call(*running.delivery(), consumer, signature, {"from": relayer})


def test_h005_h006_h007_reverts_when_the_signature_is_malformed(
    escrow, words, consumer, relayer, run_delivered, signed, message_of, malformed, reverts_with
):
    running = run_delivered()
    digest = words.exchanges.digest("Acceptance", message_of(running))

    for wrong in malformed(signed(running)).values():
        with reverts_with("FeeEscrowSignatureInvalid", consumer, digest):
            escrow.accept.call(*running.delivery(), consumer, wrong, {"from": relayer})


@pytest.mark.parametrize("difference", ["contract", "chain_id"])
def test_h002_h003_reverts_when_signed_for_another_escrow_or_chain(
    system, escrow, words, consumer, relayer, run_delivered, signer_of, message_of, reverts_with, difference
):
    running = run_delivered()
    elsewhere = {"contract": system.consents.address, "chain_id": words.exchanges.chain_id + 1}[difference]
    domain = replace(words.exchanges, **{difference: elsewhere})
    signature = domain.sign(signer_of(consumer), "Acceptance", message_of(running))

    with reverts_with("FeeEscrowSignatureInvalid", consumer, words.exchanges.digest("Acceptance", message_of(running))):
        escrow.accept.call(*running.delivery(), consumer, signature, {"from": relayer})


def test_h018_reverts_when_the_exchange_is_described_otherwise(
    escrow, consumer, relayer, run_delivered, signed, altered, reverts_with
):
    running = run_delivered()
    _, *delivery = running.delivery()

    for field in ("consumer", "provider", "coordinator", "fee", "shares"):
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            description = altered(running, field, is_delivered=True)
            escrow.accept.call(description, *delivery, consumer, signed(running), {"from": relayer})


def test_reverts_when_the_delivery_is_described_otherwise(escrow, consumer, run_delivered, reverts_with):
    running = run_delivered()
    exchange, delivered_at = running.delivery()
    other = running.exchange.arguments(Delivery(keccak(text="another ciphertext"), delivered_at))

    for delivery in ((other, delivered_at), (exchange, delivered_at + 1), (*running.description(), delivered_at)):
        with reverts_with("FeeEscrowExchangeMismatch", running.id):
            escrow.accept.call(*delivery, consumer, b"", {"from": consumer})

"""FeeEscrow.fund: one use of a consent, one fee set aside, on the consumer's word and at the schedule's price."""

from dataclasses import replace

import brownie
import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.exchanges import ExchangeState, Shares
from tests.helpers.blocks import mine_together, raise_if_refused
from tests.helpers.exchanges import EXCHANGE_TYPES, NO_EXCHANGE, funded_in
from tests.helpers.network import CHANNEL_PARTNER, CONSUMER, COORDINATOR, HOST, NOBODY, PROVIDER, REGULATOR
from tests.helpers.running import CIPHERTEXT_HASH

MOST = 2**104 - 1
DAY_SECONDS = 86_400
NOT_ACTIVE = {
    "consumer": "ConsentTokenConsumerNotActive",
    "provider": "ConsentTokenProviderNotActive",
    "coordinator": "FeeEscrowCoordinatorInvalid",
}
ERC_6492_SUFFIX = bytes.fromhex("6492" * 16)


@pytest.fixture
def found_alone(system, council, participant_in, schema, purpose, chain):
    """Active consumer and provider that nobody recruited, accredited as the others are."""
    participant = participant_in("active", CONSUMER | PROVIDER)
    expires_at = chain[-1].timestamp + 86_400
    system.schemas.accreditConsumer(schema, purpose, participant, expires_at, {"from": council})
    system.schemas.accreditProvider(schema, participant, Assurance.HIGH, expires_at, {"from": council})
    return participant


def test_sets_the_fee_aside_when_the_order_is_relayed(
    system, escrow, consumer, provider, coordinator, relayer, schema, purpose, prepared
):
    given, order, arguments = prepared()

    tx = escrow.fund(*arguments, {"from": relayer})

    exchange = funded_in(tx)
    assert exchange.consent == given.id
    assert exchange.use == 1
    assert (exchange.consumer, exchange.provider, exchange.coordinator) == (consumer, provider, coordinator)
    assert (exchange.recipient_key_hash, exchange.fee) == (order.recipient_key_hash, order.fee)
    assert exchange.shares == Shares(6_000, 1_500, 1_500, 500, 500)
    assert (exchange.deliver_by, exchange.challenge_seconds) == (order.deliver_by, order.challenge_seconds)
    event = tx.events["ExchangeFunded"]
    assert event["exchangeId"] == tx.return_value == "0x" + exchange.id.hex()
    assert (event["schema"], event["purpose"]) == ("0x" + schema.hex(), "0x" + purpose.hex())
    assert (event["assurance"], event["scheduleVersion"]) == (3, 1)

    described = keccak(encode(EXCHANGE_TYPES, exchange.arguments()))
    assert escrow.hashExchange(exchange.arguments()) == "0x" + described.hex()
    assert escrow.slotOf(exchange.id) == "0x" + (described[:31] + bytes([ExchangeState.FUNDED])).hex()
    assert tuple(escrow.stateOf(exchange.consent, exchange.use)) == (ExchangeState.FUNDED, 0)
    assert escrow.isFunded(exchange.id)
    assert tuple(escrow.prepaidOf(consumer)) == (0, 0)
    assert system.credit.balanceOf(escrow) == order.fee
    assert tuple(system.consents.stateOf(given.id)) == ("0x" + "00" * 20, 1, escrow, 0)


# ---------------------------------------------------------------- whose word


def test_sets_the_fee_aside_when_the_consumer_calls(escrow, consumer, prepared):
    _, order, (opened, plain, consent_signature, _) = prepared()

    tx = escrow.fund(opened, plain, consent_signature, b"", {"from": consumer})

    assert funded_in(tx).fee == order.fee


def test_sets_the_fee_aside_when_the_delegate_calls(escrow, consumer, prepared, delegates_of):
    delegate = delegates_of(consumer)["exchange"]
    _, _, (opened, plain, consent_signature, _) = prepared(signer=delegate)

    tx = escrow.fund(opened, plain, consent_signature, b"", {"from": delegate})

    assert funded_in(tx).consumer == consumer


def test_sets_the_fee_aside_when_the_delegate_signed(
    escrow, words, consumer, relayer, prepared, delegates_of, signer_of
):
    delegate = delegates_of(consumer)["exchange"]
    given, order, (opened, plain, consent_signature, _) = prepared(signer=delegate)
    signature = words.sign_order(order, given, signer_of(delegate))

    tx = escrow.fund(opened, plain, consent_signature, signature, {"from": relayer})

    assert funded_in(tx).consumer == consumer


def test_sets_the_fee_aside_when_no_signer_is_named(
    escrow, consumer, relayer, prepared, ordered, rotate_owner, reverts_with
):
    _, _, (opened, plain, consent_signature, signature) = prepared()

    tx = escrow.fund(opened, (*plain[:-1], NOBODY), consent_signature, signature, {"from": relayer})

    assert funded_in(tx).consumer == consumer
    _, _, (opened, plain, consent_signature, signature) = ordered()
    rotate_owner(consumer)
    with reverts_with("IdentityRegistryNotActor", consumer, b"exchange", consumer):
        escrow.fund.call(opened, (*plain[:-1], NOBODY), consent_signature, signature, {"from": relayer})


def test_sets_the_fee_aside_when_the_new_owner_signed(
    escrow, words, consumer, relayer, prepared, ordered, rotate_owner, signer_of, reverts_with
):
    _, _, by_former_owner = prepared()
    owner = rotate_owner(consumer)
    given, order, (opened, plain, consent_signature, _) = ordered(signer=owner)
    signature = words.sign_order(order, given, signer_of(owner))

    with reverts_with("IdentityRegistryNotActor", consumer, b"exchange", consumer):
        escrow.fund(*by_former_owner, {"from": relayer})
    tx = escrow.fund(opened, plain, consent_signature, signature, {"from": relayer})

    assert funded_in(tx).consumer == consumer


def test_sets_the_fee_aside_when_the_owner_is_a_contract_that_answers_for_it(
    escrow, words, consumer, relayer, prepay, ordered, wallet_for, signer_of
):
    prepay(consumer, words.fee)
    wallet, owner = wallet_for(consumer)
    given, order, (opened, plain, consent_signature, _) = ordered(signer=wallet)
    signature = words.sign_order(order, given, signer_of(owner))

    tx = escrow.fund(opened, plain, consent_signature, signature, {"from": relayer})

    assert funded_in(tx).consumer == consumer


def test_h021_reverts_when_the_contract_no_longer_answers_for_the_signature(
    escrow, words, consumer, relayer, ordered, wallet_for, signer_of, unused_account, reverts_with
):
    wallet, owner = wallet_for(consumer)
    given, order, (opened, plain, consent_signature, _) = ordered(signer=wallet)
    signature = words.sign_order(order, given, signer_of(owner))
    wallet.setOwner(unused_account(), {"from": owner})

    digest = words.exchanges.digest("Order", order.message(given.id, 1))
    with reverts_with("FeeEscrowSignatureInvalid", wallet, digest):
        escrow.fund.call(opened, plain, consent_signature, signature, {"from": relayer})


def test_h025_reverts_when_the_signing_contract_is_not_deployed(
    system, escrow, words, consumer, relayer, ordered, unused_account, signer_of, reverts_with
):
    owner, nowhere = unused_account(), "0x" + "c0" * 20
    system.identities.changeOwner(consumer, nowhere, {"from": consumer})
    given, order, (opened, plain, consent_signature, _) = ordered(signer=nowhere)
    inner = words.sign_order(order, given, signer_of(owner))
    wrapped = encode(["address", "bytes", "bytes"], [consumer.address, b"", inner]) + ERC_6492_SUFFIX

    digest = words.exchanges.digest("Order", order.message(given.id, 1))
    for signature in (inner, wrapped):
        with reverts_with("FeeEscrowSignatureInvalid", nowhere, digest):
            escrow.fund.call(opened, plain, consent_signature, signature, {"from": relayer})


def test_reverts_when_the_signer_is_a_delegate_of_another_kind(escrow, consumer, prepared, delegates_of, reverts_with):
    delegates = delegates_of(consumer)

    for kind in ("delivery", "deposit", "sigAuth"):
        delegate = delegates[kind]
        _, _, (opened, plain, consent_signature, _) = prepared(signer=delegate)
        with reverts_with("IdentityRegistryNotActor", consumer, b"exchange", delegate):
            escrow.fund.call(opened, plain, consent_signature, b"", {"from": delegate})


def test_reverts_when_the_identity_is_deactivated(system, escrow, consumer, prepared, reverts_with):
    _, _, arguments = prepared()
    system.identities.deactivate(consumer, {"from": consumer})

    with reverts_with("IdentityRegistryNotActor", consumer, b"exchange", consumer):
        escrow.fund.call(*arguments, {"from": consumer})


def test_reverts_when_a_stranger_orders_in_the_consumers_name(
    escrow, words, consumer, stranger, prepared, signer_of, reverts_with
):
    given, order, (opened, plain, consent_signature, _) = prepared(signer=stranger)
    signature = words.sign_order(order, given, signer_of(stranger))

    with reverts_with("IdentityRegistryNotActor", consumer, b"exchange", stranger):
        escrow.fund.call(opened, plain, consent_signature, signature, {"from": stranger})


def test_h005_h006_h007_reverts_when_the_orders_signature_is_malformed(
    escrow, words, consumer, relayer, prepared, malformed, reverts_with
):
    given, order, (opened, plain, consent_signature, signature) = prepared()
    digest = words.exchanges.digest("Order", order.message(given.id, 1))

    for wrong in malformed(signature).values():
        with reverts_with("FeeEscrowSignatureInvalid", consumer, digest):
            escrow.fund.call(opened, plain, consent_signature, wrong, {"from": relayer})


def test_h002_reverts_when_the_order_was_signed_for_another_escrow(
    hostile_network, words, prepay_in, consumer, relayer, fresh_subject, signer_of, reverts_with
):
    given, order = words.give(fresh_subject()), words.order()
    signature = words.sign_order(order, given, signer_of(consumer))
    prepay_in(hostile_network, consumer, order.fee)

    here = hostile_network.words.exchanges.digest("Order", order.message(given.id, 1))
    with reverts_with("FeeEscrowSignatureInvalid", consumer, here):
        hostile_network.escrow.fund.call(
            given.opened.arguments(), order.arguments(), given.signature, signature, {"from": relayer}
        )


def test_h003_reverts_when_the_order_was_signed_for_another_chain(
    escrow, words, consumer, relayer, prepared, signer_of, reverts_with
):
    given, order, (opened, plain, consent_signature, _) = prepared()
    fork = replace(words.exchanges, chain_id=words.exchanges.chain_id + 1)
    signature = fork.sign(signer_of(consumer), "Order", order.message(given.id, 1))

    digest = words.exchanges.digest("Order", order.message(given.id, 1))
    with reverts_with("FeeEscrowSignatureInvalid", consumer, digest):
        escrow.fund.call(opened, plain, consent_signature, signature, {"from": relayer})


def test_h018_reverts_when_the_relayer_changes_the_order(
    escrow, words, consumer, relayer, prepared, participant_in, reverts_with
):
    given, order, (opened, _, consent_signature, signature) = prepared()

    for changed in (
        replace(order, coordinator=participant_in("active", COORDINATOR).address),
        replace(order, recipient_key_hash=keccak(text="the relayer's key")),
        replace(order, schedule_version=order.schedule_version + 1),
        replace(order, fee=order.fee + 1),
        replace(order, fund_by=order.fund_by + 1),
        replace(order, deliver_by=order.deliver_by + 1),
        replace(order, challenge_seconds=order.challenge_seconds + 1),
    ):
        digest = words.exchanges.digest("Order", changed.message(given.id, 1))
        with reverts_with("FeeEscrowSignatureInvalid", consumer, digest):
            escrow.fund.call(opened, changed.arguments(), consent_signature, signature, {"from": relayer})


# ---------------------------------------------------------------- uses of the consent


def test_sets_the_fee_aside_when_the_consent_was_granted(system, escrow, relayer, prepared):
    given, _, (opened, plain, _, signature) = prepared()
    system.consents.grant(given.sealed.arguments(), given.signature, {"from": relayer})

    tx = escrow.fund(opened, plain, b"", signature, {"from": relayer})

    assert funded_in(tx).consent == given.id
    assert tuple(system.consents.stateOf(given.id))[:2] == (given.opened.subject, 1)


def test_h062_reverts_when_a_single_use_is_taken_twice(
    escrow, consumer, provider, relayer, prepay, prepared, reverts_with
):
    given, order, arguments = prepared()
    prepay(consumer, order.fee)
    exchange = funded_in(escrow.fund(*arguments, {"from": relayer}))

    with reverts_with("ConsentTokenExhausted", given.id, 1):
        escrow.fund(*arguments, {"from": relayer})
    escrow.decline(exchange.arguments(), bytes(32), provider, b"", {"from": provider})
    with reverts_with("ConsentTokenExhausted", given.id, 1):
        escrow.fund(*arguments, {"from": relayer})

    assert escrow.prepaidOf(consumer)[0] == 2 * order.fee


def test_h062_takes_one_use_when_two_orders_for_it_stand_in_one_block(
    escrow, consumer, relayer, stranger, prepared, reverts_with
):
    given, order, arguments = prepared()
    _, _, others = prepared(given)

    first, second = mine_together((relayer, escrow.fund, arguments), (stranger, escrow.fund, others))

    assert first.status == 1
    with reverts_with("ConsentTokenExhausted", given.id, 1):
        raise_if_refused(second)
    assert escrow.prepaidOf(consumer)[0] == order.fee


def test_h001_reverts_when_the_first_uses_order_is_brought_for_the_second(
    escrow, words, consumer, provider, relayer, fresh_subject, prepared, prepay, reverts_with
):
    given, order, arguments = prepared(words.give(fresh_subject(), max_uses=2))
    prepay(consumer, order.fee)
    exchange = funded_in(escrow.fund(*arguments, {"from": relayer}))
    escrow.deliver(exchange.arguments(), CIPHERTEXT_HASH, provider, b"", {"from": provider})

    digest = words.exchanges.digest("Order", order.message(given.id, 2))
    with reverts_with("FeeEscrowSignatureInvalid", consumer, digest):
        escrow.fund.call(*arguments, {"from": relayer})


def test_takes_the_second_use_when_the_first_is_delivered(
    escrow, words, provider, relayer, fresh_subject, prepared, reverts_with
):
    given, _, arguments = prepared(words.give(fresh_subject(), max_uses=2))
    exchange = funded_in(escrow.fund(*arguments, {"from": relayer}))
    _, _, again = prepared(given, use=2)

    with reverts_with("ConsentTokenExchangeOpen", given.id, 1):
        escrow.fund(*again, {"from": relayer})
    escrow.deliver(exchange.arguments(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    second = funded_in(escrow.fund(*again, {"from": relayer}))

    assert (second.consent, second.use) == (given.id, 2)
    assert second.id != exchange.id
    assert escrow.stateOf(second.consent, second.use)[0] == ExchangeState.FUNDED


def test_h057_reverts_when_the_consent_is_for_something_else(
    escrow, words, relayer, prepared, participant_in, reverts_with
):
    given, _, (_, plain, consent_signature, signature) = prepared()
    opened = given.opened

    for changed in (
        replace(opened, consumer=participant_in("active", CONSUMER).address),
        replace(opened, provider=participant_in("active", PROVIDER).address),
        replace(opened, schema=keccak(text="another schema")),
        replace(opened, purpose=keccak(text="another purpose")),
        replace(opened, assurance=Assurance.SUBSTANTIAL),
        replace(opened, terms=keccak(text="other terms")),
        replace(opened, valid_until=opened.valid_until + 1),
        replace(opened, max_uses=2),
        replace(opened, nonce=opened.nonce + 1),
    ):
        digest = changed.sealed().id(words.consents)
        with reverts_with("ConsentTokenSignatureInvalid", digest, changed.subject):
            escrow.fund.call(changed.arguments(), plain, consent_signature, signature, {"from": relayer})


def test_reverts_when_the_consent_was_withdrawn(system, escrow, words, relayer, prepared, reverts_with):
    given, _, arguments = prepared()
    withdrawal = words.sign_withdrawal(given)
    tx = system.consents.withdraw(given.sealed.arguments(), NO_EXCHANGE, withdrawal, {"from": relayer})

    with reverts_with("ConsentTokenWithdrawn", given.id, tx.timestamp):
        escrow.fund.call(*arguments, {"from": relayer})


# ---------------------------------------------------------------- the parties


@pytest.mark.parametrize("standing", ["suspended", "removed"])
@pytest.mark.parametrize("role", ["consumer", "provider", "coordinator"])
def test_h030_reverts_when_a_party_is_not_active(
    escrow, actors, relayer, prepared, bring_to, reverts_with, role, standing
):
    _, _, arguments = prepared()
    bring_to(actors[role], standing)

    with reverts_with(NOT_ACTIVE[role], actors[role]):
        escrow.fund.call(*arguments, {"from": relayer})


@pytest.mark.parametrize("role", ["consumer", "provider", "coordinator"])
def test_h030_reverts_when_a_party_was_never_registered(
    escrow, words, actors, relayer, prepared, participant_in, fresh_subject, signer_of, reverts_with, role
):
    nobody = participant_in("never_registered", 0)
    if role == "coordinator":
        _, _, arguments = prepared(coordinator=nobody)
    else:
        signer = nobody if role == "consumer" else actors["consumer"]
        given, order = words.give(fresh_subject(), **{role: nobody}), words.order(signer)
        signature = words.sign_order(order, given, signer_of(signer))
        arguments = (given.opened.arguments(), order.arguments(), given.signature, signature)

    with reverts_with(NOT_ACTIVE[role], nobody):
        escrow.fund.call(*arguments, {"from": relayer})


@pytest.mark.parametrize(
    ("role", "missing"), [("consumer", CONSUMER), ("provider", PROVIDER), ("coordinator", COORDINATOR)]
)
def test_reverts_when_a_party_does_not_hold_the_role(
    system, escrow, actors, council, relayer, ordered, reverts_with, role, missing
):
    everything_else = (CONSUMER | PROVIDER | COORDINATOR | HOST | CHANNEL_PARTNER | REGULATOR) & ~missing
    _, _, arguments = ordered()
    system.identities.setRoles(actors[role], everything_else, {"from": council})

    with reverts_with(NOT_ACTIVE[role], actors[role]):
        escrow.fund.call(*arguments, {"from": relayer})


def test_h031_decides_by_their_order_when_suspended_in_the_same_block(
    system, escrow, consumer, council, relayer, prepared, bring_to, reverts_with
):
    _, _, before = prepared()
    _, _, after = prepared()
    suspend = (council, system.identities.suspend, [consumer])

    first, _ = mine_together((relayer, escrow.fund, before), suspend)
    assert first.status == 1
    bring_to(consumer, "active")

    _, second = mine_together(suspend, (relayer, escrow.fund, after))
    with reverts_with("ConsentTokenConsumerNotActive", consumer):
        raise_if_refused(second)


def test_reverts_when_consumer_and_provider_are_the_same(
    system, escrow, words, consumer, council, relayer, fresh_subject, prepared, reverts_with
):
    system.identities.setRoles(consumer, CONSUMER | PROVIDER, {"from": council})
    _, _, arguments = prepared(words.give(fresh_subject(), provider=consumer))

    with reverts_with("ConsentTokenSameParty", consumer):
        escrow.fund.call(*arguments, {"from": relayer})


def test_reverts_when_the_coordinator_is_the_consumer(
    system, escrow, consumer, council, relayer, prepared, reverts_with
):
    system.identities.setRoles(consumer, CONSUMER | COORDINATOR, {"from": council})
    _, _, arguments = prepared(coordinator=consumer)

    with reverts_with("FeeEscrowCoordinatorInvalid", consumer):
        escrow.fund.call(*arguments, {"from": relayer})


def test_sets_the_fee_aside_when_the_coordinator_is_the_provider(system, escrow, provider, council, relayer, prepared):
    system.identities.setRoles(provider, PROVIDER | COORDINATOR, {"from": council})
    _, _, arguments = prepared(coordinator=provider)

    exchange = funded_in(escrow.fund(*arguments, {"from": relayer}))

    assert exchange.coordinator == exchange.provider == provider


# ---------------------------------------------------------------- deadlines and key of the order


def test_h014_sets_the_fee_aside_when_every_deadline_is_at_its_edge(
    system, escrow, relayer, prepared, soon, travel_to
):
    spans = system.parameters.exchange
    _, _, latest = prepared(
        fund_by=soon + spans.order_life_seconds,
        deliver_by=soon + spans.delivery_seconds,
        challenge_seconds=spans.longest_challenge_seconds,
    )
    _, _, earliest = prepared(
        fund_by=soon + 1, deliver_by=soon + 2, challenge_seconds=spans.shortest_challenge_seconds
    )

    travel_to(soon)
    assert escrow.fund(*latest, {"from": relayer}).timestamp == soon
    travel_to(soon + 1)
    assert escrow.fund(*earliest, {"from": relayer}).timestamp == soon + 1


def test_h014_reverts_when_the_order_has_expired(escrow, relayer, prepared, soon, travel_to, reverts_with):
    _, _, arguments = prepared(fund_by=soon - 1)
    travel_to(soon)

    with reverts_with("FeeEscrowOrderExpired", soon - 1):
        escrow.fund(*arguments, {"from": relayer})


@pytest.mark.parametrize("excess", [1, None])
def test_h014_reverts_when_the_order_lives_too_long(
    system, escrow, relayer, prepared, soon, travel_to, reverts_with, excess
):
    latest = soon + system.parameters.exchange.order_life_seconds
    fund_by = 2**48 - 1 if excess is None else latest + excess
    _, _, arguments = prepared(fund_by=fund_by)
    travel_to(soon)

    with reverts_with("FeeEscrowOrderTooLong", fund_by, latest):
        escrow.fund(*arguments, {"from": relayer})


def test_reverts_when_nothing_can_be_delivered_in_time(escrow, relayer, prepared, soon, travel_to, reverts_with):
    _, _, arguments = prepared(deliver_by=soon)
    travel_to(soon)

    with reverts_with("FeeEscrowDeliveryDeadlineInvalid", soon):
        escrow.fund(*arguments, {"from": relayer})


def test_reverts_when_the_delivery_deadline_is_too_far(
    system, escrow, relayer, prepared, soon, travel_to, reverts_with
):
    latest = soon + system.parameters.exchange.delivery_seconds
    _, _, arguments = prepared(deliver_by=latest + 1)
    travel_to(soon)

    with reverts_with("FeeEscrowOrderTooLong", latest + 1, latest):
        escrow.fund(*arguments, {"from": relayer})


@pytest.mark.parametrize(("bound", "step"), [("shortest_challenge_seconds", -1), ("longest_challenge_seconds", 1)])
def test_reverts_when_the_challenge_window_is_out_of_bounds(
    system, escrow, relayer, prepared, reverts_with, bound, step
):
    spans = system.parameters.exchange
    seconds = getattr(spans, bound) + step
    _, _, arguments = prepared(challenge_seconds=seconds)

    shortest, longest = spans.shortest_challenge_seconds, spans.longest_challenge_seconds
    with reverts_with("FeeEscrowChallengeInvalid", seconds, shortest, longest):
        escrow.fund.call(*arguments, {"from": relayer})


def test_reverts_when_no_key_is_named(escrow, relayer, prepared, reverts_with):
    _, _, arguments = prepared(recipient_key_hash=bytes(32))

    with reverts_with("FeeEscrowRecipientKeyMissing"):
        escrow.fund.call(*arguments, {"from": relayer})


# ---------------------------------------------------------------- the fee


def test_h070_reverts_when_the_order_names_another_fee(escrow, words, relayer, ordered, reverts_with):
    for fee in (0, 1, words.fee + 1, 2**104, 2**256 - 1):
        _, _, arguments = ordered(fee=fee)
        with reverts_with("FeeEscrowFeeMismatch", fee, words.fee):
            escrow.fund.call(*arguments, {"from": relayer})


@pytest.mark.parametrize("fee", [1, MOST])
def test_h070_sets_the_fee_aside_when_it_is_the_least_or_the_most(
    hostile_network, publish, prepay_in, arguments_in, consumer, relayer, fee
):
    version = publish(price=fee)
    _, _, arguments = arguments_in(hostile_network, fee=fee, schedule_version=version)
    prepay_in(hostile_network, consumer, fee)

    exchange = funded_in(hostile_network.escrow.fund(*arguments, {"from": relayer}))

    assert exchange.fee == fee
    assert hostile_network.escrow.prepaidOf(consumer)[0] == 0


def test_takes_the_hosts_discount_when_the_consumer_is_a_host_too(
    system, escrow, words, consumer, council, relayer, prepared, reverts_with
):
    discounted = words.fee - words.fee * system.parameters.fees.host_discount_bps // 10_000
    _, _, dear = prepared()
    _, _, cheap = prepared(fee=discounted)
    with reverts_with("FeeEscrowFeeMismatch", discounted, words.fee):
        escrow.fund(*cheap, {"from": relayer})
    system.identities.setRoles(consumer, CONSUMER | HOST, {"from": council})

    with reverts_with("FeeEscrowFeeMismatch", words.fee, discounted):
        escrow.fund(*dear, {"from": relayer})
    assert funded_in(escrow.fund(*cheap, {"from": relayer})).fee == discounted < words.fee


@pytest.mark.parametrize("missing", [1, None])
def test_reverts_when_too_little_is_prepaid(escrow, consumer, relayer, prepay, ordered, reverts_with, missing):
    _, order, arguments = ordered()
    prepaid = 0 if missing is None else order.fee - missing
    if prepaid:
        prepay(consumer, prepaid)

    with reverts_with("FeeEscrowPrepaidTooLow", consumer, prepaid, order.fee):
        escrow.fund.call(*arguments, {"from": relayer})


def test_sets_the_fee_aside_when_the_superseded_version_is_in_its_life(
    system, escrow, words, relayer, prepared, publish, mine_at, travel_to, reverts_with
):
    publish(price=1)
    good_until = system.schedule.versionOf(1)[5] + system.parameters.exchange.order_life_seconds
    mine_at(good_until - 600)
    _, order, in_time = prepared(fund_by=good_until + 60, deliver_by=good_until + 3_600)
    _, _, too_late = prepared(fund_by=good_until + 60, deliver_by=good_until + 3_600)

    travel_to(good_until)
    exchange = funded_in(escrow.fund(*in_time, {"from": relayer}))
    travel_to(good_until + 1)
    with reverts_with("FeeScheduleVersionSuperseded", 1, good_until):
        escrow.fund(*too_late, {"from": relayer})

    assert exchange.fee == order.fee == words.fee


def test_reverts_when_the_version_is_unknown(escrow, relayer, prepared, reverts_with):
    _, _, arguments = prepared(schedule_version=2)

    with reverts_with("FeeScheduleVersionUnknown", 2):
        escrow.fund.call(*arguments, {"from": relayer})


@pytest.mark.parametrize("recruiter", ["consumer", "provider"])
def test_gives_the_provider_the_recruiters_share_when_nobody_recruited(
    escrow, words, actors, relayer, prepay, found_alone, fresh_subject, signer_of, recruiter
):
    parties = {**actors, recruiter: found_alone}
    consumer, provider = parties["consumer"], parties["provider"]
    given = words.give(fresh_subject(), consumer=consumer, provider=provider)
    order = words.order(consumer)
    prepay(consumer, order.fee)
    signature = words.sign_order(order, given, signer_of(consumer))

    tx = escrow.fund(given.opened.arguments(), order.arguments(), given.signature, signature, {"from": relayer})

    assert funded_in(tx).shares == {
        "consumer": Shares(6_500, 1_500, 1_500, 0, 500),
        "provider": Shares(6_500, 1_500, 1_500, 500, 0),
    }[recruiter]


def test_gives_the_provider_the_hosts_share_when_no_host_has_weight(system, escrow, host, relayer, prepared):
    system.host_rewards.resign(host, {"from": host})
    _, _, arguments = prepared()

    exchange = funded_in(escrow.fund(*arguments, {"from": relayer}))

    assert exchange.shares == Shares(7_500, 1_500, 0, 500, 500)


def test_gives_the_provider_the_recruiters_share_when_its_sunset_is_reached(
    system, escrow, consumer, relayer, prepared, publish, mine_at, travel_to
):
    admitted_at = system.identities.participantOf(consumer).dict()["admittedAt"]
    days = (brownie.chain[-1].timestamp - admitted_at) // DAY_SECONDS + 1
    version, sunset = publish(consumer_recruiter_sunset_seconds=days * DAY_SECONDS), admitted_at + days * DAY_SECONDS
    mine_at(sunset - 60)
    _, _, before = prepared(schedule_version=version)
    _, _, after = prepared(schedule_version=version)

    travel_to(sunset - 1)
    assert funded_in(escrow.fund(*before, {"from": relayer})).shares == Shares(6_000, 1_500, 1_500, 500, 500)
    travel_to(sunset)
    assert funded_in(escrow.fund(*after, {"from": relayer})).shares == Shares(6_500, 1_500, 1_500, 0, 500)


# ---------------------------------------------------------------- the pause


def test_h115_reverts_until_the_pause_is_over_when_funding_is_paused(
    system, escrow, guardian, relayer, prepared, mine_at, travel_to, reverts_with
):
    until = system.consents.pauseUses({"from": guardian}).events["UsesPaused"]["until"]
    mine_at(until - 600)
    _, _, arguments = prepared(fund_by=until + 60, deliver_by=until + 3_600)

    travel_to(until - 1)
    with reverts_with("ConsentTokenUsesPaused", until):
        escrow.fund(*arguments, {"from": relayer})
    travel_to(until)
    assert funded_in(escrow.fund(*arguments, {"from": relayer}))

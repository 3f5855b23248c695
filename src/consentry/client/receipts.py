"""Receipts: made from a consent and the chain, and checked with nothing but the file and the chain."""

from __future__ import annotations

from dataclasses import dataclass, fields

from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3.types import EventData

from consentry.client.assurance import Assurance
from consentry.client.consents import Consent, ConsentId, GivenConsent, OpenedConsent
from consentry.client.errors import ReceiptRefused, SignatureInvalid
from consentry.client.exchanges import ExchangeId, Exchanges, ExchangeState, RefundCause, SettlementCause
from consentry.client.network import Network
from consentry.client.schemas import identifier_of
from consentry.client.signing import Digest, recover
from consentry.records import (
    Address,
    ChainStep,
    ConsentState,
    ContractAddresses,
    EndCause,
    ExchangeFacts,
    ExchangeOutcome,
    Opening,
    Receipt,
    SignedConsent,
    hex_hash,
    parse_address,
    parse_hex_hash,
    terms_hash,
)

_SETTLED = {
    SettlementCause.ACCEPTED: EndCause.ACCEPTED,
    SettlementCause.CHALLENGE_WINDOW_ENDED: EndCause.CHALLENGE_WINDOW_ENDED,
}
_REFUNDED = {
    RefundCause.DECLINED: EndCause.DECLINED,
    RefundCause.NOT_DELIVERED: EndCause.NOT_DELIVERED,
    RefundCause.CONSENT_WITHDRAWN: EndCause.CONSENT_WITHDRAWN,
}
_OUTCOMES = {
    ExchangeState.FUNDED: ExchangeOutcome.FUNDED,
    ExchangeState.DELIVERED: ExchangeOutcome.DELIVERED,
    ExchangeState.DISPUTED: ExchangeOutcome.DISPUTED,
    ExchangeState.REFUND_DUE: ExchangeOutcome.REFUND_DUE,
    ExchangeState.SETTLED: ExchangeOutcome.SETTLED,
    ExchangeState.REFUNDED: ExchangeOutcome.REFUNDED,
    ExchangeState.RESOLVED: ExchangeOutcome.RESOLVED,
}


@dataclass(frozen=True, slots=True)
class VerifiedReceipt:
    """A receipt that the chain bears out.

    Attributes:
        receipt: The receipt.
        withdrawn_at: When the consent was withdrawn, Unix seconds; None when it was not.
    """

    receipt: Receipt
    withdrawn_at: int | None


async def make_receipt(network: Network, given: GivenConsent, exchange_id: ExchangeId | None) -> Receipt:
    """Make the receipt of a consent and, if it was used, of one exchange.

    Args:
        network: The network.
        given: The consent; whoever holds it may make a receipt.
        exchange_id: The exchange; None for a consent that was not used.

    Raises:
        ReceiptRefused: The chain knows no such exchange, it is about another consent, or record and consent do not
            agree: nobody would believe the receipt.
        ReceiptError: The same, where the file alone shows it.
    """
    sealed = given.opened.sealed()
    consent_id = sealed.id(network.consents.domain)
    state = await network.consents.state_of(consent_id)
    escrow = network.exchanges if exchange_id is None else await network.escrow_of(exchange_id)
    record = given.record
    if state.withdrawn_at is not None:
        record = record.followed_by(
            ConsentState.WITHDRAWN, indicated_at=state.withdrawn_at, indicated_by=record.subject
        )
    receipt = Receipt.build(
        created_at=await network.now(),
        chain_id=network.chain_id,
        contracts=ContractAddresses(
            directory=_address(network.directory),
            consent_token=_address(network.addresses["ConsentToken"]),
            escrow=_address(escrow.contract.address),
            identity_registry=_address(network.addresses["IdentityRegistry"]),
        ),
        record=record,
        consent=_signed_consent(sealed),
        consent_signature="0x" + given.signature.hex(),
        opening=_opening(given.opened),
        exchange=None if exchange_id is None else await _facts(network, escrow, exchange_id, given.opened, consent_id),
    )
    _check_consent(network, receipt, given.opened)
    return receipt


async def verify_receipt(octets: bytes, rpc_url: str) -> VerifiedReceipt:
    """Check a receipt with nothing but its file and a node of its chain.

    The directory that the receipt names is where trust begins: compare it with the one that the network publishes.

    Args:
        octets: The file, byte for byte.
        rpc_url: HTTP URL of a node.

    Raises:
        RecordError: The file is not a receipt: not canonical, changed, or contradicting itself.
        ChainUnreachable: No node answers.
        WrongChain: The node serves another chain, or no network stands at the receipt's directory.
        ReceiptRefused: The chain says something else; the field is named.
    """
    receipt = Receipt.parse(octets)
    async with await Network.connect(
        rpc_url, receipt.contracts.directory, chain_id=receipt.chain_id
    ) as listed:
        return await check_receipt(listed, receipt)


async def check_receipt(listed: Network, receipt: Receipt) -> VerifiedReceipt:
    """Check a receipt against the network that it names.

    Args:
        listed: The network at the receipt's directory, on its chain.
        receipt: The receipt.

    Raises:
        ReceiptRefused: The chain says something else; the field is named.
    """
    stated = {
        "ConsentToken": receipt.contracts.consent_token,
        "FeeEscrow": receipt.contracts.escrow,
        "IdentityRegistry": receipt.contracts.identity_registry,
    }
    for name, address in stated.items():
        if to_checksum_address(address) not in await listed.versions(name):
            raise ReceiptRefused(f"the directory never listed {address} as {name}")
    network = listed.at({name: to_checksum_address(address) for name, address in stated.items()})
    opened = _opened(receipt)
    consent_id = _check_consent(network, receipt, opened)
    state = await network.consents.state_of(consent_id)
    _check_events(receipt, state.withdrawn_at)
    if receipt.exchange is not None:
        await _check_exchange(network, receipt, receipt.exchange, opened, consent_id)
    return VerifiedReceipt(receipt, state.withdrawn_at)


def _check_consent(network: Network, receipt: Receipt, opened: OpenedConsent) -> ConsentId:
    sealed = opened.sealed()
    if _signed_consent(sealed) != receipt.consent:
        raise ReceiptRefused("the opening does not open the consent's commitments")
    consent_id = sealed.id(network.consents.domain)
    try:
        signer = recover(Digest(consent_id), bytes.fromhex(receipt.consent_signature[2:]))
    except SignatureInvalid as cause:
        raise ReceiptRefused(f"the consent is not signed: {cause}") from cause
    if signer != opened.subject:
        raise ReceiptRefused("the consent is not signed by its subject")
    request = receipt.record.request
    agreements = {
        "state": receipt.record.events[0].state is ConsentState.GIVEN,
        "terms": opened.terms == terms_hash(receipt.record.as_signed()),
        "subject": receipt.record.subject == receipt.consent.subject,
        "consumer": request.consumer.did == network.did(opened.consumer),
        "provider": receipt.record.provider.did == network.did(opened.provider),
        "schema": identifier_of(request.schema_id) == opened.schema,
        "purpose": identifier_of(request.purpose_id) == opened.purpose,
        "assurance": request.assurance_level == opened.assurance,
        "window": (request.valid_from, request.valid_until, request.erase_by, request.max_uses)
        == (opened.valid_from, opened.valid_until, opened.erase_by, opened.max_uses),
    }
    for field, agrees in agreements.items():
        if not agrees:
            raise ReceiptRefused(f"record and consent do not agree in '{field}'")
    return consent_id


def _check_events(receipt: Receipt, withdrawn_at: int | None) -> None:
    """Check what is said to have become of the consent: its withdrawal stands on chain, its end in the consent."""
    for event in receipt.record.events[1:]:
        if event.state is ConsentState.WITHDRAWN:
            if event.indicated_at != withdrawn_at:
                raise ReceiptRefused("the chain knows no withdrawal of the consent at that instant")
        elif event.state is not ConsentState.EXPIRED or event.indicated_at < receipt.consent.valid_until:
            raise ReceiptRefused(f"neither chain nor consent bears out the record's {event.state.value}")


async def _check_exchange(
    network: Network, receipt: Receipt, stated: ExchangeFacts, opened: OpenedConsent, consent_id: ConsentId
) -> None:
    exchange_id = ExchangeId(parse_hex_hash(stated.exchange_id))
    actual = await _facts(network, network.exchanges, exchange_id, opened, consent_id)
    for field in fields(ExchangeFacts):
        if getattr(actual, field.name) != getattr(stated, field.name):
            raise ReceiptRefused(
                f"the chain says otherwise about the exchange's '{field.name}'; if it has moved on, make a new receipt"
            )


async def _facts(
    network: Network, escrow: Exchanges, exchange_id: ExchangeId, opened: OpenedConsent, consent_id: ConsentId
) -> ExchangeFacts:
    funding = await escrow.funding_of(exchange_id)
    if funding is None:
        raise ReceiptRefused("the chain knows no such exchange")
    if (
        funding.exchange.consent != consent_id
        or (funding.exchange.consumer, funding.exchange.provider) != (opened.consumer, opened.provider)
        or (funding.schema, funding.purpose, funding.assurance) != (opened.schema, opened.purpose, opened.assurance)
    ):
        raise ReceiptRefused("the exchange is about another consent")
    state, _ = await escrow.state_of(funding.exchange)
    delivered = await network.logs(escrow.contract.events.ExchangeDelivered(), exchangeId=exchange_id)
    settled = await network.logs(escrow.contract.events.ExchangeSettled(), exchangeId=exchange_id)
    refunded = await network.logs(escrow.contract.events.ExchangeRefunded(), exchangeId=exchange_id)
    resolved = await network.logs(escrow.contract.events.ExchangeResolved(), exchangeId=exchange_id)
    ended = settled or refunded or resolved
    cause = None
    with network.answers():
        outcome = _OUTCOMES[state]
        if settled:
            cause = _SETTLED[SettlementCause(settled[0]["args"]["cause"])]
        elif refunded:
            cause = _REFUNDED[RefundCause(refunded[0]["args"]["cause"])]
        elif resolved:
            cause = EndCause.DISPUTE_RESOLVED
    exchange = funding.exchange
    shares = exchange.shares
    return ExchangeFacts(
        exchange_id=hex_hash(exchange_id),
        use=exchange.use,
        coordinator=_address(exchange.coordinator),
        consumer_recruiter=await _recruiter(network, exchange.consumer, shares.consumer_recruiter),
        provider_recruiter=await _recruiter(network, exchange.provider, shares.provider_recruiter),
        recipient_key_hash=hex_hash(exchange.recipient_key_hash),
        schedule_version=funding.schedule_version,
        fee=exchange.fee,
        shares_bps=(
            shares.provider,
            shares.coordinator,
            shares.hosts,
            shares.consumer_recruiter,
            shares.provider_recruiter,
        ),
        deliver_by=exchange.deliver_by,
        challenge_seconds=exchange.challenge_seconds,
        ciphertext_hash=hex_hash(delivered[0]["args"]["ciphertextHash"]) if delivered else None,
        delivered_at=delivered[0]["args"]["deliveredAt"] if delivered else None,
        outcome=outcome,
        cause=cause,
        provider_bps=resolved[0]["args"]["providerBps"] if resolved else None,
        funded=ChainStep(funding.block_number, hex_hash(funding.transaction_hash)),
        delivered=_step(delivered[0]) if delivered else None,
        ended=_step(ended[0]) if ended else None,
    )


def _step(event: EventData) -> ChainStep:
    return ChainStep(event["blockNumber"], hex_hash(bytes(event["transactionHash"])))


async def _recruiter(network: Network, participant: ChecksumAddress, share_bps: int) -> Address | None:
    if share_bps == 0:
        return None
    recruiter = (await network.identities.participant(participant)).recruiter
    return None if recruiter is None else _address(recruiter)


def _address(address: str) -> Address:
    return parse_address(address)


def _signed_consent(consent: Consent) -> SignedConsent:
    return SignedConsent(
        subject=_address(consent.subject),
        consumer=hex_hash(consent.consumer),
        provider=hex_hash(consent.provider),
        scope=hex_hash(consent.scope),
        terms=hex_hash(consent.terms),
        valid_from=consent.valid_from,
        valid_until=consent.valid_until,
        erase_by=consent.erase_by,
        max_uses=consent.max_uses,
        nonce=consent.nonce,
    )


def _opening(opened: OpenedConsent) -> Opening:
    return Opening(
        seed=hex_hash(opened.seed),
        consumer=_address(opened.consumer),
        provider=_address(opened.provider),
        schema_id=hex_hash(opened.schema),
        purpose_id=hex_hash(opened.purpose),
        assurance_level=int(opened.assurance),
    )


def _opened(receipt: Receipt) -> OpenedConsent:
    consent, opening = receipt.consent, receipt.opening
    return OpenedConsent(
        subject=to_checksum_address(consent.subject),
        consumer=to_checksum_address(opening.consumer),
        provider=to_checksum_address(opening.provider),
        schema=parse_hex_hash(opening.schema_id),
        purpose=parse_hex_hash(opening.purpose_id),
        assurance=Assurance(opening.assurance_level),
        seed=parse_hex_hash(opening.seed),
        terms=parse_hex_hash(consent.terms),
        valid_from=consent.valid_from,
        valid_until=consent.valid_until,
        erase_by=consent.erase_by,
        max_uses=consent.max_uses,
        nonce=consent.nonce,
    )

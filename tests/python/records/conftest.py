"""A consumer, a provider, a subject, what was asked, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from consentry.records import (
    Address,
    ChainStep,
    ConsentRecord,
    ContractAddresses,
    Controller,
    DataSource,
    Did,
    EndCause,
    ExchangeFacts,
    ExchangeOutcome,
    HexHash,
    Notice,
    Opening,
    Receipt,
    RequestedTerms,
    SignedConsent,
    hex_hash,
    terms_hash,
)

NOW = 1_900_000_000
CONSUMER = Address("0x" + "c0" * 20)
PROVIDER = Address("0x" + "d0" * 20)
SUBJECT = Address("0x" + "5b" * 20)


def digest(number: int) -> HexHash:
    """A hash that is easy to tell from others."""
    return HexHash(f"0x{number:064x}")


@pytest.fixture(scope="session")
def now() -> int:
    """The instant at which the person decides; Unix seconds."""
    return NOW


@pytest.fixture(scope="session")
def subject() -> Address:
    """Address of the key that is fresh for this consent."""
    return SUBJECT


@pytest.fixture(scope="session")
def provider() -> DataSource:
    """The provider that the person picked."""
    return DataSource(did=Did(f"did:ethr:0x7a69:{PROVIDER}"), name="Första Banken")


@pytest.fixture(scope="session")
def request_terms() -> RequestedTerms:
    """What the consumer asks for."""
    return RequestedTerms(
        request_id="req:2030-03-17.1",
        consumer=Controller(
            did=Did(f"did:ethr:0x7a69:{CONSUMER}"),
            name="Acme Rentals Ltd.",
            address="1 Main St, Dublin 2, Ireland",
            contact="https://acme.example/contact",
        ),
        schema_id="urn:consentry:schema:person:1",
        attributes=("given_name", "birthdate", "address"),
        purpose_id="urn:consentry:purpose:rent-apartment",
        purpose_text="Decide whether to let an apartment to you (租房)",
        notice=Notice(
            url="https://acme.example/notice/7", language="en-IE", text_hash=digest(0x107)
        ),
        retention_seconds=90 * 86_400,
        erase_by=NOW + 120 * 86_400,
        jurisdiction="IE",
        storage_locations=("IE", "CN-GD"),
        recipients=("Acme Rentals Ltd.",),
        withdrawal_method="https://acme.example/withdraw",
        valid_from=NOW,
        valid_until=NOW + 30 * 86_400,
        max_uses=2,
        assurance_level=2,
    )


@pytest.fixture(scope="session")
def record(request_terms: RequestedTerms, provider: DataSource) -> ConsentRecord:
    """What the person agreed to."""
    return ConsentRecord.from_request(
        request_terms, provider=provider, subject=SUBJECT, decided_at=NOW
    )


@pytest.fixture(scope="session")
def facts() -> ExchangeFacts:
    """An exchange that settled."""
    return ExchangeFacts(
        exchange_id=digest(0xE),
        use=1,
        coordinator=Address("0x" + "f0" * 20),
        consumer_recruiter=Address("0x" + "a1" * 20),
        provider_recruiter=None,
        recipient_key_hash=digest(0xF),
        schedule_version=1,
        fee=2**200,
        shares_bps=(6000, 2000, 1500, 500, 0),
        deliver_by=NOW + 3600,
        challenge_seconds=600,
        ciphertext_hash=digest(0xC),
        delivered_at=NOW + 60,
        outcome=ExchangeOutcome.SETTLED,
        cause=EndCause.ACCEPTED,
        provider_bps=None,
        funded=ChainStep(10, digest(1)),
        delivered=ChainStep(11, digest(2)),
        ended=ChainStep(11, digest(3)),
    )


@pytest.fixture(scope="session")
def build_receipt(record: ConsentRecord, facts: ExchangeFacts) -> Callable[..., Receipt]:
    """Build the usual receipt, with some arguments changed."""

    def build(**changes: Any) -> Receipt:
        arguments: dict[str, Any] = {
            "created_at": NOW + 100,
            "chain_id": 31337,
            "contracts": ContractAddresses(
                directory=Address("0x" + "01" * 20),
                consent_token=Address("0x" + "02" * 20),
                escrow=Address("0x" + "03" * 20),
                identity_registry=Address("0x" + "04" * 20),
            ),
            "record": record,
            "consent": SignedConsent(
                subject=SUBJECT,
                consumer=digest(4),
                provider=digest(5),
                scope=digest(6),
                terms=hex_hash(terms_hash(record)),
                valid_from=NOW,
                valid_until=NOW + 30 * 86_400,
                erase_by=NOW + 120 * 86_400,
                max_uses=2,
                nonce=2**255 + 1,
            ),
            "consent_signature": "0x" + "ab" * 64 + "1b",
            "opening": Opening(
                seed=digest(7),
                consumer=CONSUMER,
                provider=PROVIDER,
                schema_id=digest(8),
                purpose_id=digest(9),
                assurance_level=2,
            ),
            "exchange": facts,
        } | changes
        return Receipt.build(**arguments)

    return build


@pytest.fixture(scope="session")
def with_exchange(
    build_receipt: Callable[..., Receipt], facts: ExchangeFacts
) -> Callable[..., Receipt]:
    """Build the usual receipt, with some facts of its exchange changed."""

    def build(**changes: Any) -> Receipt:
        return build_receipt(exchange=replace(facts, **changes))

    return build

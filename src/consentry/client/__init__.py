"""The chain client: one entry point, `Network.connect`, and a facade per noun and per role.

Asynchronous throughout; `Bridge` runs it where there is no event loop.
"""

from __future__ import annotations

from consentry.client.assurance import Assurance
from consentry.client.bridge import Bridge
from consentry.client.cases import Case, open_case, read_case
from consentry.client.consents import Consent, ConsentId, GivenConsent, OpenedConsent
from consentry.client.consumer import Ask, Consumer
from consentry.client.coordinator import Coordinator
from consentry.client.exchanges import Exchange, ExchangeId, ExchangeState
from consentry.client.network import Network
from consentry.client.provider import Provider
from consentry.client.receipts import VerifiedReceipt, make_receipt, verify_receipt
from consentry.client.requests import Request, SignedRequest
from consentry.client.wallet import Wallet

__all__ = [
    "Ask",
    "Assurance",
    "Bridge",
    "Case",
    "Consent",
    "ConsentId",
    "Consumer",
    "Coordinator",
    "Exchange",
    "ExchangeId",
    "ExchangeState",
    "GivenConsent",
    "Network",
    "OpenedConsent",
    "Provider",
    "Request",
    "SignedRequest",
    "VerifiedReceipt",
    "Wallet",
    "make_receipt",
    "open_case",
    "read_case",
    "verify_receipt",
]

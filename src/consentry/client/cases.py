"""Cases: a party opens one exchange to one regulator, who checks it against the chain and sees nothing else.

What is opened is a receipt with an exchange: record, opening and facts of that one. Whoever holds it may open it: the
person, the consumer or the provider. It goes encrypted to the key that the regulator publishes in its DID document.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eth_typing import ChecksumAddress

from consentry.client.encoding import read_address
from consentry.client.errors import ArgumentInvalid, CaseRefused
from consentry.client.identities import DELIVERY_KEY, Role
from consentry.client.network import Network
from consentry.client.receipts import VerifiedReceipt, check_receipt, verify_receipt
from consentry.delivery import MAX_DELIVERY_BYTES, DeliveryError, OneTimeKey, decrypt, encrypt
from consentry.records import JsonError, JsonObject, Receipt, canonical_bytes, parse_hex_hash, parse_json

LARGEST_CASE_BYTES = MAX_DELIVERY_BYTES + 4_096

_FIELDS = {
    "exchange_id": "0x[0-9a-f]{64}",
    "regulator": "0x[0-9a-fA-F]{40}",
    "envelope": "[A-Za-z0-9_.-]+",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One exchange, opened to one regulator.

    Attributes:
        exchange_id: The exchange, 32 bytes.
        regulator: Who can read it.
        envelope: The receipt, encrypted to the regulator's key for this exchange.
    """

    exchange_id: bytes
    regulator: ChecksumAddress
    envelope: str

    def to_bytes(self) -> bytes:
        """Return the case as a file, to hand to the regulator."""
        document: JsonObject = {
            "exchange_id": "0x" + self.exchange_id.hex(),
            "regulator": self.regulator,
            "envelope": self.envelope,
        }
        return canonical_bytes(document)

    @classmethod
    def parse(cls, octets: bytes) -> Case:
        """Read a file.

        Raises:
            CaseRefused: It is no case; the field that is wrong is named.
        """
        try:
            document = parse_json(octets, limit_bytes=LARGEST_CASE_BYTES)
        except JsonError as cause:
            raise CaseRefused(f"the case cannot be read: {cause}") from cause
        if not isinstance(document, dict):
            raise CaseRefused("the case cannot be read: it is not a JSON object")
        fields: dict[str, str] = {}
        for name, pattern in _FIELDS.items():
            value = document.get(name)
            if not isinstance(value, str) or not re.fullmatch(pattern, value):
                raise CaseRefused(f"the case's field '{name}' is missing or not as it must be")
            fields[name] = value
        try:
            regulator = read_address(fields["regulator"])
        except ArgumentInvalid as cause:
            raise CaseRefused("the case's field 'regulator' has a wrong checksum") from cause
        return cls(bytes.fromhex(fields["exchange_id"][2:]), regulator, fields["envelope"])


async def open_case(network: Network, receipt: Receipt, regulator: ChecksumAddress) -> Case:
    """Open one exchange to a regulator.

    Args:
        network: The network.
        receipt: Of the exchange; checked first, so that nobody is shown what is not so.
        regulator: An active regulator that publishes a key to encrypt to.

    Raises:
        CaseRefused: The receipt has no exchange or is of another network, or the regulator cannot be shown anything.
        ReceiptRefused: The chain does not bear the receipt out.
    """
    if receipt.exchange is None:
        raise CaseRefused("a case is about one exchange, and the receipt is of none")
    if (receipt.chain_id, receipt.contracts.directory) != (network.chain_id, network.directory.lower()):
        raise CaseRefused("the receipt is of another network; connect to the one whose directory it names")
    if not (await network.identities.participant(regulator)).is_active(Role.REGULATOR):
        raise CaseRefused(f"{regulator} is not an active regulator of this network")
    keys = [found.value for found in await network.identities.attributes(regulator) if found.name == DELIVERY_KEY]
    if not keys:
        raise CaseRefused(f"the regulator {regulator} publishes no key to encrypt to ({DELIVERY_KEY})")
    await check_receipt(network, receipt)
    exchange_id = parse_hex_hash(receipt.exchange.exchange_id)
    try:
        envelope = encrypt(receipt.to_bytes(), keys[-1], exchange_id=exchange_id)
    except DeliveryError as cause:
        raise CaseRefused(f"nothing can be encrypted to the regulator's key: {cause}") from cause
    return Case(exchange_id, regulator, envelope)


async def read_case(
    case: Case, key: OneTimeKey, rpc_url: str, directory: ChecksumAddress | None = None
) -> VerifiedReceipt:
    """Decrypt a case and check it against the chain.

    Args:
        case: As it was handed over.
        key: The regulator's; the same kind as of a request, and used for every case.
        rpc_url: HTTP URL of a node.
        directory: The network that it must be of; the one that the case itself names when None.

    Raises:
        CaseRefused: It is encrypted to another key or for another exchange, was changed, or is of another network.
        RecordError: What is in it is no receipt.
        ChainUnreachable: No node answers.
        WrongChain: The node serves another chain, or no network stands there.
        ReceiptRefused: The chain says something else; the field is named.
    """
    try:
        octets = decrypt(case.envelope, key, exchange_id=case.exchange_id)
    except DeliveryError as cause:
        raise CaseRefused(f"the case does not open with this key: {cause}") from cause
    receipt = Receipt.parse(octets)
    if receipt.exchange is None or parse_hex_hash(receipt.exchange.exchange_id) != case.exchange_id:
        raise CaseRefused("the case holds another exchange than it says")
    if directory is not None and receipt.contracts.directory != directory.lower():
        raise CaseRefused(f"the case is of another network, whose directory is {receipt.contracts.directory}")
    return await verify_receipt(octets, rpc_url)

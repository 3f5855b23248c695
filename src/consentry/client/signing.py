"""EIP-712 messages: their types, kept once as JSON, their digests, signatures and signers.

The files under ``consentry/typed_data`` hold, per contract, the domain's name and version and every type that is signed
for it. Contracts and this package are checked against the same golden vectors.

Source: EIP-712, EIP-191 version 0x01.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NewType, Union

from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from consentry.client.encoding import encoded
from consentry.client.errors import ArgumentInvalid, SignatureInvalid
from consentry.credentials import InvalidSubjectSignatureError, SubjectKey

Digest = NewType("Digest", bytes)
"""32 bytes of an EIP-712 digest."""

Signature = NewType("Signature", bytes)
"""65 bytes: r, s, v (27 or 28), low s."""

Value = Union[str, int, bytes, bool, Sequence["Value"]]
"""What a field of a typed message can hold here."""

Message = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class TypedDomain:
    """The domain under which one contract's messages are signed.

    Attributes:
        file: Name of the JSON file under ``typed_data`` (without ``.json``).
        chain_id: EIP-155 chain id.
        contract: The verifying contract.
    """

    file: str
    chain_id: int
    contract: ChecksumAddress

    def signable(self, type_name: str, message: Message) -> SignableMessage:
        """Encode a message of a type for signing.

        Args:
            type_name: A type in this domain's file.
            message: A value per field of the type, no more and no less.

        Raises:
            ArgumentInvalid: A field is missing or unknown, or its value is not what its type can hold.
            KeyError: The file has no such type.
        """
        domain, types = _typed_data(self.file)
        fields = types[type_name]
        if message.keys() != {field["name"] for field in fields}:
            raise ArgumentInvalid(f"{type_name} has the fields {', '.join(field['name'] for field in fields)}, exactly")
        for field in fields:
            encoded([field["type"]], [message[field["name"]]], f"{type_name}.{field['name']}")
        return encode_typed_data(
            domain_data={**domain, "chainId": self.chain_id, "verifyingContract": self.contract},
            message_types={type_name: fields},
            message_data={name: list(value) if isinstance(value, tuple) else value for name, value in message.items()},
        )

    def digest(self, type_name: str, message: Message) -> Digest:
        """Return the 32-byte digest that is signed (EIP-712); raises as `signable`."""
        signable = self.signable(type_name, message)
        return Digest(keccak(b"\x19" + signable.version + signable.header + signable.body))

    def sign(self, signer: LocalAccount, type_name: str, message: Message) -> Signature:
        """Sign a message with a key at hand; raises as `signable`."""
        return Signature(bytes(signer.sign_message(self.signable(type_name, message)).signature))


@cache
def _typed_data(file: str) -> tuple[dict[str, str], dict[str, list[dict[str, str]]]]:
    text = resources.files("consentry.typed_data").joinpath(f"{file}.json").read_text("utf-8")
    parsed = json.loads(text)
    return parsed["domain"], parsed["types"]


def recover(digest: Digest, signature: bytes) -> ChecksumAddress:
    """Return the address whose key made a plain signature of a digest.

    Args:
        digest: 32 bytes.
        signature: 65 bytes, low s, v 27 or 28: what the contracts take, and nothing else.

    Raises:
        SignatureInvalid: The signature has another form, or recovers to no key.
    """
    try:
        return to_checksum_address(SubjectKey.recover(digest, signature).address)
    except InvalidSubjectSignatureError as cause:
        raise SignatureInvalid(str(cause)) from cause

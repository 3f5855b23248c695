"""EIP-712 messages: their types, kept once as JSON, their digests, signatures and signers.

The files under ``consentry/typed_data`` hold, per contract, the domain's name and version and every type that is signed
for it. Contracts and this package are checked against the same golden vectors.

Source: EIP-712, EIP-191 version 0x01.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Mapping, NewType, Sequence, Union

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils import keccak, to_checksum_address

from consentry.client.errors import SignatureInvalid

Digest = NewType("Digest", bytes)
"""32 bytes of an EIP-712 digest."""

Signature = NewType("Signature", bytes)
"""65 bytes: r, s, v (27 or 28), low s."""

Value = Union[str, int, bytes, bool, Sequence["Value"]]
"""What a field of a typed message can hold here."""

Message = Mapping[str, Value]

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


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
            KeyError: The file has no such type.
        """
        domain, types = _typed_data(self.file)
        return encode_typed_data(
            domain_data={**domain, "chainId": self.chain_id, "verifyingContract": self.contract},
            message_types={type_name: types[type_name]},
            message_data=dict(message),
        )

    def digest(self, type_name: str, message: Message) -> Digest:
        """Return the 32-byte digest that is signed (EIP-712)."""
        signable = self.signable(type_name, message)
        return Digest(keccak(b"\x19" + signable.version + signable.header + signable.body))

    def sign(self, signer: LocalAccount, type_name: str, message: Message) -> Signature:
        """Sign a message with a key at hand."""
        return Signature(bytes(signer.sign_message(self.signable(type_name, message)).signature))


@lru_cache(maxsize=None)
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
    if len(signature) != 65 or signature[64] not in (27, 28):
        raise SignatureInvalid("the signature is not 65 bytes with v 27 or 28; ask for a plain EIP-712 signature")
    if int.from_bytes(signature[32:64], "big") > _HALF_ORDER:
        raise SignatureInvalid("the signature has a high s value; ask for one in canonical form")
    try:
        recovered = Account._recover_hash(digest, signature=signature)
    except Exception as cause:  # eth-account and eth-keys raise several unrelated types
        raise SignatureInvalid("the signature recovers to no key; it was damaged or made up") from cause
    return to_checksum_address(recovered)

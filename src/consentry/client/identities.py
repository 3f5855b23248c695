"""Identities: participants, their roles, and the keys and endpoints in their DID documents (ERC-1056)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3.types import EventData

from consentry.client.transactions import Mined

if TYPE_CHECKING:
    from consentry.client.network import Network

ISSUER_KEY = "did/pub/Ed25519/veriKey/hex"
"""Attribute that publishes a provider's credential-signing key (raw 32 bytes)."""

DELIVERY_KEY = "did/pub/X25519/enc/hex"
"""Attribute that publishes a participant's long-term encryption key (raw 32 bytes)."""

SERVICE_ENDPOINT = "did/svc/ConsentryNode"
"""Attribute that publishes a participant's node (URL, UTF-8)."""


class Role(enum.IntFlag):
    """Roles of a participant; a bitmap, as in the contracts."""

    CONSUMER = 1
    PROVIDER = 2
    COORDINATOR = 4
    HOST = 8
    CHANNEL_PARTNER = 16
    REGULATOR = 32


class Status(enum.IntEnum):
    """Membership of a participant; as in the contracts."""

    NONE = 0
    INVITED = 1
    ACTIVE = 2
    SUSPENDED = 3
    REMOVED = 4


@dataclass(frozen=True, slots=True)
class Participant:
    """A participant's record.

    Attributes:
        identity: Its address in the registry.
        recruiter: Who invited it, or None.
        admitted_at: First admission, Unix seconds; 0 when never.
        jurisdiction: ISO 3166-1 alpha-2.
        roles: Its roles.
        status: Its membership.
    """

    identity: ChecksumAddress
    recruiter: ChecksumAddress | None
    admitted_at: int
    jurisdiction: str
    roles: Role
    status: Status

    def is_active(self, role: Role) -> bool:
        """Return whether it may take part in new exchanges in a role."""
        return self.status is Status.ACTIVE and role in self.roles

    @property
    def is_host(self) -> bool:
        """Whether it has the host's role."""
        return Role.HOST in self.roles


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of a DID document.

    Attributes:
        name: For example ``did/pub/Ed25519/veriKey/hex``.
        value: Raw bytes.
        valid_to: Unix seconds, inclusive.
    """

    name: str
    value: bytes
    valid_to: int


class Identities:
    """The IdentityRegistry of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("IdentityRegistry")

    async def participant(self, identity: ChecksumAddress) -> Participant:
        """Return a participant's record; its status is NONE when the network does not know it."""
        record = await self.contract.functions.participantOf(identity).call()
        recruiter, admitted_at, jurisdiction, roles, status, _flags = record
        return Participant(
            identity=identity,
            recruiter=to_checksum_address(recruiter) if int(recruiter, 16) else None,
            admitted_at=admitted_at,
            jurisdiction=bytes(jurisdiction).rstrip(b"\0").decode("ascii", "replace"),
            roles=Role(roles),
            status=Status(status),
        )

    async def check_actor(self, identity: ChecksumAddress, kind: str, actor: ChecksumAddress) -> None:
        """Check that a key may speak for a participant.

        Args:
            identity: The participant.
            actor: The key.
            kind: ``exchange``, ``delivery`` or ``deposit``.

        Raises:
            ContractError: It is neither the owner nor an unexpired delegate of that kind.
        """
        call = self.contract.functions.checkActor(identity, kind.encode().ljust(32, b"\0"), actor)
        await self._network.transactions.simulate(call, actor)

    async def attributes(self, identity: ChecksumAddress, at: int | None = None) -> tuple[Attribute, ...]:
        """Return the attributes of a DID document that are valid at an instant.

        Follows the registry's linked events (ERC-1056): one log query per block in which the identity changed.

        Args:
            identity: The participant.
            at: Unix seconds; the latest block's when None.
        """
        instant = await self._network.now() if at is None else at
        event = self.contract.events.DIDAttributeChanged()
        changes: list[tuple[int, int, Attribute]] = []
        block: int = await self.contract.functions.changed(identity).call()
        while block:
            blocks = []
            for name in ("DIDAttributeChanged", "DIDDelegateChanged", "DIDOwnerChanged"):
                found = await self.contract.events[name]().get_logs(
                    from_block=block, to_block=block, argument_filters={"identity": identity}
                )
                blocks += [entry["args"]["previousChange"] for entry in found]
                if name == event.event_name:
                    at_block = int((await self._network.web3.eth.get_block(block))["timestamp"])
                    changes += [
                        (block, entry["logIndex"], _attribute(entry)) for entry in found if at_block <= instant
                    ]
            # Several changes in one block: only the first points to an earlier one.
            block = min((previous for previous in blocks if previous < block), default=0)
        latest: dict[tuple[str, bytes], Attribute] = {}
        for _, _, attribute in sorted(changes, key=lambda change: change[:2]):
            latest[attribute.name, attribute.value] = attribute
        return tuple(attribute for attribute in latest.values() if attribute.valid_to >= instant)

    async def issuer_keys(self, provider: ChecksumAddress, at: int | None = None) -> tuple[bytes, ...]:
        """Return the raw Ed25519 keys with which a provider signs credentials at an instant.

        Args:
            provider: The provider.
            at: Unix seconds; the latest block's when None.
        """
        return tuple(a.value for a in await self.attributes(provider, at) if a.name == ISSUER_KEY)

    async def admit(
        self,
        identity: ChecksumAddress,
        roles: Role,
        jurisdiction: str,
        legal_id: bytes,
        sender: LocalAccount,
        *,
        recruiter: ChecksumAddress | None = None,
    ) -> Mined:
        """Admit a participant. By vote.

        Args:
            identity: Its address.
            roles: At least one.
            jurisdiction: ISO 3166-1 alpha-2, upper case.
            legal_id: keccak256 of its legal entity identifier or register number, 32 bytes.
            sender: Who may act on the vote.
            recruiter: The channel partner or coordinator that invited it.
        """
        admission = (
            identity,
            int(roles),
            jurisdiction.encode("ascii"),
            recruiter or to_checksum_address("0x" + "00" * 20),
            legal_id,
        )
        return await self._network.transactions.send(self.contract.functions.admit(admission), sender)

    async def set_attribute(
        self, identity: ChecksumAddress, name: str, value: bytes, validity_seconds: int, owner: LocalAccount
    ) -> Mined:
        """Publish an attribute of a DID document, by its owner's key."""
        return await self._network.transactions.send(
            self.contract.functions.setAttribute(
                identity, name.encode().ljust(32, b"\0"), value, validity_seconds
            ),
            owner,
        )


def _attribute(event: EventData) -> Attribute:
    fields = event["args"]
    name = bytes(fields["name"]).rstrip(b"\0").decode("utf-8", "replace")
    return Attribute(name, bytes(fields["value"]), int(fields["validTo"]))

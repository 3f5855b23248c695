"""Identities: participants, their roles, and the keys and endpoints in their DID documents (ERC-1056)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3.types import EventData

from consentry.client.contract import Action
from consentry.client.encoding import NOBODY, padded
from consentry.client.errors import ApplicationRefused
from consentry.client.transactions import Mined

if TYPE_CHECKING:
    from consentry.client.network import Network

ISSUER_KEY = "did/pub/Ed25519/veriKey/hex"
"""Attribute that publishes a provider's credential-signing key (raw 32 bytes)."""

DELIVERY_KEY = "did/pub/X25519/enc/hex"
"""Attribute that publishes a key to encrypt to (X25519, raw 32 bytes)."""

SERVICE_ENDPOINT = "did/svc/ConsentryNode"
"""Attribute that publishes a participant's node (URL, UTF-8)."""


_PAGE = 500
"""Most participants that the registry lists at once."""


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
class Admission:
    """What somebody applies for, and the council admits it on.

    Attributes:
        identity: Its address.
        roles: At least one.
        jurisdiction: ISO 3166-1 alpha-2, upper case.
        legal_id: keccak256 of its legal entity identifier or register number, 32 bytes.
        recruiter: The channel partner or coordinator that invited it, or None.
    """

    identity: ChecksumAddress
    roles: Role
    jurisdiction: str
    legal_id: bytes
    recruiter: ChecksumAddress | None = None

    def arguments(self) -> tuple[object, ...]:
        """Return the fields as the contracts take them."""
        return (
            self.identity,
            int(self.roles),
            self.jurisdiction.encode(),
            self.recruiter or NOBODY,
            self.legal_id,
        )


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
        call = self.contract.function("participantOf", identity)
        with self._network.answers():
            recruiter, admitted_at, jurisdiction, roles, status, _flags = await call.call()
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
        call = self.contract.function("checkActor", identity, padded(kind), actor)
        await self._network.transactions.simulate(call, actor)

    async def attributes(self, identity: ChecksumAddress, at: int | None = None) -> tuple[Attribute, ...]:
        """Return the attributes of a DID document that are valid at an instant; none once the DID is deactivated.

        Follows the registry's linked events (ERC-1056), from one block in which the identity changed to the one before.

        Args:
            identity: The participant.
            at: Unix seconds; the latest block's when None.
        """
        instant = await self._network.now() if at is None else at
        call = self.contract.function("changed", identity)
        changes: list[EventData] = []
        with self._network.answers():
            block: int = await call.call()
            while block:
                found: list[EventData] = []
                for name in ("DIDAttributeChanged", "DIDDelegateChanged", "DIDOwnerChanged"):
                    found += await self.contract.events[name]().get_logs(
                        from_block=block, to_block=block, argument_filters={"identity": identity}
                    )
                if (await self._network.web3.eth.get_block(block))["timestamp"] <= instant:
                    changes += found
                # Several changes in one block: only the first points to an earlier one.
                previous = (int(entry["args"]["previousChange"]) for entry in found)
                block = min((earlier for earlier in previous if earlier < block), default=0)
        latest: dict[tuple[str, bytes], Attribute] = {}
        for entry in sorted(changes, key=lambda entry: (entry["blockNumber"], entry["logIndex"])):
            if entry["event"] == "DIDAttributeChanged":
                attribute = _attribute(entry)
                latest[attribute.name, attribute.value] = attribute
            elif entry["event"] == "DIDOwnerChanged" and not int(entry["args"]["owner"], 16):
                return ()
        return tuple(attribute for attribute in latest.values() if attribute.valid_to >= instant)

    async def issuer_keys(self, provider: ChecksumAddress, at: int | None = None) -> tuple[bytes, ...]:
        """Return the raw Ed25519 keys with which a provider signs credentials at an instant.

        Args:
            provider: The provider.
            at: Unix seconds; the latest block's when None.
        """
        return tuple(a.value for a in await self.attributes(provider, at) if a.name == ISSUER_KEY)

    async def owner_of(self, identity: ChecksumAddress) -> ChecksumAddress | None:
        """Return who owns an identity: None once its DID is deactivated, itself while nobody registered it."""
        with self._network.answers():
            owner = to_checksum_address(await self.contract.function("identityOwner", identity).call())
        return owner if int(owner, 16) else None

    async def members(self) -> tuple[Participant, ...]:
        """Return everyone who ever applied or was admitted, in that order."""
        with self._network.answers():
            count: int = await self.contract.function("participantCount").call()
            identities: list[str] = []
            while len(identities) < count:
                page = await self.contract.function("participantsAt", len(identities), _PAGE).call()
                if not page:
                    break
                identities += page
        return tuple([await self.participant(to_checksum_address(identity)) for identity in identities])

    async def application_of(self, identity: ChecksumAddress) -> Admission:
        """Return what somebody applied for last and was not admitted on yet.

        Raises:
            ApplicationRefused: It has not applied, or the council has decided.
        """
        with self._network.answers():
            pending = bytes(await self.contract.function("applicationOf", identity).call())
        if not any(pending):
            raise ApplicationRefused(f"{identity} has no application before the council; it applies first")
        *_, event = await self._network.logs(self.contract.events.ParticipantInvited(), identity=identity)
        fields = event["args"]
        return Admission(
            identity=identity,
            roles=Role(fields["roles"]),
            jurisdiction=bytes(fields["jurisdiction"]).decode("ascii", "replace"),
            legal_id=bytes(fields["legalId"]),
            recruiter=to_checksum_address(fields["recruiter"]) if int(fields["recruiter"], 16) else None,
        )

    def admit(self, admission: Admission) -> Action:
        """Admit an applicant on the terms that it applied for. By vote."""
        return self.contract.action("admit", admission.arguments())

    def admit_regulator(self, admission: Admission) -> Action:
        """Admit an applicant as a regulator and nothing else. By vote, without an opinion."""
        return self.contract.action("admitRegulator", admission.arguments())

    def set_roles(self, identity: ChecksumAddress, roles: Role) -> Action:
        """Change a participant's roles. By vote."""
        return self.contract.action("setRoles", identity, int(roles))

    def suspend(self, identity: ChecksumAddress) -> Action:
        """Suspend a participant for as long as the council says. By vote."""
        return self.contract.action("suspend", identity)

    def ratify_suspension(self, identity: ChecksumAddress) -> Action:
        """Let a guardian's suspension stand while its 72 hours run. By vote, without an opinion."""
        return self.contract.action("ratifySuspension", identity)

    def reinstate(self, identity: ChecksumAddress) -> Action:
        """End a suspension. By vote."""
        return self.contract.action("reinstate", identity)

    def remove(self, identity: ChecksumAddress) -> Action:
        """Remove a participant; its money stays withdrawable. By vote."""
        return self.contract.action("remove", identity)

    def recover_owner(self, identity: ChecksumAddress, new_owner: ChecksumAddress) -> Action:
        """Give an identity whose key was lost to another key; history and balances stay, delegates do not. By vote."""
        return self.contract.action("recoverOwner", identity, new_owner)

    async def suspend_urgently(self, identity: ChecksumAddress, guardian: LocalAccount) -> Mined:
        """Suspend a participant at once, for 72 hours. By a guardian, once until the council decides."""
        return await self._network.transactions.send(self.contract.function("suspendUrgently", identity), guardian)

    async def lift_suspension(self, identity: ChecksumAddress, sender: LocalAccount) -> Mined:
        """End a guardian's suspension whose 72 hours are over; anyone may."""
        return await self._network.transactions.send(self.contract.function("liftSuspension", identity), sender)

    async def set_attribute(
        self, identity: ChecksumAddress, name: str, value: bytes, validity_seconds: int, owner: LocalAccount
    ) -> Mined:
        """Publish an attribute of a DID document, by its owner's key."""
        return await self._network.transactions.send(
            self.contract.function("setAttribute", identity, padded(name), value, validity_seconds), owner
        )

    async def revoke_attribute(
        self, identity: ChecksumAddress, name: str, value: bytes, owner: LocalAccount
    ) -> Mined:
        """End an attribute of a DID document now, by its owner's key."""
        return await self._network.transactions.send(
            self.contract.function("revokeAttribute", identity, padded(name), value), owner
        )

    async def add_delegate(
        self,
        identity: ChecksumAddress,
        kind: str,
        delegate: ChecksumAddress,
        validity_seconds: int,
        owner: LocalAccount,
    ) -> Mined:
        """Let a key act for a participant in one way until it expires, by its owner's key.

        Args:
            identity: The participant.
            kind: ``exchange``, ``delivery`` or ``deposit``; ``veriKey`` and ``sigAuth`` are what resolvers publish.
            delegate: The key.
            validity_seconds: From now; at most ten years.
            owner: The participant's owner.
        """
        return await self._network.transactions.send(
            self.contract.function("addDelegate", identity, padded(kind), delegate, validity_seconds), owner
        )

    async def revoke_delegate(
        self, identity: ChecksumAddress, kind: str, delegate: ChecksumAddress, owner: LocalAccount
    ) -> Mined:
        """End a delegate now, by its owner's key."""
        return await self._network.transactions.send(
            self.contract.function("revokeDelegate", identity, padded(kind), delegate), owner
        )

    async def change_owner(
        self, identity: ChecksumAddress, new_owner: ChecksumAddress, owner: LocalAccount
    ) -> Mined:
        """Hand an identity to another key; signatures of the former one are worth nothing from this block on."""
        return await self._network.transactions.send(
            self.contract.function("changeOwner", identity, new_owner), owner
        )

    async def deactivate(self, identity: ChecksumAddress, owner: LocalAccount) -> Mined:
        """End a DID for good: no owner, no keys, nothing written. Its money stays with the last owner."""
        return await self._network.transactions.send(self.contract.function("deactivate", identity), owner)


def _attribute(event: EventData) -> Attribute:
    fields = event["args"]
    name = bytes(fields["name"]).rstrip(b"\0").decode("utf-8", "replace")
    return Attribute(name, bytes(fields["value"]), int(fields["validTo"]))

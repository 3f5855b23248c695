"""The charter on which a network stands, and how somebody joins it: invitation, application, agreement."""

from __future__ import annotations

import enum
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress

from consentry.client.contract import Action
from consentry.client.encoding import NOBODY, read_address, read_jurisdiction
from consentry.client.errors import ApplicationRefused, ArgumentInvalid
from consentry.client.identities import Admission, Role
from consentry.client.signing import Message, Signature, TypedDomain
from consentry.client.transactions import Mined
from consentry.records import JsonError, JsonObject, canonical_bytes, parse_json

if TYPE_CHECKING:
    from consentry.client.network import Network

LARGEST_INVITATION_BYTES = 4_096


class Phase(enum.IntEnum):
    """How far a network has come; as in the contracts."""

    PILOT = 0
    GROWTH = 1
    OPEN = 2


@dataclass(frozen=True, slots=True)
class CharterVersion:
    """A version of the charter.

    Attributes:
        number: 1 for the first.
        document: keccak256 of its text, 32 bytes.
        phase: The network's phase under it.
        seat_cap: Most seats of the council under it.
        sign_until: Last instant to sign it, Unix seconds; None for the first, which has none.
        in_force_at: Since when it has been in force, Unix seconds; None when it is not.
    """

    number: int
    document: bytes
    phase: Phase
    seat_cap: int
    sign_until: int | None
    in_force_at: int | None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a channel partner or coordinator signs for somebody to join: single use, expiring, bound to the invitee.

    Attributes:
        admission: Whom it invites, to which roles and where; its recruiter is the inviter. The legal id is the
            invitee's own and not signed.
        expires_at: Last instant to use it, Unix seconds.
        nonce: Unordered.
        signature: The inviter's owner's.
    """

    admission: Admission
    expires_at: int
    nonce: int
    signature: Signature

    def to_json(self) -> str:
        """Return the invitation as a JSON text, to hand to the invitee."""
        admission = self.admission
        document: JsonObject = {
            "invitee": admission.identity,
            "roles": [role.name.lower() for role in Role if role in admission.roles and role.name],
            "jurisdiction": admission.jurisdiction,
            "legal_id": "0x" + admission.legal_id.hex(),
            "inviter": admission.recruiter,
            "expires_at": self.expires_at,
            "nonce": str(self.nonce),
            "signature": "0x" + self.signature.hex(),
        }
        return canonical_bytes(document).decode()

    @classmethod
    def from_json(cls, text: str) -> Invitation:
        """Read an invitation.

        Raises:
            ApplicationRefused: It is no invitation; the field that is wrong is named.
        """
        try:
            document = parse_json(text, limit_bytes=LARGEST_INVITATION_BYTES)
        except JsonError as cause:
            raise ApplicationRefused(f"the invitation cannot be read: {cause}") from cause
        if not isinstance(document, dict):
            raise ApplicationRefused("the invitation cannot be read: it is not a JSON object")

        def text_of(name: str, pattern: str) -> str:
            value = document.get(name)
            if not isinstance(value, str) or not re.fullmatch(pattern, value):
                raise ApplicationRefused(f"the invitation's field '{name}' is missing or not as it must be")
            return value

        roles, expires_at = document.get("roles"), document.get("expires_at")
        known = {role.name.lower(): role for role in Role if role.name}
        if not isinstance(roles, list) or not roles or not {str(name) for name in roles} <= known.keys():
            raise ApplicationRefused(f"the invitation's field 'roles' must be some of {', '.join(known)}")
        if isinstance(expires_at, bool) or not isinstance(expires_at, int):
            raise ApplicationRefused("the invitation's field 'expires_at' must be an instant in Unix seconds")
        combined = Role(0)
        for name in roles:
            combined |= known[str(name)]
        return cls(
            Admission(
                identity=_address(text_of("invitee", "0x[0-9a-fA-F]{40}"), "invitee"),
                roles=combined,
                jurisdiction=text_of("jurisdiction", "[A-Z]{2}"),
                legal_id=bytes.fromhex(text_of("legal_id", "0x[0-9a-f]{64}")[2:]),
                recruiter=_address(text_of("inviter", "0x[0-9a-fA-F]{40}"), "inviter"),
            ),
            expires_at,
            int(text_of("nonce", "[0-9]{1,78}")),
            Signature(bytes.fromhex(text_of("signature", "0x([0-9a-f]{2}){1,1024}")[2:])),
        )


class Charter:
    """The NetworkCharter of a network."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.contract = network.contract("NetworkCharter")
        self.domain = TypedDomain("network_charter", network.chain_id, self.contract.address)

    # ------------------------------------------------------------- the charter

    async def version(self, number: int | None = None) -> CharterVersion:
        """Return a version of the charter: by its number, or the one that was proposed last.

        Raises:
            ContractError: There is no such version.
        """
        with self._network.answers():
            chosen = await self.contract.function("latestVersion").call() if number is None else number
            document, phase, seat_cap, sign_until, in_force_at = await self.contract.function(
                "versionOf", chosen
            ).call()
            return CharterVersion(
                chosen, bytes(document), Phase(phase), seat_cap, sign_until or None, in_force_at or None
            )

    async def in_force(self) -> CharterVersion | None:
        """Return the version that is in force, or None before every founder has signed the first."""
        current: int = await self._network.ask(self.contract.function("currentVersion").call())
        return await self.version(current) if current else None

    async def has_signed(self, version: int, identity: ChecksumAddress) -> bool:
        """Return whether an identity has signed a version."""
        signed: bool = await self._network.ask(self.contract.function("hasSigned", version, identity).call())
        return signed

    async def unsigned(self, version: int) -> tuple[ChecksumAddress, ...]:
        """Return the seats that have not signed a version: what keeps it from coming into force."""
        seats = await self._network.council.seats()
        return tuple([seat for seat in seats if not await self.has_signed(version, seat)])

    async def sign(
        self, version: CharterVersion, identity: ChecksumAddress, owner: LocalAccount, sender: LocalAccount
    ) -> Mined:
        """Sign a version for an identity, and carry the signature to the chain.

        Args:
            version: As it was read and agreed to.
            identity: Whose signature it is.
            owner: The key of the identity's owner.
            sender: The key that pays the gas; any.
        """
        message: Message = {
            "document": version.document,
            "phase": int(version.phase),
            "seats": version.seat_cap,
            "version": version.number,
            "signer": owner.address,
        }
        signature = self.domain.sign(owner, "Charter", message)
        return await self._network.transactions.send(
            self.contract.function("sign", version.number, identity, signature), sender
        )

    def propose_version(self, document: bytes, phase: Phase, seat_cap: int, sign_seconds: int) -> Action:
        """Propose a new version, which every seat must sign within a span. By vote."""
        return self.contract.action("proposeVersion", document, int(phase), seat_cap, sign_seconds)

    def set_agreement(self, document: bytes) -> Action:
        """Set the membership agreement that applicants sign. By vote."""
        return self.contract.action("setAgreement", document)

    # ------------------------------------------------------------- membership

    async def agreement(self) -> bytes:
        """Return the hash of the membership agreement that applicants sign."""
        return bytes(await self._network.ask(self.contract.function("agreement").call()))

    def invite(self, admission: Admission, expires_at: int, nonce: int, owner: LocalAccount) -> Invitation:
        """Sign an invitation.

        Args:
            admission: Whom to invite, and to what; its recruiter is the inviter.
            expires_at: Last instant to use it, Unix seconds.
            nonce: Unordered; each once.
            owner: The key of the inviter's owner.

        Raises:
            ApplicationRefused: The admission names no inviter.
            ArgumentInvalid: It names no jurisdiction.
        """
        if admission.recruiter is None:
            raise ApplicationRefused("an invitation names who invites; give the inviter")
        message: Message = {
            "invitee": admission.identity,
            "roles": int(admission.roles),
            "jurisdiction": read_jurisdiction(admission.jurisdiction).encode(),
            "inviter": admission.recruiter,
            "expiresAt": expires_at,
            "nonce": nonce,
            "signer": owner.address,
        }
        return Invitation(admission, expires_at, nonce, self.domain.sign(owner, "Invitation", message))

    async def apply(
        self, admission: Admission, owner: LocalAccount, sender: LocalAccount, invitation: Invitation | None = None
    ) -> Mined:
        """Sign the membership agreement in force and apply with it; the council decides.

        Args:
            admission: What is applied for.
            owner: The key of the applicant's owner.
            sender: The key that pays the gas; any.
            invitation: What the inviter signed, where the admission names one.

        Raises:
            ApplicationRefused: The admission names an inviter and there is no invitation, or is not what it is for.
            ContractError: The application is refused.
        """
        if (invitation is None) != (admission.recruiter is None):
            raise ApplicationRefused("an application names its inviter and brings the invitation, or neither")
        if invitation is not None and invitation.admission != admission:
            raise ApplicationRefused("the invitation is for another applicant, other roles or another place")
        identity, roles, jurisdiction, inviter, legal_id = admission.arguments()
        nonce = secrets.randbits(256)
        message: Message = {
            "document": await self.agreement(),
            "participant": admission.identity,
            "roles": int(admission.roles),
            "jurisdiction": admission.jurisdiction.encode(),
            "legalId": admission.legal_id,
            "inviter": admission.recruiter or NOBODY,
            "nonce": nonce,
            "signer": owner.address,
        }
        agreed = self.domain.sign(owner, "Agreement", message)
        expires_at, invitation_nonce = (invitation.expires_at, invitation.nonce) if invitation else (0, 0)
        application = (identity, roles, jurisdiction, legal_id, inviter, expires_at, invitation_nonce, nonce)
        return await self._network.transactions.send(
            self.contract.function(
                "applyForMembership", application, invitation.signature if invitation else b"", agreed
            ),
            sender,
        )


def _address(text: str, name: str) -> ChecksumAddress:
    try:
        return read_address(text)
    except ArgumentInvalid as cause:
        raise ApplicationRefused(
            f"the invitation's field '{name}' is not an address, or has a wrong checksum"
        ) from cause

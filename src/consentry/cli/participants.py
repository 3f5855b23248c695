"""`consentry participants`: who takes part, and how somebody comes in, is suspended, or leaves."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from consentry.cli.choices import RoleWord
from consentry.cli.connection import (
    DirectoryOption,
    JsonOption,
    KeystoreOption,
    NetworkOption,
    RpcOption,
    address,
    connect,
    file_bytes,
    instant,
    jurisdiction_of,
    signer,
    write_new,
)
from consentry.cli.council import DescriptionOption, propose_and_tell
from consentry.cli.errors import CommandRefused, CommandUnclear

if TYPE_CHECKING:
    from eth_typing import ChecksumAddress

    from consentry.client import Network
    from consentry.client.contract import Action
    from consentry.client.identities import Admission, Role

app = typer.Typer(help="Invite, apply, admit, suspend, remove.", no_args_is_help=True)

DAY_SECONDS = 86_400

IdentityArgument = Annotated[str, typer.Argument(help="The participant.", metavar="ADDRESS")]
RolesOption = Annotated[
    Optional[list[RoleWord]], typer.Option("--role", help="A role; may be given several times.")
]
JurisdictionOption = Annotated[
    Optional[str], typer.Option("--jurisdiction", help="ISO 3166-1 alpha-2.", metavar="CODE")
]
RegisterNumberOption = Annotated[
    Optional[str],
    typer.Option(
        "--register-number",
        help="Legal entity identifier or register number; only its hash is given away.",
        metavar="TEXT",
    ),
]


@app.command("list")
def list_(
    as_json: JsonOption = False,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
) -> None:
    """Show everyone who ever applied."""

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            members = await connected.identities.members()
        if as_json:
            described = [
                {
                    "identity": member.identity,
                    "status": member.status.name.lower(),
                    "roles": _names(member.roles),
                    "jurisdiction": member.jurisdiction,
                    "recruiter": member.recruiter,
                    "admitted_at": member.admitted_at or None,
                }
                for member in members
            ]
            print(json.dumps(described, indent=2))
            return
        for member in members:
            roles = ", ".join(_names(member.roles))
            print(f"{member.identity}  {member.status.name.lower():<9}  {member.jurisdiction:<2}  {roles}")

    asyncio.run(run())


@app.command("invite")
def invite(
    invitee: IdentityArgument,
    out: Annotated[Path, typer.Option("--out", help="Where to write the invitation.", metavar="FILE")],
    role: RolesOption = None,
    jurisdiction: JurisdictionOption = None,
    register_number: RegisterNumberOption = None,
    inviter: Annotated[
        Optional[str],
        typer.Option("--inviter", help="Who invites; the key's own address without it.", metavar="ADDRESS"),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=365, help="How long it can be used.")] = 30,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Sign an invitation. By the owner of a channel partner or coordinator; nothing is sent."""
    key = signer(keystore)
    recruiter = key.address if inviter is None else address(inviter)
    admission = _admission(address(invitee), role, jurisdiction, register_number, recruiter)

    async def run() -> int:
        async with await connect(rpc, directory, network) as connected:
            expires_at = await connected.now() + days * DAY_SECONDS
            invitation = connected.charter.invite(admission, expires_at, secrets.randbits(256), key)
            write_new(out, invitation.to_json())
            return expires_at

    print(f"invited until {instant(asyncio.run(run()))}: {out}")


@app.command("apply")
def apply(
    agreement: Annotated[
        Path, typer.Argument(help="The membership agreement's text, which is signed by its hash.", metavar="AGREEMENT")
    ],
    invitation: Annotated[
        Optional[Path],
        typer.Option("--invitation", help="What the inviter signed; says all the rest.", metavar="FILE"),
    ] = None,
    identity: Annotated[
        Optional[str],
        typer.Option("--identity", help="Who applies; the key's own address without it.", metavar="ADDRESS"),
    ] = None,
    role: RolesOption = None,
    jurisdiction: JurisdictionOption = None,
    register_number: RegisterNumberOption = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Sign the membership agreement and apply; the council decides. By the applicant's owner."""
    from eth_utils.crypto import keccak

    from consentry.client.charter import Invitation

    key, text = signer(keystore), file_bytes(agreement)
    brought = None
    if invitation is None:
        who = key.address if identity is None else address(identity)
        admission = _admission(who, role, jurisdiction, register_number, None)
    else:
        if role or jurisdiction or register_number or identity:
            raise CommandUnclear("an invitation says who applies, to which roles and where; give it alone")
        brought = Invitation.from_json(file_bytes(invitation).decode("utf-8", "replace"))
        admission = brought.admission

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            in_force = await connected.charter.agreement()
            if keccak(text) != in_force:
                raise CommandRefused(f"{agreement} is not the agreement in force, whose hash is 0x{in_force.hex()}")
            mined = await connected.charter.apply(admission, key, key, brought)
            print(f"applied: {admission.identity} ({mined.gas_used:,} gas)")
            print("next: a seat proposes it with `consentry participants admit`")

    asyncio.run(run())


@app.command("admit")
def admit(
    identity: Annotated[list[str], typer.Argument(help="Who applied; several at once.", metavar="ADDRESS...")],
    description: DescriptionOption = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Propose to admit applicants on the terms that they applied for."""
    from consentry.client.identities import Role

    key, applicants = signer(keystore), [address(text) for text in identity]

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            identities = connected.identities
            actions = []
            for applicant in applicants:
                admission = await identities.application_of(applicant)
                is_regulator = admission.roles == Role.REGULATOR
                actions.append(identities.admit_regulator(admission) if is_regulator else identities.admit(admission))
            words = description or f"admit {', '.join(applicants)}"
            await propose_and_tell(connected, actions, words, key)

    asyncio.run(run())


@app.command("suspend")
def suspend(
    identity: IdentityArgument,
    urgently: Annotated[
        bool, typer.Option("--urgently", help="At once, for 72 hours, without a vote. By a guardian.")
    ] = False,
    description: DescriptionOption = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Propose to suspend a participant for as long as the council says, or suspend it as a guardian."""
    key, who = signer(keystore), address(identity)

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            if urgently:
                mined = await connected.identities.suspend_urgently(who, key)
                print(f"suspended for 72 hours: {who} ({mined.gas_used:,} gas)")
                print("next: a seat proposes `consentry participants ratify`, carried out in that time, or `reinstate`")
                return
            action = connected.identities.suspend(who)
            await propose_and_tell(connected, [action], description or f"suspend {who}", key)

    asyncio.run(run())


@app.command("ratify")
def ratify(
    identity: IdentityArgument,
    description: DescriptionOption = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Propose to let a guardian's suspension stand, while its 72 hours run; needs no opinion."""
    _propose(
        lambda connected, who: connected.identities.ratify_suspension(who),
        "let the suspension stand of",
        identity,
        description,
        (rpc, directory, network, keystore),
    )


@app.command("reinstate")
def reinstate(
    identity: IdentityArgument,
    description: DescriptionOption = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Propose to end a suspension."""
    _propose(
        lambda connected, who: connected.identities.reinstate(who),
        "reinstate",
        identity,
        description,
        (rpc, directory, network, keystore),
    )


@app.command("remove")
def remove(
    identity: IdentityArgument,
    description: DescriptionOption = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Propose to remove a participant; its money stays withdrawable."""
    _propose(
        lambda connected, who: connected.identities.remove(who),
        "remove",
        identity,
        description,
        (rpc, directory, network, keystore),
    )


@app.command("set-roles")
def set_roles(
    identity: IdentityArgument,
    role: RolesOption = None,
    description: DescriptionOption = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Propose the roles that a participant has from then on."""
    roles = _roles(role)
    _propose(
        lambda connected, who: connected.identities.set_roles(who, roles),
        "change the roles of",
        identity,
        description,
        (rpc, directory, network, keystore),
    )


@app.command("recover")
def recover(
    identity: IdentityArgument,
    new_owner: Annotated[str, typer.Argument(help="The key that owns it from then on.", metavar="NEW_OWNER")],
    description: DescriptionOption = None,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """Propose to give an identity whose key was lost to another key; its delegates from before act no more."""
    owner = address(new_owner)
    _propose(
        lambda connected, who: connected.identities.recover_owner(who, owner),
        "give a lost key's identity to another:",
        identity,
        description,
        (rpc, directory, network, keystore),
    )


@app.command("lift")
def lift(
    identity: IdentityArgument,
    rpc: RpcOption = None,
    directory: DirectoryOption = None,
    network: NetworkOption = None,
    keystore: KeystoreOption = None,
) -> None:
    """End a guardian's suspension whose 72 hours are over. By anyone."""
    key, who = signer(keystore), address(identity)

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            mined = await connected.identities.lift_suspension(who, key)
            print(f"lifted: {who} ({mined.gas_used:,} gas)")

    asyncio.run(run())


def _propose(
    make: Callable[[Network, ChecksumAddress], Action],
    verb: str,
    identity: str,
    description: str | None,
    options: tuple[str | None, str | None, Path | None, Path | None],
) -> None:
    rpc, directory, network, keystore = options
    key, who = signer(keystore), address(identity)

    async def run() -> None:
        async with await connect(rpc, directory, network) as connected:
            await propose_and_tell(connected, [make(connected, who)], description or f"{verb} {who}", key)

    asyncio.run(run())


def _admission(
    identity: ChecksumAddress,
    roles: list[RoleWord] | None,
    jurisdiction: str | None,
    register_number: str | None,
    recruiter: ChecksumAddress | None,
) -> Admission:
    from eth_utils.crypto import keccak

    from consentry.client.identities import Admission

    if jurisdiction is None or register_number is None:
        raise CommandUnclear("what is applied for is not known; give --role, --jurisdiction and --register-number")
    place = jurisdiction_of(jurisdiction)
    return Admission(identity, _roles(roles), place, keccak(text=register_number), recruiter)


def _roles(names: list[RoleWord] | None) -> Role:
    from consentry.client.identities import Role

    if not names:
        known = ", ".join(word.value for word in RoleWord)
        raise CommandUnclear(f"no role is given; give --role, one or more of {known}")
    roles = Role(0)
    for name in names:
        roles |= Role[name.name]
    return roles


def _names(roles: Role) -> list[str]:
    return [role.name.lower() for role in type(roles) if role in roles and role.name]

"""A network as the contract tests use it: deployed by the package, held as Brownie's contract objects."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import brownie
from brownie.network.account import Account
from brownie.network.contract import ProjectContract
from brownie.network.transaction import TransactionReceipt
from eth_account.signers.local import LocalAccount
from eth_utils.crypto import keccak

from consentry.client.signing import TypedDomain
from consentry.deployment import Manifest, Parameters, deploy, load_parameters
from consentry.deployment.artifacts import load_artifact
from consentry.deployment.plan import CONTRACTS
from consentry.devchain import DEVELOPMENT_ACCOUNTS, development_account
from tests.helpers.clock import is_ganache

CONSUMER, PROVIDER, COORDINATOR, HOST, CHANNEL_PARTNER, REGULATOR = (1 << bit for bit in range(6))
"""Bits of Roles."""

NONE, INVITED, ACTIVE, SUSPENDED, REMOVED = range(5)
"""ParticipantStatus."""

NOBODY = "0x" + "00" * 20
AGREEMENT = load_parameters().charter.agreement
"""Hash of the membership agreement in force."""
JURISDICTION = b"DE"
INVITED_SECONDS = 86_400
_nonces = itertools.count(1)


@dataclass(frozen=True)
class System:
    """The contracts of a network, by noun."""

    access: ProjectContract
    directory: ProjectContract
    identities: ProjectContract
    schemas: ProjectContract
    credit: ProjectContract
    schedule: ProjectContract
    consents: ProjectContract
    erasures: ProjectContract
    escrow: ProjectContract
    batches: ProjectContract
    host_rewards: ProjectContract
    charter: ProjectContract
    timelock: ProjectContract
    council: ProjectContract
    panel: ProjectContract
    disputes: ProjectContract
    manifest: Manifest
    parameters: Parameters

    def contracts(self) -> dict[str, ProjectContract]:
        """Return the contracts by name."""
        return {name: getattr(self, NOUNS[name]) for name in CONTRACTS}


NOUNS = {
    "NetworkAccess": "access",
    "NetworkDirectory": "directory",
    "IdentityRegistry": "identities",
    "SchemaRegistry": "schemas",
    "NetworkCredit": "credit",
    "FeeSchedule": "schedule",
    "ConsentToken": "consents",
    "ErasureRegister": "erasures",
    "FeeEscrow": "escrow",
    "ExchangeBatches": "batches",
    "HostRewards": "host_rewards",
    "NetworkCharter": "charter",
    "CouncilTimelock": "timelock",
    "Council": "council",
    "ArbitrationPanel": "panel",
    "Disputes": "disputes",
}


ESCROW_PARTS = ("token", "identities", "consents", "schedule", "hostRewards", "disputes", "batches")
"""Names of EscrowParts, in order."""

FOLLOWERS = {"HostRewards": "hostRewards", "Disputes": "disputes", "ExchangeBatches": "batches"}
"""Contracts that are created after the escrow that knows them, and which part of it they are."""


def deploy_system(folder: Path, parameters: Parameters | None = None) -> System:
    """Deploy a network on Brownie's chain, by the package's own function.

    Args:
        folder: Where the manifest is written.
        parameters: What to deploy with, or None for the packaged ones.
    """
    check_artifacts()
    chosen = load_parameters() if parameters is None else parameters
    manifest = deploy(brownie.web3.provider.endpoint_uri, development_account(0), chosen, folder / "manifest.json")
    project = brownie.project.get_loaded_projects()[0]
    contracts = {noun: project[name].at(manifest.address(name)) for name, noun in NOUNS.items()}
    return System(**contracts, manifest=manifest, parameters=chosen)


def deploy_exchange(
    system: System, sender: Account, spans: tuple[int, ...] | None = None, **parts: object
) -> dict[str, ProjectContract]:
    """Deploy another escrow with the contracts that speak to it, listed nowhere yet; by name.

    Args:
        system: The network.
        sender: Creates them.
        spans: Of the escrow; those of the network's where None.
        parts: What is another than the network's: ``token``, ``identities``, ``consents``, ``schedule``; and
            ``hostRewards``, where it is somebody who need not be deployed.
    """
    project = brownie.project.get_loaded_projects()[0]
    given = dict(zip(ESCROW_PARTS, system.escrow.wiring(), strict=True)) | parts
    followers = [name for name, part in FOLLOWERS.items() if part not in parts]
    for place, name in enumerate(followers, 1):
        given[FOLLOWERS[name]] = sender.get_deployment_address(sender.nonce + place)
    spans = spans or tuple(system.escrow.parameters())
    escrow = project.FeeEscrow.deploy(tuple(given.values()), spans, {"from": sender})
    arguments = {
        "ExchangeBatches": (escrow, given["identities"]),
        "HostRewards": (system.access, given["identities"], escrow),
        "Disputes": (system.access, escrow, given["identities"], system.panel, *system.disputes.spans()),
    }
    deployed = {name: project[name].deploy(*arguments[name], {"from": sender}) for name in followers}
    return {"FeeEscrow": escrow, **deployed}


def check_artifacts() -> None:
    """Assert that what the package deploys is what Brownie compiled from the sources that are there."""
    project = brownie.project.get_loaded_projects()[0]
    stale = [name for name in CONTRACTS if load_artifact(name).bytecode.hex() != project[name].bytecode]
    assert not stale, f"the packaged {', '.join(stale)} is not what the sources compile to: run `make compile`"


def legal_id_of(identity: object) -> bytes:
    """Return the legal id under which tests admit an identity."""
    return keccak(text=f"TEST-REGISTER-{identity}")


def council_account(system: System) -> Account:
    """Return the account that carries out what the council votes: its timelock, without waiting for a vote."""
    return account_of(system.timelock)


def account_of(contract: ProjectContract) -> Account:
    """Return an account that acts as a contract."""
    return account_at(contract.address)


def account_at(address: str) -> Account:
    """Return an account that acts as whoever is at an address."""
    account = brownie.accounts.at(address, force=True)
    method = "evm_setAccountBalance" if is_ganache() else "anvil_setBalance"
    brownie.web3.provider.make_request(method, [address, hex(10**22)])
    return account


def sign_charter(system: System, founders: Sequence[LocalAccount], carrier: Account) -> None:
    """Sign the first charter for every founder, which brings it into force."""
    document, phase, seat_cap, _, _ = system.charter.versionOf(1)
    for founder in founders:
        message = {
            "document": bytes(document),
            "phase": phase,
            "seats": seat_cap,
            "version": 1,
            "signer": founder.address,
        }
        system.charter.sign(
            1, founder.address, charter_domain(system).sign(founder, "Charter", message), {"from": carrier}
        )


def charter_domain(system: System) -> TypedDomain:
    """Return the domain under which charters, agreements and invitations are signed."""
    return TypedDomain("network_charter", system.manifest.chain_id, system.charter.address)


def key_of(address: object) -> LocalAccount:
    """Return the key of a development account, by its account or address."""
    return _keys()[str(getattr(address, "address", address))]


@lru_cache(maxsize=1)
def _keys() -> Mapping[str, LocalAccount]:
    return {key.address: key for key in map(development_account, range(DEVELOPMENT_ACCOUNTS))}


def admission_of(identity: object, roles: int, recruiter: object = NOBODY) -> tuple[object, ...]:
    """Return what an identity applies for in tests."""
    return (identity, roles, JURISDICTION, recruiter, legal_id_of(identity))


def apply(
    system: System, admission: tuple[object, ...], carrier: Account, *, key: LocalAccount | None = None
) -> TransactionReceipt:
    """Apply for membership with all signatures, invited where the admission names a recruiter.

    Args:
        system: The network.
        admission: What is applied for.
        carrier: Sends it.
        key: Of the identity's owner; the development account's own where None.
    """
    identity, roles, jurisdiction, recruiter, legal_id = admission
    domain = charter_domain(system)
    address = str(getattr(identity, "address", identity))
    signer = system.identities.identityOwner(identity)
    owner = key_of(signer) if key is None else key
    agreement = {
        "document": bytes(system.charter.agreement()),
        "participant": address,
        "roles": roles,
        "jurisdiction": jurisdiction,
        "legalId": legal_id,
        "inviter": str(getattr(recruiter, "address", recruiter)),
        "nonce": next(_nonces),
        "signer": signer,
    }
    expires_at, nonce, invitation = 0, 0, b""
    if recruiter != NOBODY:
        expires_at, nonce = brownie.chain[-1].timestamp + INVITED_SECONDS, next(_nonces)
        inviter = system.identities.identityOwner(recruiter)
        message = {
            "invitee": address,
            "roles": roles,
            "jurisdiction": jurisdiction,
            "inviter": str(getattr(recruiter, "address", recruiter)),
            "expiresAt": expires_at,
            "nonce": nonce,
            "signer": inviter,
        }
        invitation = domain.sign(key_of(inviter), "Invitation", message)
    application = (identity, roles, jurisdiction, legal_id, recruiter, expires_at, nonce, agreement["nonce"])
    return system.charter.applyForMembership(
        application, invitation, domain.sign(owner, "Agreement", agreement), {"from": carrier}
    )


def admit(
    system: System,
    council: Account,
    identity: object,
    roles: int,
    recruiter: object = NOBODY,
    *,
    key: LocalAccount | None = None,
) -> None:
    """Let a participant apply, and admit it as the council; arguments as `apply`."""
    admission = admission_of(identity, roles, recruiter)
    apply(system, admission, council, key=key)
    system.identities.admit(admission, {"from": council})

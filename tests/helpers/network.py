"""A network as the contract tests use it: deployed by the package, held as Brownie's contract objects."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import brownie
from brownie.network.account import Account
from brownie.network.contract import ProjectContract
from eth_utils.crypto import keccak

from consentry.deployment import Manifest, Parameters, deploy, load_parameters
from consentry.deployment.artifacts import load_artifact
from consentry.deployment.plan import CONTRACTS
from consentry.devchain import development_account

CONSUMER, PROVIDER, COORDINATOR, HOST, CHANNEL_PARTNER, REGULATOR = (1 << bit for bit in range(6))
"""Bits of Roles."""

NONE, INVITED, ACTIVE, SUSPENDED, REMOVED = range(5)
"""ParticipantStatus."""

NOBODY = "0x" + "00" * 20
JURISDICTION = b"DE"


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
    escrow: ProjectContract
    host_rewards: ProjectContract
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
    "FeeEscrow": "escrow",
    "HostRewards": "host_rewards",
}


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


def check_artifacts() -> None:
    """Assert that what the package deploys is what Brownie compiled from the sources that are there."""
    project = brownie.project.get_loaded_projects()[0]
    stale = [name for name in CONTRACTS if load_artifact(name).bytecode.hex() != project[name].bytecode]
    assert not stale, f"the packaged {', '.join(stale)} is not what the sources compile to: run `make compile`"


def legal_id_of(identity: object) -> bytes:
    """Return the legal id under which tests admit an identity."""
    return keccak(text=f"TEST-REGISTER-{identity}")


def admit(system: System, council: Account, identity: object, roles: int, recruiter: object = NOBODY) -> None:
    """Admit a participant, as the council."""
    admission = (identity, roles, JURISDICTION, recruiter, legal_id_of(identity))
    system.identities.admit(admission, {"from": council})

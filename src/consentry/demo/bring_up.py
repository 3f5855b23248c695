"""Bring a network up on a local chain: deployed, its participants admitted and accredited, balances in place."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.credit import UNITS_PER_CREDIT
from consentry.client.identities import ISSUER_KEY, SERVICE_ENDPOINT
from consentry.client.network import Network
from consentry.credentials import IssuerKey
from consentry.demo.cast import (
    BANK,
    CONSUMERS,
    COUNCIL,
    DEPLOYER,
    FIRST_HOST,
    LICENCE_OFFICE,
    MEMBERS,
    RECRUITED,
    RENTAL_AGENCY,
    SECOND_BANK,
    SECOND_HOST,
    TREASURER,
    UTILITY,
    Member,
)
from consentry.deployment.deploy import deploy
from consentry.deployment.manifest import Manifest
from consentry.deployment.parameters import Parameters, load_parameters

PREPAID_UNITS = 100 * UNITS_PER_CREDIT
"""What each consumer prepays."""

ACCREDITED_SECONDS = 365 * 86_400
KEY_VALIDITY_SECONDS = 365 * 86_400

IDENTITY = "urn:consentry:schema:person-identity:1"
ACCOUNT = "urn:consentry:schema:bank-account:1"
LICENCE = "urn:consentry:schema:driving-licence:1"
RESIDENCE = "urn:consentry:schema:residence-address:1"
TENANCY = "urn:consentry:purpose:tenancy-screening"
ACCOUNT_OPENING = "urn:consentry:purpose:account-opening"
LICENCE_RENEWAL = "urn:consentry:purpose:licence-renewal"
UTILITY_CONNECTION = "urn:consentry:purpose:utility-connection"

PROVIDED = ((BANK, IDENTITY), (BANK, ACCOUNT), (LICENCE_OFFICE, LICENCE), (UTILITY, RESIDENCE))
ASKED = (
    (RENTAL_AGENCY, IDENTITY, TENANCY),
    (SECOND_BANK, LICENCE, ACCOUNT_OPENING),
    (LICENCE_OFFICE, RESIDENCE, LICENCE_RENEWAL),
    (UTILITY, ACCOUNT, UTILITY_CONNECTION),
)
HOST_WEIGHTS = ((FIRST_HOST, 2), (SECOND_HOST, 1))


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the bring-up that was mined.

    Attributes:
        who: Whose key sent it.
        what: What it did.
        gas_used: Gas units.
    """

    who: str
    what: str
    gas_used: int


@dataclass(frozen=True, slots=True)
class BroughtUp:
    """A network that is ready for business.

    Attributes:
        manifest: The deployment.
        network: The connection.
        parameters: What it was deployed with.
    """

    manifest: Manifest
    network: Network
    parameters: Parameters


def issuer_key_of(member: Member) -> IssuerKey:
    """Return the well-known development key with which a provider signs credentials."""
    return IssuerKey.from_seed(hashlib.sha256(f"consentry development issuer {member.account}".encode()).digest())


async def bring_up(rpc_url: str, folder: Path, report: Callable[[Step], None]) -> BroughtUp:
    """Deploy a network and admit everyone in the story.

    Args:
        rpc_url: A local chain that funds the development accounts.
        folder: Where the deployment's manifest is written.
        report: Called after each step.

    Raises:
        DeploymentError: The deployment failed.
        ClientError: The chain refused a step.
    """
    parameters = load_parameters()
    manifest = deploy(
        rpc_url,
        DEPLOYER,
        parameters,
        folder / "manifest.json",
    )
    report(Step("deployer", f"deploys {len(manifest.contracts)} contracts and hands everything to the council", 0))
    network = await Network.connect(rpc_url, manifest.address("NetworkDirectory"))
    try:
        await _admit(network, report)
        await _publish_keys(network, report)
        await _accredit(network, report)
        await _fill(network, report)
    except BaseException:
        await network.close()
        raise
    return BroughtUp(manifest, network, parameters)


async def _admit(network: Network, report: Callable[[Step], None]) -> None:
    # Recruiters first: attribution is written at admission.
    for member in sorted(MEMBERS, key=lambda member: member.identity in RECRUITED):
        mined = await network.identities.admit(
            member.identity,
            member.roles,
            member.jurisdiction,
            keccak(text=f"DEVELOPMENT-{member.account:04d}"),
            COUNCIL,
            recruiter=RECRUITED.get(member.identity),
        )
        report(Step("council", f"admits {member.name}", mined.gas_used))
    for host, weight in HOST_WEIGHTS:
        mined = await network.hosts.set_weight(host.identity, weight, COUNCIL)
        report(Step("council", f"gives {host.name} weight {weight}", mined.gas_used))


async def _publish_keys(network: Network, report: Callable[[Step], None]) -> None:
    for provider in dict.fromkeys(provider for provider, _ in PROVIDED):
        mined = await network.identities.set_attribute(
            provider.identity, ISSUER_KEY, issuer_key_of(provider).public_bytes, KEY_VALIDITY_SECONDS, provider.key
        )
        report(Step(provider.name, "publishes the key that signs its credentials", mined.gas_used))
        endpoint = f"https://{provider.contact.split('@')[1]}/consentry"
        mined = await network.identities.set_attribute(
            provider.identity, SERVICE_ENDPOINT, endpoint.encode(), KEY_VALIDITY_SECONDS, provider.key
        )
        report(Step(provider.name, "publishes the endpoint of its node", mined.gas_used))


async def _accredit(network: Network, report: Callable[[Step], None]) -> None:
    until = await network.now() + ACCREDITED_SECONDS
    for provider, schema in PROVIDED:
        mined = await network.schemas.accredit_provider(
            provider.identity, schema, Assurance.SUBSTANTIAL, until, COUNCIL
        )
        report(Step("council", f"accredits {provider.name} to provide {_short(schema)}", mined.gas_used))
    for consumer, schema, purpose in ASKED:
        mined = await network.schemas.accredit_consumer(consumer.identity, schema, purpose, until, COUNCIL)
        report(
            Step("council", f"accredits {consumer.name} to ask for {_short(schema)}: {_short(purpose)}", mined.gas_used)
        )


async def _fill(network: Network, report: Callable[[Step], None]) -> None:
    for consumer in CONSUMERS:
        invoice = keccak(text=f"development invoice {consumer.account}")
        issued = await network.credit.issue(consumer.identity, PREPAID_UNITS, invoice, TREASURER)
        report(Step("treasurer", f"issues credit to {consumer.name} against its paid invoice", issued.gas_used))
        allowed, deposited = await network.credit.prepay(PREPAID_UNITS, consumer.key)
        report(Step(consumer.name, "prepays", allowed.gas_used + deposited.gas_used))


def _short(urn: str) -> str:
    return urn.split(":")[3].replace("-", " ")

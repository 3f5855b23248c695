"""Bring a network up on a local chain: deployed, its participants admitted and accredited, balances in place."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.credit import UNITS_PER_CREDIT
from consentry.client.identities import DELIVERY_KEY, ISSUER_KEY, SERVICE_ENDPOINT, Admission
from consentry.client.network import Network
from consentry.credentials import IssuerKey
from consentry.delivery import OneTimeKey
from consentry.demo.cast import (
    BANK,
    CONSUMERS,
    DEPLOYER,
    FIRST_HOST,
    FOUNDERS,
    LICENCE_OFFICE,
    MEMBERS,
    RECRUITED,
    REGULATOR,
    RENTAL_AGENCY,
    SECOND_BANK,
    SECOND_HOST,
    STRANGER,
    TREASURER,
    UTILITY,
    Member,
)
from consentry.demo.governance import Report, Step, carry, pass_time
from consentry.deployment.deploy import deploy
from consentry.deployment.manifest import Manifest
from consentry.deployment.parameters import Parameters, load_parameters

PREPAID_UNITS = 500 * UNITS_PER_CREDIT
"""What each consumer prepays."""

ACCREDITED_SECONDS = 365 * 86_400
INVITATION_SECONDS = 30 * 86_400
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


def delivery_key_of(member: Member) -> OneTimeKey:
    """Return the well-known development key to which others encrypt for a member."""
    return OneTimeKey.from_private_bytes(
        hashlib.sha256(f"consentry development delivery {member.account}".encode()).digest()
    )


async def bring_up(rpc_url: str, folder: Path, report: Report) -> BroughtUp:
    """Deploy a network, found it, and admit everyone in the story.

    Moves the chain's clock: each vote takes its time.

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
        await _found(network, report)
        await _admit(network, report)
        await _publish_keys(network, report)
        await _accredit(network, report)
        await _fill(network, report)
    except BaseException:
        await network.close()
        raise
    return BroughtUp(manifest, network, parameters)


async def _found(network: Network, report: Report) -> None:
    charter = await network.charter.version()
    for founder in FOUNDERS:
        mined = await network.charter.sign(charter, founder.identity, founder.key, founder.key)
        report(Step(founder.name, "signs the charter", mined.gas_used))
    # A seat proposes from the second after it was taken, and a quick chain is still in that one.
    await pass_time(network, 1)


async def _admit(network: Network, report: Report) -> None:
    """Admit a regulator first, since all else needs its opinion; whoever was recruited comes after its recruiter."""
    identities = network.identities
    await _apply(network, (REGULATOR,), report)
    await carry(network, [identities.admit_regulator(admission_of(REGULATOR))], "admit a regulator", report)
    recruited = [member for member in MEMBERS if member.identity in RECRUITED]
    others = [member for member in MEMBERS if member is not REGULATOR and member not in recruited]
    for members, description in ((others, "admit the first members"), (recruited, "admit who was invited")):
        await _apply(network, members, report)
        await carry(network, [identities.admit(admission_of(member)) for member in members], description, report)
    weights = [network.hosts.set_weight(host.identity, weight) for host, weight in HOST_WEIGHTS]
    await carry(network, weights, "give the hosts weight", report)


async def _apply(network: Network, members: Sequence[Member], report: Report) -> None:
    for member in members:
        admission = admission_of(member)
        invitation = None
        inviter = next((other for other in MEMBERS if other.identity == admission.recruiter), None)
        if inviter is not None:
            expires_at = await network.now() + INVITATION_SECONDS
            invitation = network.charter.invite(admission, expires_at, member.account, inviter.key)
            report(Step(inviter.name, f"signs an invitation for {member.name}", 0))
        mined = await network.charter.apply(admission, member.key, STRANGER, invitation)
        report(Step(member.name, "signs the membership agreement and applies", mined.gas_used))


def admission_of(member: Member) -> Admission:
    """Return what a member of the story applies for."""
    return Admission(
        identity=member.identity,
        roles=member.roles,
        jurisdiction=member.jurisdiction,
        legal_id=keccak(text=f"DEVELOPMENT-{member.account:04d}"),
        recruiter=RECRUITED.get(member.identity),
    )


async def _publish_keys(network: Network, report: Report) -> None:
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
    key = delivery_key_of(REGULATOR).public_bytes
    mined = await network.identities.set_attribute(
        REGULATOR.identity, DELIVERY_KEY, key, KEY_VALIDITY_SECONDS, REGULATOR.key
    )
    report(Step(REGULATOR.name, "publishes the key to which cases are encrypted", mined.gas_used))


async def _accredit(network: Network, report: Report) -> None:
    until = await network.now() + ACCREDITED_SECONDS
    accredited = [
        network.schemas.accredit_provider(provider.identity, schema, Assurance.SUBSTANTIAL, until)
        for provider, schema in PROVIDED
    ]
    accredited += [
        network.schemas.accredit_consumer(consumer.identity, schema, purpose, until)
        for consumer, schema, purpose in ASKED
    ]
    await carry(network, accredited, "accredit providers and consumers", report)


async def _fill(network: Network, report: Report) -> None:
    for consumer in CONSUMERS:
        invoice = keccak(text=f"development invoice {consumer.account}")
        issued = await network.credit.issue(consumer.identity, PREPAID_UNITS, invoice, TREASURER)
        report(Step("treasurer", f"issues credit to {consumer.name} against its paid invoice", issued.gas_used))
        allowed, deposited = await network.credit.prepay(PREPAID_UNITS, consumer.key)
        report(Step(consumer.name, "prepays", allowed.gas_used + deposited.gas_used))


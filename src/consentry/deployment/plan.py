"""What a deployment consists of: a fixed row of steps, each one transaction.

The row and every address in it follow from the parameters, the deployer and its first nonce (CREATE addresses), so that
contracts can be told of each other before they exist and a killed run finds its place again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from eth_typing import ChecksumAddress
from eth_utils.crypto import keccak
from web3.types import Nonce
from web3.utils.address import get_create_address

from consentry.deployment.artifacts import AbiValue, Artifact, load_artifact
from consentry.deployment.files import JsonValue
from consentry.deployment.parameters import FeeParameters, Parameters, SchemaParameters
from consentry.deployment.roles import FUNCTION_ROLES, Role, role_holders

CONTRACTS: Final = (
    "NetworkAccess",
    "NetworkDirectory",
    "IdentityRegistry",
    "SchemaRegistry",
    "NetworkCredit",
    "FeeSchedule",
    "ConsentToken",
    "ErasureRegister",
    "FeeEscrow",
    "ExchangeBatches",
    "HostRewards",
    "NetworkCharter",
    "CouncilTimelock",
    "Council",
    "ArbitrationPanel",
    "Disputes",
)
"""The contracts of a network, in the order of creation."""

NO_DELAY_SECONDS: Final = 0
"""Delay that NetworkAccess adds to what its role holders do; the council's own stands in its timelock."""

EXEMPTIONS: Final = (
    ("IdentityRegistry", "admitRegulator"),
    ("IdentityRegistry", "ratifySuspension"),
    ("IdentityRegistry", "setAdmissionsPausedUntil"),
    ("ConsentToken", "setGrantsPausedUntil"),
    ("ConsentToken", "setUsesPausedUntil"),
)
"""What needs no regulator's opinion from the start: to admit regulators, and to ratify what a guardian did."""


@dataclass(frozen=True, slots=True)
class Creation:
    """A step that creates a contract.

    Attributes:
        label: What it does, in a few words.
        artifact: The compiled contract.
        arguments: Of its constructor.
        address: Where it will be.
        data: Of the transaction.
    """

    label: str
    artifact: Artifact
    arguments: tuple[AbiValue, ...]
    address: ChecksumAddress
    data: bytes


@dataclass(frozen=True, slots=True)
class Call:
    """A step that calls a contract of the network.

    Attributes:
        label: What it does, in a few words.
        address: The contract called.
        data: Of the transaction.
    """

    label: str
    address: ChecksumAddress
    data: bytes


Step = Creation | Call


def network_artifacts() -> tuple[Artifact, ...]:
    """Return the compiled contracts of a network, in the order of creation.

    Raises:
        ArtifactInvalid: The package lacks one.
    """
    return tuple(load_artifact(name) for name in CONTRACTS)


def addresses_of(deployer: ChecksumAddress, first_nonce: int) -> dict[str, ChecksumAddress]:
    """Return where each contract of the network comes to be, by name."""
    return {name: get_create_address(deployer, Nonce(first_nonce + index)) for index, name in enumerate(CONTRACTS)}


def constructor_arguments(
    parameters: Parameters, addresses: Mapping[str, ChecksumAddress], deployer: ChecksumAddress
) -> dict[str, tuple[AbiValue, ...]]:
    """Return what each contract's constructor is given, by name."""
    access = addresses["NetworkAccess"]
    identities = addresses["IdentityRegistry"]
    exchange, council = parameters.exchange, parameters.council
    return {
        "NetworkAccess": (deployer,),
        "NetworkDirectory": (access,),
        "IdentityRegistry": (access, addresses["NetworkCharter"]),
        "SchemaRegistry": (access, identities),
        "NetworkCredit": (access, identities),
        "FeeSchedule": (access, exchange.order_life_seconds),
        "ConsentToken": (access, identities, addresses["SchemaRegistry"]),
        "ErasureRegister": (access, identities, addresses["ConsentToken"], parameters.consents.erasure_seconds),
        "FeeEscrow": (
            (
                addresses["NetworkCredit"],
                identities,
                addresses["ConsentToken"],
                addresses["FeeSchedule"],
                addresses["HostRewards"],
                addresses["Disputes"],
                addresses["ExchangeBatches"],
            ),
            (
                exchange.notice_seconds,
                exchange.lapse_seconds,
                exchange.order_life_seconds,
                exchange.delivery_seconds,
                exchange.shortest_challenge_seconds,
                exchange.longest_challenge_seconds,
                exchange.dispute_bond_bps,
            ),
        ),
        "ExchangeBatches": (addresses["FeeEscrow"], identities),
        "HostRewards": (access, identities, addresses["FeeEscrow"]),
        "NetworkCharter": (
            access,
            identities,
            addresses["Council"],
            parameters.charter.document,
            parameters.charter.agreement,
        ),
        "CouncilTimelock": (council.timelock_seconds, addresses["Council"]),
        "Council": (
            addresses["CouncilTimelock"],
            identities,
            addresses["NetworkCharter"],
            access,
            addresses["NetworkDirectory"],
            list(council.founders),
            (council.voting_delay_seconds, council.voting_seconds, council.opinion_seconds),
            [(addresses[name], load_artifact(name).selector(function)) for name, function in EXEMPTIONS],
        ),
        "ArbitrationPanel": (addresses["Council"], identities, addresses["HostRewards"]),
        "Disputes": (
            access,
            addresses["FeeEscrow"],
            identities,
            addresses["ArbitrationPanel"],
            exchange.evidence_seconds,
            exchange.dispute_seconds,
        ),
    }


def directory_entries(addresses: Mapping[str, ChecksumAddress]) -> dict[str, ChecksumAddress]:
    """Return what the directory names: each contract but itself."""
    return {name: address for name, address in addresses.items() if name != "NetworkDirectory"}


def directory_key(name: str) -> bytes:
    """Return a contract's name as the directory keeps it: ASCII, zeros behind it to 32 bytes."""
    return name.encode("ascii").ljust(32, b"\0")


def steps_of(parameters: Parameters, deployer: ChecksumAddress, first_nonce: int) -> tuple[Step, ...]:
    """Return every step of a deployment, in order.

    Args:
        parameters: What to deploy with.
        deployer: Who signs every step.
        first_nonce: The deployer's nonce for the first step; each step takes the next.

    Raises:
        ArtifactInvalid: The package lacks a compiled contract.
    """
    addresses = addresses_of(deployer, first_nonce)
    arguments = constructor_arguments(parameters, addresses, deployer)
    steps: list[Step] = []
    for artifact in network_artifacts():
        name = artifact.name
        data = artifact.creation(arguments[name])
        steps.append(Creation(f"create {name}", artifact, arguments[name], addresses[name], data))

    def call(label: str, contract: str, function: str, *values: AbiValue) -> None:
        steps.append(Call(label, addresses[contract], load_artifact(contract).call(function, values)))

    for name, address in directory_entries(addresses).items():
        call(f"list {name} in the directory", "NetworkDirectory", "set", directory_key(name), address)
    call("let the escrow take uses of consents", "ConsentToken", "addEscrow", addresses["FeeEscrow"])
    listed = True
    call("let the escrow hold network credit", "NetworkCredit", "setNetworkContract", addresses["FeeEscrow"], listed)
    call("set the ceiling of network credit", "NetworkCredit", "setCeiling", parameters.credit.ceiling)
    for schema in parameters.schemas:
        call(f"register schema {schema.uri}", "SchemaRegistry", "registerSchema", *_schema_values(schema))
    for purpose in parameters.purposes:
        call(f"register purpose {purpose}", "SchemaRegistry", "registerPurpose", keccak(text=purpose), purpose)
    call("publish the first fee version", "FeeSchedule", "publish", *_fee_values(parameters.fees))
    for name in addresses:
        for role, functions in FUNCTION_ROLES.get(name, {}).items():
            selectors = [load_artifact(name).selector(function) for function in functions]
            call(
                f"give functions of {name} to the {role.title}",
                "NetworkAccess",
                "setTargetFunctionRole",
                addresses[name],
                selectors,
                int(role),
            )
    for holder in role_holders(parameters, addresses):
        call(
            f"make {holder.account} {holder.role.title}",
            "NetworkAccess",
            "grantRole",
            int(holder.role),
            holder.account,
            NO_DELAY_SECONDS,
        )
    call("give up the deployer's powers", "NetworkAccess", "renounceRole", int(Role.ADMIN), deployer)
    return tuple(steps)


def arguments_as_json(arguments: Sequence[AbiValue]) -> tuple[JsonValue, ...]:
    """Return constructor arguments as they stand in a manifest."""
    return tuple(_as_json(value) for value in arguments)


def _as_json(value: AbiValue) -> JsonValue:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, (bool, int, str)):
        return value
    return [_as_json(item) for item in value]


def _schema_values(schema: SchemaParameters) -> tuple[AbiValue, ...]:
    return (schema.id, schema.content_hash, schema.uri, list(schema.attributes))


def _fee_values(fees: FeeParameters) -> tuple[AbiValue, ...]:
    rates = (
        fees.shares.packed(),
        fees.consumer_recruiter_sunset_seconds,
        fees.provider_recruiter_sunset_seconds,
        fees.host_discount_bps,
    )
    prices = [(keccak(text=price.schema), int(price.assurance), price.price) for price in fees.prices]
    return (rates, prices)

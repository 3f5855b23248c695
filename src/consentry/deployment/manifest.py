"""What a deployment leaves behind: one file from which every client and check starts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eth_typing import ChecksumAddress
from eth_utils.address import is_checksum_address, to_checksum_address

from consentry.deployment.errors import DeploymentError, ManifestInvalid
from consentry.deployment.files import JsonValue, write_json
from consentry.deployment.parameters import Parameters, parameters_from_json

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class DeployedContract:
    """A contract of the network.

    Attributes:
        name: As in the sources and the directory.
        address: Where it is.
        block: Number of the block that created it.
        tx_hash: Transaction that created it.
        arguments: Of its constructor; addresses with checksum, byte strings as 0x-prefixed digits.
        code_hash: keccak256 of the code found there.
    """

    name: str
    address: ChecksumAddress
    block: int
    tx_hash: str
    arguments: tuple[JsonValue, ...]
    code_hash: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """A finished deployment.

    Attributes:
        chain_id: EIP-155 chain id.
        genesis_hash: Of the chain's block 0.
        deployer: Who signed every step; holds no role afterwards.
        first_nonce: The deployer's nonce for the first step.
        commit: Git commit of the checkout that deployed, or None outside one.
        code_hash: Fingerprint of the compiled contracts.
        compiler: Version and settings by which they were compiled.
        parameters: What it was deployed with.
        contracts: By name, in the order of creation.
    """

    chain_id: int
    genesis_hash: str
    deployer: ChecksumAddress
    first_nonce: int
    commit: str | None
    code_hash: str
    compiler: Mapping[str, JsonValue]
    parameters: Parameters
    contracts: Mapping[str, DeployedContract]

    def address(self, contract: str) -> ChecksumAddress:
        """Return a contract's address.

        Args:
            contract: Its name, `NetworkDirectory` for one.

        Raises:
            KeyError: The network has no contract of that name.
        """
        return self.contracts[contract].address

    @property
    def first_block(self) -> int:
        """Block of the first contract: no event of the network is older."""
        return min(contract.block for contract in self.contracts.values())

    def write(self, path: Path) -> None:
        """Write the manifest; equal manifests give equal bytes."""
        write_json(path, self.to_json())

    def to_json(self) -> dict[str, JsonValue]:
        """Return the values as they stand in the file, in a fixed order."""
        return {
            "format": _FORMAT,
            "chain_id": self.chain_id,
            "genesis_hash": self.genesis_hash,
            "deployer": self.deployer,
            "first_nonce": self.first_nonce,
            "commit": self.commit,
            "code_hash": self.code_hash,
            "compiler": dict(self.compiler),
            "parameters": self.parameters.to_json(),
            "contracts": {
                contract.name: {
                    "address": contract.address,
                    "block": contract.block,
                    "tx": contract.tx_hash,
                    "args": list(contract.arguments),
                    "code_hash": contract.code_hash,
                }
                for contract in self.contracts.values()
            },
        }


def manifest_path(chain_id: int, folder: Path = Path("deployments")) -> Path:
    """Return where the manifest of a chain's network stands by custom."""
    return folder / f"{chain_id}.json"


def read_manifest(path: Path) -> Manifest:
    """Read a manifest.

    Args:
        path: Where it stands.

    Returns:
        The manifest.

    Raises:
        ManifestInvalid: It is not there, or cannot be read.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ManifestInvalid(path, "it is not there") from error
    except OSError as error:
        raise ManifestInvalid(path, "it cannot be read") from error
    except ValueError as error:
        raise ManifestInvalid(path, "it is not JSON") from error
    try:
        if document["format"] != _FORMAT:
            raise ManifestInvalid(path, f"its format is {document['format']}, and this release reads {_FORMAT}")
        contracts = {
            name: DeployedContract(
                name=name,
                address=_address(entry["address"]),
                block=int(entry["block"]),
                tx_hash=str(entry["tx"]),
                arguments=tuple(entry["args"]),
                code_hash=str(entry["code_hash"]),
            )
            for name, entry in document["contracts"].items()
        }
        if not contracts:
            raise ManifestInvalid(path, "it names no contract")
        return Manifest(
            chain_id=int(document["chain_id"]),
            genesis_hash=str(document["genesis_hash"]),
            deployer=_address(document["deployer"]),
            first_nonce=int(document["first_nonce"]),
            commit=None if document["commit"] is None else str(document["commit"]),
            code_hash=str(document["code_hash"]),
            compiler=dict(document["compiler"]),
            parameters=parameters_from_json(document["parameters"], source=f"{path}: parameters"),
            contracts=contracts,
        )
    except DeploymentError:
        raise
    except KeyError as error:
        raise ManifestInvalid(path, f"{error} is missing") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise ManifestInvalid(path, "it is damaged") from error


def _address(text: str) -> ChecksumAddress:
    if not is_checksum_address(text):
        raise ValueError("not an address with checksum")
    return to_checksum_address(text)

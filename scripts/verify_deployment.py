"""Compare a network with what it must be: `consentry.deployment.verify` on Brownie's chain.

    brownie run verify_deployment --network <network>
    brownie run verify_deployment main MANIFEST.json [PARAMETERS.yaml] --network <network>

Without a manifest it takes deployments/<chain id>.json; without a parameters file it takes the manifest's word for what
the network was deployed with. Each difference is printed in a line of its own, and any one makes the exit code 1.
"""

from __future__ import annotations

import sys
from pathlib import Path

from brownie import web3

from consentry.deployment import DeploymentError, load_parameters, manifest_path, read_manifest, verify
from consentry.deployment.rpc import Rpc

DEPLOYMENTS = Path(__file__).resolve().parents[1] / "deployments"


def main(manifest_file: str | None = None, parameters_file: str | None = None) -> None:
    """Verify the network on the chain that Brownie is connected to.

    Args:
        manifest_file: Manifest of the network.
        parameters_file: YAML file of what it must have been deployed with.
    """
    rpc_url = web3.provider.endpoint_uri
    try:
        path = Path(manifest_file) if manifest_file else manifest_path(Rpc(rpc_url).chain_id(), DEPLOYMENTS)
        parameters = load_parameters(Path(parameters_file)) if parameters_file else None
        report = verify(rpc_url, read_manifest(path), parameters)
    except DeploymentError as error:
        sys.exit(f"verify_deployment: {error}")
    for line in report.lines():
        print(line)
    if not report.is_clean:
        sys.exit(1)

"""Deploy a network, or go on with a deployment that was interrupted: `consentry.deployment.deploy` on Brownie's chain.

    brownie run deploy --network <network>
    brownie run deploy main PARAMETERS.yaml [KEYSTORE.json] --network <network>

Without a parameters file it takes the packaged one, which suits local chains only. The deployer's key comes from the
keystore (its password from CONSENTRY_KEYSTORE_PASSWORD), else from CONSENTRY_DEPLOYER_KEY; a local chain needs neither.
The manifest is written to deployments/<chain id>.json.
"""

from __future__ import annotations

import sys
from pathlib import Path

from brownie import web3

from consentry.deployment import DeploymentError, Progress, deploy, find_deployer, load_parameters, manifest_path
from consentry.deployment.rpc import Rpc
from consentry.devchain import LOCAL_CHAIN_IDS

DEPLOYMENTS = Path(__file__).resolve().parents[1] / "deployments"


def main(parameters_file: str | None = None, keystore_file: str | None = None) -> None:
    """Deploy to the chain that Brownie is connected to.

    Args:
        parameters_file: YAML file of parameters.
        keystore_file: Encrypted key of the deployer.
    """
    rpc_url = web3.provider.endpoint_uri
    try:
        chain_id = Rpc(rpc_url).chain_id()
        manifest = deploy(
            rpc_url,
            find_deployer(chain_id, Path(keystore_file) if keystore_file else None),
            load_parameters(Path(parameters_file) if parameters_file else None),
            manifest_path(chain_id, DEPLOYMENTS),
            on_progress=report,
            replace_other_chain=chain_id in LOCAL_CHAIN_IDS,
        )
    except DeploymentError as error:
        sys.exit(f"deploy: {error}")
    print(f"deployed {len(manifest.contracts)} contracts on chain {chain_id}")
    print(f"directory: {manifest.address('NetworkDirectory')}")
    print(f"manifest: {manifest_path(chain_id, DEPLOYMENTS)}")


def report(progress: Progress) -> None:
    """Print a step once it is mined."""
    if progress.phase == "mined":
        print(f"{progress.step:>3}/{progress.steps} {progress.label}")

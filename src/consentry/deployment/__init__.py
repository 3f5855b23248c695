"""Deploy a network and verify one: web3 and the packaged contracts, nothing else.

`deploy` takes a chain, a key and `Parameters` and returns a `Manifest`; `verify` compares a chain with a `Manifest`.
"""

from consentry.deployment.deploy import Progress, deploy
from consentry.deployment.errors import DeploymentError
from consentry.deployment.manifest import DeployedContract, Manifest, manifest_path, read_manifest
from consentry.deployment.parameters import Parameters, load_parameters
from consentry.deployment.signer import find_deployer
from consentry.deployment.verify import Finding, Report, verify

__all__ = [
    "DeployedContract",
    "DeploymentError",
    "Finding",
    "Manifest",
    "Parameters",
    "Progress",
    "Report",
    "deploy",
    "find_deployer",
    "load_parameters",
    "manifest_path",
    "read_manifest",
    "verify",
]

"""`consentry deployment`: deploy a network, and compare one with what it must be."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

app = typer.Typer(help="Deploy a network, or verify one.", no_args_is_help=True)

RpcOption = Annotated[str, typer.Option("--rpc", help="HTTP URL of a node.", metavar="URL", envvar="CONSENTRY_RPC_URL")]
ParametersOption = Annotated[
    Optional[Path],
    typer.Option("--parameters", help="YAML file of parameters.", metavar="FILE", dir_okay=False),
]
ManifestOption = Annotated[
    Optional[Path],
    typer.Option("--manifest", help="The network's manifest, by custom deployments/<chain id>.json.", metavar="FILE"),
]


@app.command("deploy")
def deploy(
    rpc: RpcOption,
    parameters: ParametersOption = None,
    manifest: ManifestOption = None,
    keystore: Annotated[
        Optional[Path],
        typer.Option(
            "--keystore",
            help="Encrypted key of the deployer; its password stands in CONSENTRY_KEYSTORE_PASSWORD. Without it, the"
            " key stands in CONSENTRY_DEPLOYER_KEY. A local chain needs neither.",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Deploy a network, or go on with a deployment that was interrupted.

    Without --parameters it takes the ones in the package, which suit local chains only.
    """
    from consentry.deployment import deploy as deploy_network
    from consentry.deployment import find_deployer, load_parameters, manifest_path
    from consentry.deployment.rpc import Rpc

    done = deploy_network(
        rpc,
        find_deployer(Rpc(rpc).chain_id(), keystore),
        load_parameters(parameters),
        manifest,
        on_progress=lambda at: print(f"{at.step:>3}/{at.steps} {at.label}") if at.phase == "mined" else None,
    )
    where = manifest if manifest is not None else manifest_path(done.chain_id)
    print(f"deployed {len(done.contracts)} contracts on chain {done.chain_id}; directory")
    print(f"  {done.address('NetworkDirectory')}")
    print(f"manifest: {where}")


@app.command("verify")
def verify(rpc: RpcOption, manifest: ManifestOption = None, parameters: ParametersOption = None) -> None:
    """Compare code, wiring, roles, parameters and the directory with what they must be.

    Without --parameters it takes the manifest's word for what the network was deployed with.
    """
    from consentry.deployment import load_parameters, manifest_path, read_manifest
    from consentry.deployment import verify as verify_network
    from consentry.deployment.rpc import Rpc

    where = manifest if manifest is not None else manifest_path(Rpc(rpc).chain_id())
    report = verify_network(rpc, read_manifest(where), None if parameters is None else load_parameters(parameters))
    for line in report.lines():
        print(line, file=sys.stdout if report.is_clean else sys.stderr)
    if not report.is_clean:
        raise typer.Exit(1)

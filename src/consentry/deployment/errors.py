"""What can go wrong while a network is deployed or verified.

ConsentryError
└── DeploymentError
    ├── ParametersInvalid
    ├── ArtifactInvalid
    ├── RpcUnreachable
    ├── RpcFailed
    ├── ChainMismatch
    ├── DevelopmentKeyRefused
    ├── SignerMissing
    │   └── DeployerMissing
    ├── ManifestInvalid
    ├── JournalInvalid
    ├── DeploymentRunning
    ├── DeploymentExists
    ├── DeploymentChanged
    ├── DeployerBusy
    ├── NonceTaken
    ├── BalanceTooLow
    ├── StepRefused
    ├── StepReverted
    └── ReceiptTimeout
"""

from __future__ import annotations

from pathlib import Path

from consentry.errors import ConsentryError


class DeploymentError(ConsentryError):
    """Say that a network could not be deployed or verified."""


class ParametersInvalid(DeploymentError):
    """Say what is wrong in the parameters file, and at which key."""

    def __init__(self, source: str, key: str, problem: str) -> None:
        self.source = source
        self.key = key
        self.problem = problem
        super().__init__(f"{source}: {key}: {problem}" if key else f"{source}: {problem}")


class ArtifactInvalid(DeploymentError):
    """Say that a compiled contract is missing from the package or does not fit."""

    def __init__(self, contract: str, problem: str) -> None:
        self.contract = contract
        self.problem = problem
        super().__init__(
            f"compiled contract {contract} {problem}: compile and export the contracts again, or reinstall consentry"
        )


class RpcUnreachable(DeploymentError):
    """Say that nothing answers at the RPC address."""

    def __init__(self, where: str) -> None:
        self.where = where
        super().__init__(f"no chain answers at {where}: start it or correct the RPC address")


class RpcFailed(DeploymentError):
    """Say that the chain's node answered a request with an error or not as specified."""

    def __init__(self, request: str, reason: str) -> None:
        self.request = request
        self.reason = reason
        super().__init__(f"the chain's node failed on {request}: {reason}; run again when it is well")


class ChainMismatch(DeploymentError):
    """Say that the chain is not the one that a file is about."""

    def __init__(self, source: str, what: str, expected: str, found: str) -> None:
        self.source = source
        self.what = what
        self.expected = expected
        self.found = found
        super().__init__(
            f"{source} is for the chain with {what} {expected}, but this one has {found}: "
            "connect to that chain or choose another file"
        )


class DevelopmentKeyRefused(DeploymentError):
    """Say that an account which anyone can sign for was named on a chain that is not local."""

    def __init__(self, place: str, address: str, chain_id: int) -> None:
        self.place = place
        self.address = address
        self.chain_id = chain_id
        super().__init__(
            f"{place} {address} is a well-known development account and chain {chain_id} is not a local one: "
            "name an account of your own"
        )


class SignerMissing(DeploymentError):
    """Say that there is no key to sign with."""


class DeployerMissing(SignerMissing):
    """Say that there is no key to deploy with."""


class ManifestInvalid(DeploymentError):
    """Say that a manifest cannot be read."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path} is not a deployment manifest: {problem}; restore it or move it away")


class JournalInvalid(DeploymentError):
    """Say that the journal of an unfinished deployment cannot be read."""

    def __init__(self, path: Path, problem: str) -> None:
        self.path = path
        self.problem = problem
        super().__init__(f"{path} is not a deployment journal: {problem}; restore it, or move it away to start anew")


class DeploymentRunning(DeploymentError):
    """Say that another process is deploying to the same manifest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"another process is deploying to {path}: wait until it has ended")


class DeploymentExists(DeploymentError):
    """Say that the manifest describes a deployment other than the one asked for."""

    def __init__(self, path: Path, difference: str) -> None:
        self.path = path
        self.difference = difference
        super().__init__(
            f"{path} describes a finished deployment with {difference}: move it away to deploy anew, or keep it"
        )


class DeploymentChanged(DeploymentError):
    """Say that an unfinished deployment was begun with something else than what is asked for now."""

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        self.what = what
        super().__init__(
            f"{path} was begun with {what}: finish it with what it was begun with, or move it away to start anew"
        )


class DeployerBusy(DeploymentError):
    """Say that the deployer has transactions waiting that are not this deployment's."""

    def __init__(self, deployer: str, pending: int) -> None:
        self.deployer = deployer
        self.pending = pending
        super().__init__(f"deployer {deployer} has {pending} transaction(s) waiting: let them be mined, then run again")


class NonceTaken(DeploymentError):
    """Say that the deployer's key signed something else in the middle of the deployment."""

    def __init__(self, deployer: str, nonce: int, step: str, journal: Path) -> None:
        self.deployer = deployer
        self.nonce = nonce
        self.step = step
        self.journal = journal
        super().__init__(
            f"nonce {nonce} of deployer {deployer} was used by a transaction other than the step `{step}`: "
            f"move {journal} away and start anew with a deployer that nobody else uses"
        )


class BalanceTooLow(DeploymentError):
    """Say how much the deployer lacks for gas."""

    def __init__(self, deployer: str, balance_wei: int, required_wei: int, step: str) -> None:
        self.deployer = deployer
        self.balance_wei = balance_wei
        self.required_wei = required_wei
        self.step = step
        super().__init__(
            f"deployer {deployer} holds {balance_wei} wei and needs at least {required_wei} wei for {step}: "
            "send it the difference and run again"
        )


class StepRefused(DeploymentError):
    """Say that a step would fail on the chain; it was not sent."""

    def __init__(self, step: str, reason: str) -> None:
        self.step = step
        self.reason = reason
        super().__init__(f"the step `{step}` would be refused: {reason}; nothing was sent for it")


class StepReverted(DeploymentError):
    """Say that a step's transaction was mined and failed."""

    def __init__(self, step: str, tx_hash: str, journal: Path) -> None:
        self.step = step
        self.tx_hash = tx_hash
        self.journal = journal
        super().__init__(
            f"the step `{step}` failed in transaction {tx_hash}: look at it there, then move {journal} away and "
            "start anew"
        )


class ReceiptTimeout(DeploymentError):
    """Say that a transaction was sent and not mined in time."""

    def __init__(self, step: str, tx_hash: str, seconds: float) -> None:
        self.step = step
        self.tx_hash = tx_hash
        self.seconds = seconds
        super().__init__(
            f"the step `{step}` was not mined within {seconds:g} s (transaction {tx_hash}): run again to go on"
        )

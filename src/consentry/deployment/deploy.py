"""Deploy a network, one transaction a step, so that it can be killed at any moment and run again.

The steps and the addresses they create follow from the parameters, the compiled contracts, the deployer and its nonce
alone: step *i* always takes the deployer's nonce `first_nonce + i`. What was signed stands in a journal beside the
manifest before it is sent, so a run that was killed is taken up at the step that the chain has come to.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from eth_account.signers.local import LocalAccount
from eth_account.types import TransactionDictType
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.types import TxParams, TxReceipt

from consentry.deployment import artifacts
from consentry.deployment.errors import (
    BalanceTooLow,
    ChainMismatch,
    DeployerBusy,
    DeploymentChanged,
    DeploymentExists,
    DevelopmentKeyRefused,
    NonceTaken,
    ReceiptTimeout,
    RpcFailed,
    StepRefused,
    StepReverted,
)
from consentry.deployment.files import remove, sole_writer
from consentry.deployment.journal import Journal, SentTransaction, journal_path, read_journal
from consentry.deployment.manifest import DeployedContract, Manifest, manifest_path, read_manifest
from consentry.deployment.parameters import Parameters
from consentry.deployment.plan import Creation, Step, arguments_as_json, network_artifacts, steps_of
from consentry.deployment.reverts import describe_revert
from consentry.deployment.rpc import Refused, Rpc
from consentry.devchain import DEVELOPMENT_ACCOUNTS, LOCAL_CHAIN_IDS, development_account

GAS_MARGIN_PERCENT: Final = 20
_PRICE_MARGIN_PERCENT: Final = 25
_REPLACEMENT_PERCENT: Final = 13
_LAG_SECONDS: Final = 5.0
_REFUSED_SECONDS: Final = 1.0

Phase = Literal["signed", "sent", "mined"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a deployment has come to.

    Attributes:
        step: Number of the step, 1 for the first.
        steps: How many there are.
        label: What the step does, in a few words.
        phase: `signed` once the journal holds it, `sent` once the node has it, `mined` once the chain has.
        tx_hash: The step's transaction, 0x-prefixed hexadecimal digits.
    """

    step: int
    steps: int
    label: str
    phase: Phase
    tx_hash: str


def deploy(
    connection: Web3 | str,
    deployer: LocalAccount,
    parameters: Parameters,
    path: Path | None = None,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    gas_price_wei: int | None = None,
    receipt_seconds: float = 180.0,
    replace_other_chain: bool = False,
) -> Manifest:
    """Deploy a network, or go on with a deployment that was interrupted.

    Run again with the same arguments it ends with the same manifest, byte for byte, and no further contract; on a
    finished deployment it changes nothing. Nothing is kept of the deployer's powers at the end.

    Args:
        connection: A connected Web3, or an RPC address (http or https).
        deployer: Account that signs every step and pays for gas; nobody else may use it meanwhile.
        parameters: What to deploy with.
        path: Manifest to write, or None for `deployments/<chain id>.json` in the current folder. The journal of an
            unfinished deployment stands beside it as `<chain id>.journal`.
        on_progress: Called at every phase of every step; whatever it raises stops the deployment there.
        gas_price_wei: Price of gas in wei, or None for a quarter more than the node suggests.
        receipt_seconds: How long to wait for each step to be mined.
        replace_other_chain: Whether a manifest or journal of a chain with another genesis is removed rather than
            refused; for local chains, which begin anew each time.

    Returns:
        The manifest, as written.

    Raises:
        RpcUnreachable: Nothing answers.
        RpcFailed: The node answers with an error.
        ChainMismatch: The parameters, the manifest or the journal are for another chain.
        DevelopmentKeyRefused: A well-known development account is named on a chain that is not local.
        ArtifactInvalid: The package lacks a compiled contract.
        ManifestInvalid: The manifest that is there cannot be read.
        JournalInvalid: The journal that is there cannot be read.
        DeploymentRunning: Another process deploys to the same manifest.
        DeploymentExists: The manifest describes another deployment.
        DeploymentChanged: The journal was begun with something else.
        DeployerBusy: The deployer has transactions waiting.
        NonceTaken: Something else used the deployer's nonce.
        BalanceTooLow: The deployer cannot pay for gas.
        StepRefused: A step would revert.
        StepReverted: A step's transaction failed.
        ReceiptTimeout: A step was not mined in time.
    """
    rpc = Rpc(connection)
    chain_id = rpc.chain_id()
    genesis_hash = rpc.genesis_hash()
    _check_chain(chain_id, parameters, deployer)
    target = manifest_path(chain_id) if path is None else path
    with sole_writer(journal_path(target)):
        run = _Run(
            rpc=rpc,
            chain_id=chain_id,
            genesis_hash=genesis_hash,
            deployer=deployer,
            parameters=parameters,
            path=target,
            on_progress=on_progress,
            gas_price_wei=gas_price_wei,
            receipt_seconds=receipt_seconds,
        )
        if replace_other_chain:
            run.forget_other_chain()
        return run.finished() or run.execute()


@dataclass(frozen=True, slots=True)
class _Run:
    rpc: Rpc
    chain_id: int
    genesis_hash: str
    deployer: LocalAccount
    parameters: Parameters
    path: Path
    on_progress: Callable[[Progress], None] | None
    gas_price_wei: int | None
    receipt_seconds: float

    def forget_other_chain(self) -> None:
        """Remove a manifest and a journal that are about a chain with another genesis."""
        if self.path.exists() and read_manifest(self.path).genesis_hash != self.genesis_hash:
            remove(self.path)
        journal = read_journal(journal_path(self.path))
        if journal is not None and journal.genesis_hash != self.genesis_hash:
            remove(journal_path(self.path))

    def finished(self) -> Manifest | None:
        """Return the manifest of this very deployment if it is finished."""
        if not self.path.exists():
            return None
        manifest = read_manifest(self.path)
        self._check_same_chain(self.path, manifest.chain_id, manifest.genesis_hash)
        if manifest.deployer != self.deployer.address:
            raise DeploymentExists(self.path, f"deployer {manifest.deployer}")
        if manifest.parameters != self.parameters:
            raise DeploymentExists(self.path, "other parameters")
        if manifest.code_hash != artifacts.fingerprint(network_artifacts()):
            raise DeploymentExists(self.path, "contracts of another release")
        for contract in manifest.contracts.values():
            if _hash(self.rpc.code(contract.address)) != contract.code_hash:
                raise DeploymentExists(self.path, f"a {contract.name} that is not at {contract.address} on this chain")
        remove(journal_path(self.path))
        return manifest

    def execute(self) -> Manifest:
        """Take every step that the chain has not taken yet, and write the manifest."""
        journal = self._begin()
        steps = steps_of(self.parameters, self.deployer.address, journal.first_nonce)
        receipts: list[TxReceipt] = []
        for index, step in enumerate(steps):
            journal, receipt = self._take(journal, steps, index, step)
            receipts.append(receipt)
        manifest = self._manifest(journal, steps, receipts)
        manifest.write(self.path)
        remove(journal_path(self.path))
        return manifest

    def _begin(self) -> Journal:
        path = journal_path(self.path)
        code_hash = artifacts.fingerprint(network_artifacts())
        journal = read_journal(path)
        if journal is not None:
            self._check_same_chain(path, journal.chain_id, journal.genesis_hash)
            if journal.deployer != self.deployer.address:
                raise DeploymentChanged(path, f"deployer {journal.deployer}")
            if journal.parameters_hash != self.parameters.fingerprint():
                raise DeploymentChanged(path, "other parameters")
            if journal.code_hash != code_hash:
                raise DeploymentChanged(path, "contracts of another release")
            return journal
        first_nonce = self.rpc.nonce(self.deployer.address)
        waiting = self.rpc.nonce(self.deployer.address, pending=True) - first_nonce
        if waiting > 0:
            raise DeployerBusy(self.deployer.address, waiting)
        suggested = self.rpc.gas_price_wei()
        price = _raised(suggested, _PRICE_MARGIN_PERCENT) if self.gas_price_wei is None else self.gas_price_wei
        steps = steps_of(self.parameters, self.deployer.address, first_nonce)
        self._check_balance(least_gas(steps) * price, "all steps")
        journal = Journal(
            chain_id=self.chain_id,
            genesis_hash=self.genesis_hash,
            deployer=self.deployer.address,
            first_nonce=first_nonce,
            gas_price_wei=price,
            parameters_hash=self.parameters.fingerprint(),
            code_hash=code_hash,
            commit=_git_commit(),
            sent=(),
        )
        journal.write(path)
        return journal

    def _take(self, journal: Journal, steps: Sequence[Step], index: int, step: Step) -> tuple[Journal, TxReceipt]:
        sent = journal.sent[index] if index < len(journal.sent) else ()
        receipt = self._receipt(sent)
        if receipt is None:
            nonce = journal.first_nonce + index
            used = self.rpc.nonce(self.deployer.address)
            if used > nonce and sent:
                # Mined between the two questions, or the node is behind with its receipts.
                receipt = self.rpc.wait_for_receipt(sent[-1].tx_hash, _LAG_SECONDS) or self._receipt(sent)
            if receipt is None and used > nonce:
                raise NonceTaken(self.deployer.address, nonce, step.label, journal_path(self.path))
            if receipt is None and used < nonce:
                raise RpcFailed("eth_getTransactionCount", f"it has forgotten steps before `{step.label}`")
        if receipt is None:
            journal, receipt = self._send(journal, steps, index, step)
        tx_hash = _hex(receipt["transactionHash"])
        if receipt["status"] != 1:
            raise StepReverted(step.label, tx_hash, journal_path(self.path))
        if isinstance(step, Creation) and receipt.get("contractAddress") != step.address:
            raise RpcFailed("eth_getTransactionReceipt", f"`{step.label}` created another address than its nonce gives")
        self._report(steps, index, step, "mined", tx_hash)
        return journal, receipt

    def _send(self, journal: Journal, steps: Sequence[Step], index: int, step: Step) -> tuple[Journal, TxReceipt]:
        sent = journal.sent[index] if index < len(journal.sent) else ()
        wanted = self._to_sign(journal, sent, step)
        transaction: TransactionDictType = {
            "value": 0,
            "data": step.data,
            "chainId": self.chain_id,
            "nonce": journal.first_nonce + index,
            "gas": wanted.gas,
            "gasPrice": wanted.gas_price_wei,
        }
        if not isinstance(step, Creation):
            transaction["to"] = step.address
        signed = self.deployer.sign_transaction(transaction)
        tx_hash = _hex(signed.hash)
        if not sent or sent[-1].tx_hash != tx_hash:
            journal = journal.with_sent(index, SentTransaction(tx_hash, wanted.gas, wanted.gas_price_wei))
            journal.write(journal_path(self.path))
        self._report(steps, index, step, "signed", tx_hash)
        refusal = self.rpc.send(bytes(signed.raw_transaction))
        self._report(steps, index, step, "sent", tx_hash)
        # A refusal may mean that the node has it already, or the chain.
        is_waiting = refusal is None or self.rpc.origin(tx_hash) is not None
        receipt = self.rpc.wait_for_receipt(tx_hash, self.receipt_seconds if is_waiting else _REFUSED_SECONDS)
        if receipt is None:
            receipt = self._receipt(journal.sent[index])
        if receipt is None and not is_waiting:
            raise RpcFailed("eth_sendRawTransaction", f"{refusal} (step `{step.label}`)")
        if receipt is None:
            raise ReceiptTimeout(step.label, tx_hash, self.receipt_seconds)
        return journal, receipt

    def _to_sign(self, journal: Journal, sent: Sequence[SentTransaction], step: Step) -> SentTransaction:
        suggested = self.rpc.gas_price_wei()
        if sent:
            last = sent[-1]
            if self.gas_price_wei is None and suggested > last.gas_price_wei:
                price = max(
                    _raised(suggested, _PRICE_MARGIN_PERCENT), _raised(last.gas_price_wei, _REPLACEMENT_PERCENT)
                )
                return SentTransaction("", last.gas, price)
            return last
        transaction: TxParams = {"from": self.deployer.address, "data": HexBytes(step.data)}
        if not isinstance(step, Creation):
            transaction["to"] = step.address
        price = journal.gas_price_wei
        if self.gas_price_wei is None and suggested > price:
            price = _raised(suggested, _PRICE_MARGIN_PERCENT)
        try:
            estimate = self.rpc.estimate_gas(transaction)
        except Refused as refused:
            raise StepRefused(step.label, describe_revert(refused.data) or refused.reason) from refused
        gas = min(_raised(estimate, GAS_MARGIN_PERCENT), self.rpc.block_gas_limit())
        self._check_balance(gas * price, f"the step `{step.label}`")
        return SentTransaction("", gas, price)

    def _receipt(self, sent: Sequence[SentTransaction]) -> TxReceipt | None:
        for transaction in sent:
            receipt = self.rpc.receipt(transaction.tx_hash)
            if receipt is not None:
                return receipt
        return None

    def _manifest(self, journal: Journal, steps: Sequence[Step], receipts: Sequence[TxReceipt]) -> Manifest:
        contracts: dict[str, DeployedContract] = {}
        for step, receipt in zip(steps, receipts, strict=True):
            if isinstance(step, Creation):
                contracts[step.artifact.name] = DeployedContract(
                    name=step.artifact.name,
                    address=step.address,
                    block=int(receipt["blockNumber"]),
                    tx_hash=_hex(receipt["transactionHash"]),
                    arguments=arguments_as_json(step.arguments),
                    code_hash=_hash(self.rpc.code(step.address)),
                )
        return Manifest(
            chain_id=self.chain_id,
            genesis_hash=self.genesis_hash,
            deployer=self.deployer.address,
            first_nonce=journal.first_nonce,
            commit=journal.commit,
            code_hash=journal.code_hash,
            compiler=network_artifacts()[0].compiler,
            parameters=self.parameters,
            contracts=contracts,
        )

    def _check_same_chain(self, path: Path, chain_id: int, genesis_hash: str) -> None:
        if chain_id != self.chain_id:
            raise ChainMismatch(str(path), "id", str(chain_id), str(self.chain_id))
        if genesis_hash != self.genesis_hash:
            raise ChainMismatch(str(path), "genesis", genesis_hash, self.genesis_hash)

    def _check_balance(self, required_wei: int, step: str) -> None:
        if required_wei == 0:
            return
        balance_wei = self.rpc.balance_wei(self.deployer.address)
        if balance_wei < required_wei:
            raise BalanceTooLow(self.deployer.address, balance_wei, required_wei, step)

    def _report(self, steps: Sequence[Step], index: int, step: Step, phase: Phase, tx_hash: str) -> None:
        if self.on_progress is not None:
            self.on_progress(Progress(index + 1, len(steps), step.label, phase, tx_hash))


def least_gas(steps: Sequence[Step]) -> int:
    """Return what all steps take at the very least: base cost, calldata and the bytes of code that stay.

    Args:
        steps: The whole plan.

    Returns:
        Gas; what the constructors and calls compute and store comes on top.

    Source: EIP-2028, EIP-3860, the yellow paper's G_codedeposit.
    """
    total = 0
    for step in steps:
        zeros = step.data.count(0)
        total += 21_000 + 4 * zeros + 16 * (len(step.data) - zeros)
        if isinstance(step, Creation):
            total += 32_000 + 200 * len(step.artifact.runtime_code) + 2 * ((len(step.data) + 31) // 32)
    return total


def _check_chain(chain_id: int, parameters: Parameters, deployer: LocalAccount) -> None:
    if parameters.chain_id is not None and parameters.chain_id != chain_id:
        raise ChainMismatch("the parameters file", "id", str(parameters.chain_id), str(chain_id))
    if chain_id not in LOCAL_CHAIN_IDS:
        well_known = {development_account(index).address for index in range(DEVELOPMENT_ACCOUNTS)}
        access = parameters.access
        named = [("the deployer", deployer.address)]
        founders = parameters.council.founders
        named += [(f"council.founders[{index}]", address) for index, address in enumerate(founders)]
        named += [(f"access.guardians[{index}]", address) for index, address in enumerate(access.guardians)]
        named += [(f"access.treasurers[{index}]", address) for index, address in enumerate(access.treasurers)]
        for place, address in named:
            if address in well_known:
                raise DevelopmentKeyRefused(place, address, chain_id)


def _git_commit() -> str | None:
    """Return the commit of the checkout that this module belongs to, with `-dirty` behind it when files differ from it.

    None where the package is installed, or there is no git.
    """
    here = Path(__file__).resolve()
    if _git(here.parent, "ls-files", "--error-unmatch", here.name) is None:
        return None
    return _git(here.parent, "describe", "--always", "--dirty", "--abbrev=64", "--exclude=*")


def _git(folder: Path, *arguments: str) -> str | None:
    try:
        answer = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None


def _raised(value: int, percent: int) -> int:
    return value + (value * percent + 99) // 100


def _hash(code: bytes) -> str:
    return "0x" + keccak(code).hex()


def _hex(value: bytes) -> str:
    return "0x" + bytes(value).hex()

"""Compare a network on its chain with its manifest, the compiled contracts and the parameters.

What is looked at is the system: code, the words that constructors wrote into it, wiring, roles, parameters and the
directory. Members, their accreditations and their money are not; neither are schemas and purposes added since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_abi.grammar import TupleType, parse
from eth_typing import ABIFunction, ChecksumAddress
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import is_address, to_checksum_address
from eth_utils.crypto import keccak
from web3 import Web3
from web3.types import LogReceipt

from consentry.deployment import artifacts
from consentry.deployment.access import TOPICS, AccessCheck, replay
from consentry.deployment.artifacts import AbiValue, Artifact
from consentry.deployment.errors import ChainMismatch
from consentry.deployment.expectations import PAUSES, Answer, Question, immutables_of, questions_of
from consentry.deployment.files import JsonValue
from consentry.deployment.manifest import DeployedContract, Manifest
from consentry.deployment.parameters import Parameters
from consentry.deployment.plan import (
    CONTRACTS,
    EXEMPTIONS,
    addresses_of,
    arguments_as_json,
    constructor_arguments,
    directory_entries,
    directory_key,
    network_artifacts,
)
from consentry.deployment.reverts import describe_revert
from consentry.deployment.rpc import Refused, Rpc

_WORD_BYTES: Final = 32
_EXEMPTION_SET: Final = keccak(text="ExemptionSet(address,bytes4,bool)")
_UNAUTHORIZED: Final = frozenset(
    {
        "AccessManagedUnauthorized",
        "AccessManagerUnauthorizedAccount",
        "AccessControlUnauthorizedAccount",
        "GovernorOnlyExecutor",
    }
)
"""How OpenZeppelin's modifiers refuse a caller."""

_NETWORK_CONTRACT_SET: Final = keccak(text="NetworkContractSet(address,bool)")


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between the network and what it must be.

    Attributes:
        contract: Name of the contract, or `manifest`, or `parameters`.
        what: What differs.
        expected: As it must be.
        found: As it is.
    """

    contract: str
    what: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.contract}: {self.what} is {self.found}, expected {self.expected}"


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found.

    Attributes:
        chain_id: EIP-155 chain id.
        block: Number of the block that was looked at.
        checks: How many values were compared.
        findings: Every difference; none when the network is as it must be.
    """

    chain_id: int
    block: int
    checks: int
    findings: tuple[Finding, ...]

    @property
    def is_clean(self) -> bool:
        """Whether nothing differs."""
        return not self.findings

    def lines(self) -> tuple[str, ...]:
        """Return one line for each finding and one that sums up."""
        verdict = "as it must be" if self.is_clean else f"{len(self.findings)} finding(s)"
        summary = f"verified chain {self.chain_id} at block {self.block}: {self.checks} checks, {verdict}"
        return (*(str(finding) for finding in self.findings), summary)


def verify(connection: Web3 | str, manifest: Manifest, parameters: Parameters | None = None) -> Report:
    """Compare a network with its manifest, the packaged contracts and its parameters.

    Args:
        connection: A connected Web3, or an RPC address (http or https).
        manifest: Of the network.
        parameters: What the network must have been deployed with, or None to take the manifest's word for it.

    Returns:
        The report. Each single changed role, parameter, code byte or address stands in it by name.

    Raises:
        RpcUnreachable: Nothing answers.
        RpcFailed: The node answers with an error.
        ChainMismatch: The manifest is for another chain.
        ArtifactInvalid: The package lacks a compiled contract.
    """
    rpc = Rpc(connection)
    chain_id, genesis_hash = rpc.chain_id(), rpc.genesis_hash()
    if manifest.chain_id != chain_id:
        raise ChainMismatch("the manifest", "id", str(manifest.chain_id), str(chain_id))
    if manifest.genesis_hash != genesis_hash:
        raise ChainMismatch("the manifest", "genesis", manifest.genesis_hash, genesis_hash)
    block, now = rpc.latest_block()
    deployer, first_nonce = _origin(rpc, manifest)
    verification = _Verification(
        rpc=rpc,
        manifest=manifest,
        parameters=manifest.parameters if parameters is None else parameters,
        deployer=deployer,
        first_nonce=first_nonce,
        addresses=addresses_of(deployer, first_nonce),
        artifacts={artifact.name: artifact for artifact in network_artifacts()},
        block=block,
        now=now,
    )
    results = list(verification.run())
    findings = tuple(finding for finding in results if finding is not None)
    return Report(chain_id=chain_id, block=block, checks=len(results), findings=findings)


@dataclass(frozen=True, slots=True)
class _Verification:
    rpc: Rpc
    manifest: Manifest
    parameters: Parameters
    deployer: ChecksumAddress
    first_nonce: int
    addresses: Mapping[str, ChecksumAddress]
    artifacts: Mapping[str, Artifact]
    block: int
    now: int

    def run(self) -> Iterator[Finding | None]:
        """Yield one result for each value compared, None where it is as it must be."""
        yield from self._parameters()
        yield from self._manifest()
        # A contract with foreign code may answer anything: it is not asked further.
        trusted: set[str] = set()
        for name in CONTRACTS:
            results = list(self._code(name))
            yield from results
            if not any(results):
                trusted.add(name)
        yield from self._questions(trusted)
        if "NetworkDirectory" in trusted:
            yield from self._directory()
        if "NetworkCredit" in trusted:
            yield from self._network_contracts()
        yield from self._pauses(trusted)
        if "Council" in trusted:
            yield from self._exemptions()
        if "NetworkAccess" in trusted:
            yield from self._access()
        for name in CONTRACTS:
            if name in trusted:
                yield from self._attempts(name)

    def _parameters(self) -> Iterator[Finding | None]:
        recorded, expected = _flat(self.manifest.parameters.to_json()), _flat(self.parameters.to_json())
        yield from _compare_flat("parameter", expected, recorded)

    def _manifest(self) -> Iterator[Finding | None]:
        code_hash = artifacts.fingerprint(tuple(self.artifacts[name] for name in CONTRACTS))
        yield _compare("manifest", "fingerprint of the compiled contracts", code_hash, self.manifest.code_hash)
        recorded, expected = _flat(dict(self.manifest.compiler)), _flat(dict(self.artifacts[CONTRACTS[0]].compiler))
        yield from _compare_flat("compiler", expected, recorded)
        yield _compare("manifest", "deployer", self.deployer, self.manifest.deployer)
        yield _compare("manifest", "first nonce", str(self.first_nonce), str(self.manifest.first_nonce))
        for name in sorted(self.manifest.contracts.keys() - set(CONTRACTS)):
            yield Finding("manifest", f"contract {name}", "absent", "present")
        arguments = constructor_arguments(self.parameters, self.addresses, self.deployer)
        for name in CONTRACTS:
            entry = self.manifest.contracts.get(name)
            if entry is None:
                yield Finding("manifest", f"contract {name}", "present", "absent")
                continue
            yield _compare("manifest", f"address of {name}", self.addresses[name], entry.address)
            given = arguments_as_json(arguments[name])
            yield _compare("manifest", f"constructor arguments of {name}", _text(given), _text(entry.arguments))
            yield from self._creation(entry)

    def _creation(self, entry: DeployedContract) -> Iterator[Finding | None]:
        what = f"creation transaction of {entry.name}"
        receipt = self.rpc.receipt(entry.tx_hash)
        if receipt is None:
            yield Finding("manifest", what, "a transaction of this chain", entry.tx_hash)
            return
        created = receipt.get("contractAddress")
        yield _compare("manifest", f"contract created by the {what}", self.addresses[entry.name], str(created))
        yield _compare("manifest", f"block of {entry.name}", str(int(receipt["blockNumber"])), str(entry.block))

    def _code(self, name: str) -> Iterator[Finding | None]:
        artifact, address = self.artifacts[name], self.addresses[name]
        code = self.rpc.code(address, self.block)
        expected = artifact.runtime_code
        if len(code) != len(expected):
            found = f"{len(code)} bytes" if code else "absent"
            yield Finding(name, f"code at {address}", f"{len(expected)} bytes", found)
            return
        places = {place for immutable in artifact.immutables for place in immutable.places}
        masked = bytearray(code)
        for place in places:
            masked[place : place + _WORD_BYTES] = bytes(_WORD_BYTES)
        wrong = [index for index, (found, wanted) in enumerate(zip(masked, expected, strict=True)) if found != wanted]
        if wrong:
            first = wrong[0]
            what = f"code byte {first} at {address}" + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else "")
            yield Finding(name, what, f"0x{expected[first]:02x}", f"0x{masked[first]:02x}")
            return
        yield None
        words = immutables_of(self.parameters, self.addresses, self.manifest.chain_id)[name]
        results = list(_immutables(artifact, code, words))
        yield from results
        entry = self.manifest.contracts.get(name)
        if entry is not None and not any(results):
            yield _compare("manifest", f"code hash of {name}", "0x" + keccak(code).hex(), entry.code_hash)

    def _questions(self, trusted: set[str]) -> Iterator[Finding | None]:
        for question in questions_of(self.parameters, self.addresses):
            if question.contract in trusted:
                yield self._answer(question)

    def _answer(self, question: Question) -> Finding | None:
        wanted = question.refusal or _text(question.expected)
        try:
            answer: Answer = self._ask(question.contract, question.function, question.arguments)
        except Refused as refused:
            reason = describe_revert(refused.data) or refused.reason
            named, _, _ = reason.partition("(")
            found = named if question.refusal else f"refused with {reason}"
            return _compare(question.contract, question.what, wanted, found)
        for position in question.path:
            if not isinstance(answer, tuple):
                raise TypeError(f"{question.function} does not answer with {len(question.path)} levels")
            answer = answer[position]
        return _compare(question.contract, question.what, wanted, _text(answer))

    def _directory(self) -> Iterator[Finding | None]:
        (listed,) = self._ask("NetworkDirectory", "names", ())
        if not isinstance(listed, tuple):
            raise TypeError("names does not answer with a list")
        expected = {directory_key(name) for name in directory_entries(self.addresses)}
        for key in listed:
            if not isinstance(key, bytes):
                raise TypeError("names does not answer with names")
            found = Finding("NetworkDirectory", f"entry {_entry_name(key)}", "absent", "present")
            yield None if key in expected else found

    def _network_contracts(self) -> Iterator[Finding | None]:
        logs = self._logs("NetworkCredit", (_NETWORK_CONTRACT_SET,))
        named = {to_checksum_address(bytes(log["topics"][1])[-20:]) for log in logs}
        for address in sorted(named - {self.addresses["FeeEscrow"]}):
            (found,) = self._ask("NetworkCredit", "isNetworkContract", (address,))
            yield _compare("NetworkCredit", f"listing of {address} as network contract", "false", _text(found))

    def _pauses(self, trusted: set[str]) -> Iterator[Finding | None]:
        for name, what, getter in PAUSES:
            if name in trusted:
                until = self._ask(name, getter, ())[0]
                if not isinstance(until, int):
                    raise TypeError(f"{getter} does not answer with an instant")
                yield _compare(name, what, "running", f"paused until {until}" if until > self.now else "running")

    def _exemptions(self) -> Iterator[Finding | None]:
        expected = {
            (self.addresses[name], self.artifacts[name].selector(function)) for name, function in EXEMPTIONS
        }
        for log in self._logs("Council", (_EXEMPTION_SET,)):
            target, selector = to_checksum_address(bytes(log["topics"][1])[-20:]), bytes(log["topics"][2])[:4]
            if (target, selector) not in expected:
                (found,) = self._ask("Council", "isExempt", (target, selector))
                yield _compare("Council", f"exemption of 0x{selector.hex()} at {target}", "false", _text(found))

    def _attempts(self, name: str) -> Iterator[Finding | None]:
        """Try every privileged function as the deployer, who must have kept no power."""
        artifact = self.artifacts[name]
        for function in artifact.functions():
            selector = artifact.selector_of(function)
            if selector not in artifact.privileged:
                continue
            what = f"{function['name']} called by the deployer"
            try:
                self.rpc.call(self.addresses[name], selector + _zeros(function), self.block, self.deployer)
            except Refused as refused:
                named, _, _ = (describe_revert(refused.data) or refused.reason).partition("(")
                yield _compare(name, what, "refused to it", "refused to it" if named in _UNAUTHORIZED else named)
            else:
                yield Finding(name, what, "refused to it", "carried out")

    def _access(self) -> Iterator[Finding | None]:
        logs = self._logs("NetworkAccess", tuple(TOPICS))

        def ask(function: str, *arguments: AbiValue) -> tuple[Answer, ...]:
            return self._ask("NetworkAccess", function, arguments)

        check = AccessCheck(
            parameters=self.parameters,
            addresses=self.addresses,
            artifacts=self.artifacts,
            deployer=self.deployer,
            history=replay(logs),
            now=self.now,
            ask=ask,
        )
        count, differences = check.run()
        yield from (Finding("NetworkAccess", item.what, item.expected, item.found) for item in differences)
        yield from [None] * (count - len(differences))

    def _logs(self, contract: str, topics: Sequence[bytes]) -> list[LogReceipt]:
        entry = self.manifest.contracts.get(contract)
        first_block = 0 if entry is None else entry.block
        return self.rpc.logs(self.addresses[contract], topics, first_block, self.block)

    def _ask(self, contract: str, function: str, arguments: Sequence[AbiValue]) -> tuple[Answer, ...]:
        artifact = self.artifacts[contract]
        data = self.rpc.call(self.addresses[contract], artifact.call(function, arguments), self.block)
        outputs = artifact.function(function).get("outputs", ())
        types = [collapse_if_tuple(cast("dict[str, object]", item)) for item in outputs]
        try:
            return tuple(_answer(value) for value in decode(types, data))
        except (DecodingError, UnicodeDecodeError) as error:
            raise Refused(f"an answer that is not {', '.join(types)}", b"") from error


def _zeros(function: ABIFunction) -> bytes:
    """Encode the simplest arguments that a function takes."""
    types = [collapse_if_tuple(cast("dict[str, object]", item)) for item in function.get("inputs", ())]
    return encode(types, [zero_of(item) for item in types])


def zero_of(kind: str) -> AbiValue:
    """Return the simplest value of a Solidity type."""
    if kind.endswith("]"):
        return []
    parsed = parse(kind)
    if isinstance(parsed, TupleType):
        return [zero_of(member.to_type_str()) for member in parsed.components]
    if kind == "bool":
        return False
    if kind == "string":
        return ""
    if kind == "address":
        return "0x" + "00" * 20
    if kind.startswith("bytes"):
        return bytes(int(kind[5:] or 0))
    return 0


def _immutables(artifact: Artifact, code: bytes, words: Mapping[str, bytes]) -> Iterator[Finding | None]:
    names = {immutable.name for immutable in artifact.immutables}
    if names != words.keys():
        unknown = ", ".join(sorted(names ^ words.keys()))
        raise AssertionError(f"{artifact.name} has immutables that are not compared: {unknown}")
    for immutable in artifact.immutables:
        wanted = words[immutable.name]
        found = [code[place : place + _WORD_BYTES] for place in immutable.places]
        wrong = next((word for word in found if word != wanted), wanted)
        yield _compare(artifact.name, f"immutable {immutable.name}", "0x" + wanted.hex(), "0x" + wrong.hex())


def _origin(rpc: Rpc, manifest: Manifest) -> tuple[ChecksumAddress, int]:
    """Return deployer and first nonce as all creations tell them, or as the manifest does where these do not agree."""
    found: set[tuple[ChecksumAddress, int]] = set()
    for index, name in enumerate(CONTRACTS):
        entry = manifest.contracts.get(name)
        origin = None if entry is None else rpc.origin(entry.tx_hash)
        if origin is not None:
            found.add((origin[0], origin[1] - index))
    return found.pop() if len(found) == 1 else (manifest.deployer, manifest.first_nonce)


def _compare_flat(kind: str, expected: Mapping[str, str], recorded: Mapping[str, str]) -> Iterator[Finding | None]:
    for key in sorted(recorded.keys() | expected.keys()):
        wanted, found = expected.get(key, "absent"), recorded.get(key, "absent")
        yield _compare("manifest", f"{kind} {key}", wanted, found)


def _entry_name(key: bytes) -> str:
    text = key.rstrip(b"\0")
    return text.decode("ascii") if text.isascii() and text.decode("ascii").isprintable() else "0x" + key.hex()


def _compare(contract: str, what: str, expected: str, found: str) -> Finding | None:
    return None if expected == found else Finding(contract, what, expected, found)


def _answer(value: object) -> Answer:
    if isinstance(value, str) and value.startswith("0x") and is_address(value):
        return to_checksum_address(value)
    if isinstance(value, (bool, int, str, bytes)):
        return value
    if isinstance(value, (tuple, list)):
        return tuple(_answer(item) for item in value)
    raise TypeError(f"an answer of type {type(value).__name__}")


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, (tuple, list)):
        return "[" + ", ".join(_text(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, (int, str)):
        return str(value)
    raise TypeError(f"a value of type {type(value).__name__}")


def _flat(value: JsonValue, key: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        entries = [(f"{key}.{name}" if key else name, item) for name, item in value.items()]
    elif isinstance(value, list):
        entries = [(f"{key}[{index}]", item) for index, item in enumerate(value)]
    else:
        return {key: _text(value)}
    found: dict[str, str] = {}
    for name, item in entries:
        found.update(_flat(item, name))
    return found

"""A network in a bare EVM (revm), without blocks or a node: for long random runs, some thousand calls a second."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_typing import ChecksumAddress
from eth_utils.abi import abi_to_signature, collapse_if_tuple, function_signature_to_4byte_selector
from pyrevm import EVM, AccountInfo, BlockEnv

from consentry.client.signing import TypedDomain
from consentry.deployment import Parameters
from consentry.deployment.artifacts import AbiValue, load_artifact
from consentry.deployment.plan import CONTRACTS, Creation, addresses_of, steps_of
from consentry.devchain import DEVELOPMENT_ACCOUNTS, development_account

CHAIN_ID = 1
GENESIS_AT = 1_800_000_000
CALL_GAS = 20_000_000


class Refused(Exception):
    """A contract refused a call: with which error and values."""

    def __init__(self, name: str, values: tuple[object, ...]) -> None:
        self.name = name
        self.values = values
        super().__init__(f"{name}{values!r}")


class BareNetwork:
    """A network that was deployed into an EVM of its own, by the package's own steps."""

    def __init__(self, parameters: Parameters) -> None:
        deployer = development_account(0).address
        self.now = GENESIS_AT
        self.evm = EVM(spec_id="SHANGHAI")
        self._tell_time()
        self.addresses = addresses_of(deployer, 0)
        for step in steps_of(parameters, deployer, 0):
            if isinstance(step, Creation):
                assert self.evm.deploy(deployer, step.data).lower() == step.address.lower()
            else:
                self._send(deployer, step.address, step.data)

    def pass_time(self, seconds: int) -> None:
        """Move the clock."""
        self.now += seconds
        self._tell_time()

    def send(self, sender: ChecksumAddress, contract: str, function: str, *values: AbiValue) -> tuple[object, ...]:
        """Call a function as a transaction of its own; what it answers, decoded.

        Raises:
            Refused: The contract refuses it.
        """
        artifact = load_artifact(contract)
        answer = self._send(sender, self.addresses[contract], artifact.call(function, values))
        outputs = artifact.function(function).get("outputs", ())
        return decode([collapse_if_tuple(item) for item in outputs], answer)

    def ask(self, contract: str, function: str, *values: AbiValue) -> object:
        """Return the first value that a getter answers."""
        return self.send(development_account(39).address, contract, function, *values)[0]

    def answers(self, contract: str, function: str, *values: AbiValue) -> tuple[object, ...]:
        """Return all that a getter answers."""
        return self.send(development_account(39).address, contract, function, *values)

    def send_data(self, sender: ChecksumAddress, contract: str, data: bytes) -> None:
        """Send a call's data as it is; raises as `send`."""
        self._send(sender, self.addresses[contract], data)

    def found(self, founders: Sequence[ChecksumAddress], version: int = 1) -> None:
        """Sign a version of the charter for identities that are development accounts."""
        domain = TypedDomain("network_charter", CHAIN_ID, self.addresses["NetworkCharter"])
        document, phase, seat_cap, _, _ = self.ask("NetworkCharter", "versionOf", version)
        keys = {key.address: key for key in map(development_account, range(DEVELOPMENT_ACCOUNTS))}
        for founder in founders:
            message = {
                "document": bytes(document),
                "phase": phase,
                "seats": seat_cap,
                "version": version,
                "signer": founder,
            }
            signature = domain.sign(keys[founder], "Charter", message)
            self.send(founder, "NetworkCharter", "sign", version, founder, signature)

    def _send(self, sender: ChecksumAddress, to: ChecksumAddress, data: bytes) -> bytes:
        code = self.evm.get_code(sender)
        if code:  # a contract sends nothing by itself (EIP-3607): it is put aside for as long as it plays the sender
            self.evm.insert_account_info(sender, AccountInfo())
        try:
            return bytes(self.evm.message_call(sender, to, calldata=data, gas=CALL_GAS))
        except RuntimeError as error:
            raise _refusal(error) from error
        finally:
            if code:
                self.evm.insert_account_info(sender, AccountInfo(nonce=1, code=bytes(code)))

    def _tell_time(self) -> None:
        self.evm.set_block_env(BlockEnv(number=1, timestamp=self.now, gas_limit=30_000_000))


def _refusal(error: RuntimeError) -> BaseException:
    text = str(error)
    _, found, output = text.partition("output: 0x")
    if not found:
        return AssertionError(f"the call broke off: {text}")
    data = bytes.fromhex(output.split()[0].rstrip("},"))
    declared = _errors().get(data[:4])
    if declared is None:
        return AssertionError(f"refused with data that no contract declares: 0x{data.hex()}")
    name, types = declared
    try:
        return Refused(name, decode(list(types), data[4:]))
    except DecodingError:
        return AssertionError(f"{name} does not decode: 0x{data.hex()}")


@cache
def _errors() -> dict[bytes, tuple[str, Sequence[str]]]:
    found: dict[bytes, tuple[str, Sequence[str]]] = {
        function_signature_to_4byte_selector("Panic(uint256)"): ("Panic", ("uint256",))
    }
    for contract in CONTRACTS:
        for item in load_artifact(contract).abi:
            if item["type"] == "error":
                types = [collapse_if_tuple(member) for member in item.get("inputs", ())]
                found[function_signature_to_4byte_selector(abi_to_signature(item))] = (item["name"], types)
    return found

"""Whatever a network is asked, an answer that changes is reported by its name, and nothing else is.

The cases are the questions and immutables themselves: one that is added is covered with it.
"""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from eth_abi.abi import decode
from eth_abi.exceptions import DecodingError
from eth_utils.abi import collapse_if_tuple
from eth_utils.crypto import keccak
from web3.exceptions import ContractLogicError, Web3RPCError

from consentry.deployment import load_parameters, verify
from consentry.deployment.artifacts import load_artifact
from consentry.deployment.expectations import PAUSES, Question, immutables_of, questions_of
from consentry.deployment.plan import CONTRACTS, addresses_of, directory_entries, directory_key
from consentry.devchain import DEVELOPMENT_CHAIN_ID, development_account

BITS = range(0, 256, 8)
"""Of a word: the lowest bit of each byte, since text stays text with it."""
ADDRESSES = addresses_of(development_account(0).address, 0)
QUESTIONS = questions_of(load_parameters(), ADDRESSES)
IMMUTABLES = [
    (contract, name)
    for contract, words in immutables_of(load_parameters(), ADDRESSES, DEVELOPMENT_CHAIN_ID).items()
    for name in words
]

OPENED = {
    "executor role of anyone": [
        ("CouncilTimelock", "execute called by the deployer"),
        ("CouncilTimelock", "executeBatch called by the deployer"),
    ]
}
"""What else is found where an answer opens something to everybody."""


@dataclass(frozen=True)
class Change:
    """A word in a contract's storage, or its code, that makes questions be answered otherwise.

    Attributes:
        request: That makes the change.
        findings: What a verification must then find.
    """

    request: tuple[str, ...]
    findings: list[tuple[str, str]]


class Changer:
    """Find the one change that touches the answer to a question and as little else as can be."""

    def __init__(self, connection, node):
        self._connection = connection
        self._node = node
        self._true_answers = {}

    def change_of(self, question: Question) -> Change:
        """Return a change of storage where the answer stands there, else one of an immutable in the code."""
        address = ADDRESSES[question.contract]
        others = [other for other in QUESTIONS if other.contract == question.contract]
        best = None
        for slot in self.slots_of(question):
            word = int(self._node.ask("eth_getStorageAt", address, slot, "latest"), 16)
            for bit in BITS:
                changed_word = f"0x{word ^ (1 << bit):064x}"
                override = {address: {"stateDiff": {slot: changed_word}}}
                try:
                    if not self._is_changed(question, override):
                        continue
                    changed = [other for other in others if self._is_changed(other, override)]
                except (DecodingError, UnicodeDecodeError, Web3RPCError):  # no answer any more
                    continue
                if best is None or len(changed) < len(best.findings):
                    findings = [(other.contract, other.what) for other in changed]
                    best = Change(("anvil_setStorageAt", address, slot, changed_word), findings)
                if len(changed) == 1:
                    return best
        return best or self._change_of_code(question)

    def _change_of_code(self, question):
        address = ADDRESSES[question.contract]
        for immutable in load_artifact(question.contract).immutables:
            code = bytearray.fromhex(self._node.ask("eth_getCode", address, "latest")[2:])
            for place in immutable.places:
                code[place + 31] ^= 1
            override = {address: {"code": "0x" + code.hex()}}
            if self._is_changed(question, override):
                request = ("anvil_setCode", address, "0x" + code.hex())
                return Change(request, [(question.contract, f"immutable {immutable.name}")])
        raise AssertionError(f"nothing on the chain changes {question.contract}.{question.function}")

    def slots_of(self, question: Question) -> list[str]:
        """Return the storage slots that the answer to a question is read from."""
        transaction = {"to": ADDRESSES[question.contract], "data": self._data(question)}
        steps = self._node.ask("debug_traceCall", transaction, "latest", {})["structLogs"]
        slots = [f"0x{int(step['stack'][-1], 16):064x}" for step in steps if step["op"] == "SLOAD"]
        return list(dict.fromkeys(slots))

    def _is_changed(self, question, override):
        name = (question.contract, question.what)
        if name not in self._true_answers:
            self._true_answers[name] = self._answer(question)
        return self._answer(question, override) != self._true_answers[name]

    def _answer(self, question, override=None):
        transaction = {"to": ADDRESSES[question.contract], "data": self._data(question)}
        try:
            raw = self._connection.eth.call(transaction, "latest", override)
        except ContractLogicError as refusal:
            return f"refused with {refusal.data}"
        outputs = load_artifact(question.contract).function(question.function)["outputs"]
        answer = decode([collapse_if_tuple(output) for output in outputs], raw)
        for position in question.path:
            answer = answer[position]
        return answer

    def _data(self, question):
        return "0x" + load_artifact(question.contract).call(question.function, question.arguments).hex()


@pytest.fixture
def changer(connection, node):
    """Finds what changes the answer to a question."""
    return Changer(connection, node)


def test_finds_nothing_when_nothing_was_changed(connection, manifest, parameters):
    report = verify(connection, manifest, parameters)
    assert report.is_clean
    assert report.findings == ()
    assert report.checks > len(QUESTIONS) + len(IMMUTABLES)
    assert report.lines() == (
        f"verified chain {DEVELOPMENT_CHAIN_ID} at block {report.block}: {report.checks} checks, as it must be",
    )


def test_asks_every_question_under_a_name_of_its_own():
    names = [(question.contract, question.what) for question in QUESTIONS]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: f"{question.contract}: {question.what}")
def test_reports_an_answer_when_it_alone_changes(node, found, changer, question):
    change = changer.change_of(question)
    node.ask(*change.request)
    assert found() == [*change.findings, *OPENED.get(question.what, [])]
    # One value may stand under several names: the first escrow is the current one.
    expected = {other.expected for other in QUESTIONS if (other.contract, other.what) in change.findings}
    assert len(expected) <= 1


def test_reports_an_answer_that_cannot_be_read(node, found, changer):
    (question,) = (
        question for question in QUESTIONS if question.what.startswith("name of purpose") and "tenancy" in question.what
    )
    address = ADDRESSES[question.contract]
    words = {slot: node.ask("eth_getStorageAt", address, slot, "latest") for slot in changer.slots_of(question)}
    (slot, word), *_ = ((slot, word) for slot, word in words.items() if bytes.fromhex(word[2:]).startswith(b"urn:"))
    node.ask("anvil_setStorageAt", address, slot, "0xff" + word[4:])
    assert found() == [(question.contract, question.what)]


@pytest.mark.parametrize(("contract", "name"), IMMUTABLES, ids=lambda value: value)
def test_reports_an_immutable_when_one_copy_of_it_changes(node, found, contract, name):
    (places,) = (found.places for found in load_artifact(contract).immutables if found.name == name)
    code = bytearray.fromhex(node.ask("eth_getCode", ADDRESSES[contract], "latest")[2:])
    code[places[-1] + 31] ^= 1
    node.ask("anvil_setCode", ADDRESSES[contract], "0x" + code.hex())
    assert found() == [(contract, f"immutable {name}")]


def test_reports_an_immutable_when_any_copy_of_it_changes(node, found):
    immutables = [(name, immutable) for name in CONTRACTS for immutable in load_artifact(name).immutables]
    contract, immutable = max(immutables, key=lambda item: len(item[1].places))
    assert len(immutable.places) > 2
    code = node.ask("eth_getCode", ADDRESSES[contract], "latest")
    for place in immutable.places:
        changed = bytearray.fromhex(code[2:])
        changed[place] ^= 1
        node.ask("anvil_setCode", ADDRESSES[contract], "0x" + changed.hex())
        assert found() == [(contract, f"immutable {immutable.name}")]


@pytest.mark.parametrize("where", ["first", "middle", "last"])
@pytest.mark.parametrize("contract", CONTRACTS)
def test_reports_a_code_byte_when_it_changes(node, found, contract, where):
    artifact, address = load_artifact(contract), ADDRESSES[contract]
    words = {place + byte for immutable in artifact.immutables for place in immutable.places for byte in range(32)}
    positions = [position for position in range(len(artifact.runtime_code)) if position not in words]
    position = {"first": positions[0], "middle": positions[len(positions) // 2], "last": positions[-1]}[where]
    code = bytearray.fromhex(node.ask("eth_getCode", address, "latest")[2:])
    code[position] ^= 0x80
    node.ask("anvil_setCode", address, "0x" + code.hex())
    assert found() == [(contract, f"code byte {position} at {address}")]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_reports_code_when_it_is_gone(node, found, contract):
    node.ask("anvil_setCode", ADDRESSES[contract], "0x")
    assert found() == [(contract, f"code at {ADDRESSES[contract]}")]


def test_reports_code_when_it_is_longer(node, connection, manifest):
    address = ADDRESSES["FeeEscrow"]
    code = node.ask("eth_getCode", address, "latest")
    length = (len(code) - 2) // 2
    node.ask("anvil_setCode", address, code + "00")
    report = verify(connection, manifest)
    assert not report.is_clean
    assert report.lines() == (
        f"FeeEscrow: code at {address} is {length + 1} bytes, expected {length} bytes",
        f"verified chain {DEVELOPMENT_CHAIN_ID} at block {report.block}: {report.checks} checks, 1 finding(s)",
    )


# ---------------------------------------------------------------- what the council and guardians can change


@pytest.mark.parametrize("name", directory_entries(ADDRESSES))
def test_reports_a_directory_entry_when_the_council_changes_it(found, act, council, newcomer, name):
    act(council, "NetworkDirectory", "set", directory_key(name), newcomer)
    assert found() == [("NetworkDirectory", f"entry {name}")]


@pytest.mark.parametrize(("name", "reported"), [("Foreign", "Foreign"), ("\x01\x02", "0x0102" + "00" * 30)])
def test_reports_a_directory_entry_when_the_council_adds_it(found, act, council, newcomer, name, reported):
    act(council, "NetworkDirectory", "set", directory_key(name), newcomer)
    assert found() == [("NetworkDirectory", f"entry {reported}")]


@pytest.mark.parametrize(("contract", "what", "getter"), PAUSES, ids=[what for _, what, _ in PAUSES])
def test_reports_a_pause_while_it_lasts(node, found, act, parameters, connection, contract, what, getter):
    (pause,) = (
        function["name"]
        for function in load_artifact(contract).writes()
        if function["name"].startswith("pause") and function["name"][5:].lower() == getter.removesuffix("Pause").lower()
    )
    act(parameters.access.guardians[0], contract, pause)
    assert found() == [(contract, what)]
    answer = connection.eth.call({"to": ADDRESSES[contract], "data": load_artifact(contract).call(getter, ())})
    until, _ = decode(["uint48", "bool"], answer)
    node.ask("evm_mine", until - 1)
    assert found() == [(contract, what)]
    node.ask("evm_mine", until)
    assert found() == []


def test_reports_a_network_contract_when_the_council_lists_it(found, act, council, newcomer):
    listed = True
    act(council, "NetworkCredit", "setNetworkContract", newcomer, listed)
    assert found() == [("NetworkCredit", f"listing of {newcomer} as network contract")]
    act(council, "NetworkCredit", "setNetworkContract", newcomer, not listed)
    assert found() == []


def test_reports_the_escrow_when_the_council_adds_another(node, found, act, council, newcomer):
    node.ask("anvil_setCode", newcomer, "0x60206000f3")  # answers everything with a word of zeros: its note too
    act(council, "ConsentToken", "addEscrow", newcomer)
    assert found() == [("ConsentToken", "current escrow"), ("ConsentToken", "number of escrows")]


def test_reports_the_authority_when_the_council_hands_a_contract_over(found, act, council, newcomer):
    act(council, "NetworkAccess", "updateAuthority", ADDRESSES["FeeSchedule"], newcomer)
    assert found() == [("FeeSchedule", "authority")]


def test_reports_an_exemption_when_the_council_votes_for_it(node, found, act, connection, parameters):
    council, host_rewards = ADDRESSES["Council"], ADDRESSES["HostRewards"]
    selector = load_artifact("HostRewards").selector("setWeight")
    action = load_artifact("Council").call("setExemption", (host_rewards, selector, True))
    words = "no opinion on the weights of hosts"
    proposed = ([council], [0], [action], words)
    carried = (*proposed[:3], keccak(text=words))

    def later(seconds):
        node.ask("evm_mine", connection.eth.get_block("latest")["timestamp"] + seconds)

    founders, spans = parameters.council.founders, parameters.council
    later(1)  # a seat proposes from the second after it was taken
    act(founders[0], "Council", "propose", *proposed)
    later(spans.voting_delay_seconds + 1)
    answer = connection.eth.call({"to": council, "data": load_artifact("Council").call("getProposalId", carried)})
    for founder in founders:  # without an opinion it takes them all
        act(founder, "Council", "castVote", int.from_bytes(answer, "big"), 1)
    later(spans.voting_seconds)
    act(founders[0], "Council", "queue(address[],uint256[],bytes[],bytes32)", *carried)
    later(spans.timelock_seconds)
    act(founders[0], "Council", "execute(address[],uint256[],bytes[],bytes32)", *carried)

    assert found() == [("Council", f"exemption of 0x{selector.hex()} at {host_rewards}")]

"""The council by the command alone: somebody is admitted, voted on and refused, as its people would do it."""

from __future__ import annotations

import json
import re

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from consentry.cli.choices import OpinionWord, RoleWord, VoteWord
from consentry.client.council import Opinion, Support
from consentry.client.identities import Role, Status
from consentry.demo.bring_up import delivery_key_of
from consentry.demo.cast import (
    BANK,
    CHANNEL_PARTNER,
    FOUNDERS,
    GUARDIAN,
    LICENCE_OFFICE,
    REGULATOR,
    RENTAL_AGENCY,
    STRANGER,
    UTILITY,
)
from consentry.demo.devnet import describe
from consentry.devchain import development_account
from tests.e2e.conftest import ROOT

APPLICANT = development_account(24)
DAY = 86_400
NOBODY = None


@pytest.fixture
def run(run_consentry, chain, brought_up):
    """Run the command on the network: a function of its words and whose key signs, to what it printed.

    Its exit code must be the one that is given; what it refuses is one line on standard error, and that is returned.
    """

    def call(*words, by=NOBODY, code=0, **environment):
        where = {"CONSENTRY_RPC_URL": chain.rpc_url, "CONSENTRY_DIRECTORY": brought_up.network.directory}
        if by is not NOBODY:
            where["CONSENTRY_KEY"] = "0x" + bytes(by.key).hex()
        ended = run_consentry(*words, **{**where, **environment})
        assert ended.returncode == code, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
        if ended.stderr.startswith("consentry: ") or code == 1:
            assert ended.stderr.count("\n") == 1
            assert ended.stderr.startswith("consentry: ")
        return ended.stdout if code == 0 else ended.stderr

    return call


@pytest.fixture
def pass_time(ask_chain):
    """Move the chain's clock: a function of seconds."""

    def move(seconds):
        ask_chain("evm_increaseTime", seconds)
        ask_chain("evm_mine")

    return move


@pytest.fixture
def identities(brought_up):
    """The registry."""
    return brought_up.network.identities


@pytest.fixture
def periods(brought_up):
    """How long things take."""
    return brought_up.parameters.council


@pytest.fixture
def text_file(tmp_path):
    """Write a text to a file: a function of name and text, to its path."""

    def write(name, text):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def packaged(name):
    """Return where a packaged document of the charter stands."""
    return ROOT / "src" / "consentry" / "charter" / name


def id_in(printed):
    """Return the id of the proposal that was made."""
    return re.search(r"^proposal (0x[0-9a-f]{64})$", printed, re.MULTILINE)[1]


def test_words_of_the_command_line_are_those_of_the_contracts():
    assert [word.value for word in VoteWord] == ["for", "against", "abstain"]
    assert {word.name for word in VoteWord} == {support.name for support in Support}
    assert {word.name for word in OpinionWord} == {opinion.name for opinion in Opinion} - {"NONE"}
    assert {word.name for word in RoleWord} == {role.name for role in Role}


@pytest.mark.asyncio
async def test_admits_an_applicant_from_invitation_to_execution(
    run, pass_time, periods, tmp_path, text_file, identities
):
    invitation = tmp_path / "invitation.json"
    terms = ("--role", "consumer", "--role", "provider", "--jurisdiction", "CA", "--register-number", "LEI-24")

    invited = run("participants", "invite", APPLICANT.address, *terms, "--out", invitation, by=CHANNEL_PARTNER.key)
    assert f": {invitation}" in invited
    agreement = packaged("membership-agreement.md")
    assert APPLICANT.address in run("participants", "apply", agreement, "--invitation", invitation, by=APPLICANT)
    assert (await identities.participant(APPLICANT.address)).status is Status.INVITED

    proposed = run("participants", "admit", APPLICANT.address, by=BANK.key)
    proposal = id_in(proposed)
    assert "missing: a regulator's opinion; without one it takes all seats, until " in proposed
    assert f"missing: the vote of {', '.join(founder.identity for founder in FOUNDERS)}, from " in proposed
    early = run("council", "queue", proposal, by=STRANGER, code=1)
    assert "is not ready for queueing: pending: 0 of 2 votes that it takes; missing: a regulator's opinion" in early

    opinion = text_file("opinion.txt", "Nothing speaks against it.")
    words = ("council", "opinion", proposal, "favourable", "--document", opinion, "--jurisdiction", "CA")
    assert "opinion;" not in run(*words, by=REGULATOR.key)
    pass_time(periods.voting_delay_seconds + 1)
    voted = run("council", "vote", proposal, "for", by=BANK.key)
    assert f"missing: the vote of {LICENCE_OFFICE.identity}, {UTILITY.identity}, until " in voted
    signed = text_file("vote.json", run("council", "vote", proposal, "for", "--sign", by=UTILITY.key))
    carried = run("council", "carry-vote", signed, by=STRANGER)
    assert f"carried the vote of {UTILITY.identity}" in carried
    assert "active: 2 of 2 votes that it takes" in carried
    assert "is not ready for queueing" in run("council", "queue", proposal, by=STRANGER, code=1)

    pass_time(periods.voting_seconds)
    assert "succeeded" in run("council", "status", proposal)
    assert "to be executed, from " in run("council", "queue", proposal, by=STRANGER)
    assert "to be executed, from " in run("council", "execute", proposal, by=STRANGER, code=1)
    pass_time(periods.timelock_seconds)
    assert run("council", "execute", proposal, by=STRANGER).startswith("carried out (")

    admitted = await identities.participant(APPLICANT.address)
    assert (admitted.status, admitted.roles) == (Status.ACTIVE, Role.CONSUMER | Role.PROVIDER)
    assert admitted.recruiter == CHANNEL_PARTNER.identity
    listed = run("participants", "list")
    assert f"{APPLICANT.address}  active     CA  consumer, provider\n" in listed
    described = json.loads(run("participants", "list", "--json"))
    assert described[-1]["identity"] == APPLICANT.address
    assert described[-1]["recruiter"] == CHANNEL_PARTNER.identity
    # What is done is done once, and an invitation is used once.
    assert "has no application before the council" in run(
        "participants", "admit", APPLICANT.address, by=BANK.key, code=1
    )


def test_tells_in_json_what_every_proposal_waits_for(run, pass_time, periods):
    proposal = id_in(run("participants", "remove", RENTAL_AGENCY.identity, "--description", "not paying", by=BANK.key))

    told = json.loads(run("council", "status", "--json"))

    (found,) = (each for each in told["proposals"] if each["id"] == proposal)
    assert (found["description"], found["state"]) == ("not paying", "pending")
    assert (found["votes_for"], found["required"]) == (0, 2)
    assert [action["name"] for action in found["actions"]] == ["IdentityRegistry.remove"]
    opinion, vote = found["awaited"]
    assert (opinion["step"], opinion["closes_at"] - told["now"]) == ("opinion", periods.opinion_seconds)
    assert vote["seats"] == [founder.identity for founder in FOUNDERS]
    assert told["charter"] == {
        "in_force": 1,
        "phase": "pilot",
        "seat_cap": 3,
        "seats": [founder.identity for founder in FOUNDERS],
        "latest": 1,
        "unsigned": [],
        "sign_until": None,
    }
    # Without an opinion it takes all seats, once there can be none any more.
    pass_time(periods.voting_delay_seconds + periods.voting_seconds + 1)
    (late,) = json.loads(run("council", "status", proposal, "--json"))["proposals"]
    assert (late["state"], late["required"], late["awaited"]) == ("defeated", 3, [])


def test_proposes_functions_by_name_and_from_a_file(run, text_file, brought_up):
    escrow = ("council", "propose", "ConsentToken.setUsesPausedUntil")
    printed = run(*escrow, "0", "--description", "let funding go on", by=BANK.key)
    assert "proposed: let funding go on" in printed
    assert "opinion" not in printed
    periods = run("council", "propose", "Council.setPeriods", "[120, 7200, 7200]", by=BANK.key)
    assert "proposed: Council.setPeriods" in periods
    actions = text_file(
        "actions.json",
        json.dumps(
            [
                {"function": "IdentityRegistry.suspend", "arguments": [RENTAL_AGENCY.identity]},
                {"function": "Council.setPeriods", "arguments": [{"votingDelay": 60, "voting": 3600, "opinion": 3600}]},
            ]
        ),
    )
    assert "proposed: IdentityRegistry.suspend, Council.setPeriods" in run(
        "council", "propose", "--actions", actions, by=BANK.key
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("IdentityRegistry.suspend",), "IdentityRegistry.suspend takes (identity), not 0 argument(s)"),
        (("IdentityRegistry.suspend", "bank"), "IdentityRegistry.suspend: identity is not an address: 0x and"),
        (("IdentityRegistry.changed", BANK.identity), "IdentityRegistry has no function 'changed' that changes"),
        (("Registry.suspend", BANK.identity), "the network has no contract 'Registry'; it has IdentityRegistry, "),
        (("IdentityRegistry.suspend", STRANGER.address), "IdentityRegistryStatusInvalid("),
    ],
)
def test_refuses_a_proposal_that_cannot_succeed(run, words, said):
    assert said in run("council", "propose", *words, by=BANK.key, code=1)


def test_refuses_who_has_no_seat_and_no_such_proposal(run):
    by_stranger = run("participants", "remove", RENTAL_AGENCY.identity, by=STRANGER, code=1)
    assert "GovernorInsufficientProposerVotes(" in by_stranger
    assert "no proposal has the id" in run("council", "status", "0x" + "ab" * 32, code=1)
    assert "'first' is no id of a proposal" in run("council", "vote", "first", "for", by=BANK.key, code=1)


def test_suspends_at_once_and_lets_the_council_decide(run, pass_time, periods):
    identity = RENTAL_AGENCY.identity
    assert "suspended for 72 hours" in run("participants", "suspend", identity, "--urgently", by=GUARDIAN)
    assert f"{identity}  suspended" in run("participants", "list")
    ratified = run("participants", "ratify", identity, by=BANK.key)
    assert "opinion" not in ratified
    proposal = id_in(ratified)
    pass_time(periods.voting_delay_seconds + 1)
    run("council", "vote", proposal, "for", by=BANK.key)
    # Without an opinion, and before the end of voting: two thirds are enough.
    assert "to be queued" in run("council", "vote", proposal, "for", by=UTILITY.key)
    assert "IdentityRegistrySuspensionRunning" in run("participants", "lift", identity, by=STRANGER, code=1)
    pass_time(72 * 3_600 + 1)
    assert "lifted" in run("participants", "lift", identity, by=STRANGER)


def test_names_the_missing_signature_and_when_the_window_closes(run, pass_time, periods, text_file, brought_up):
    charter = text_file("charter.md", "A second edition.")
    run_by_vote = ("council", "propose", "NetworkCharter.proposeVersion")
    words = (*run_by_vote, "0x" + keccak(charter.read_bytes()).hex(), "1", "7", str(DAY))
    proposal = id_in(run(*words, by=BANK.key))
    pass_time(periods.voting_delay_seconds + 1)
    for founder in FOUNDERS:
        run("council", "vote", proposal, "for", by=founder.key)
    pass_time(periods.voting_seconds)
    run("council", "queue", proposal, by=STRANGER)
    pass_time(periods.timelock_seconds)
    run("council", "execute", proposal, by=STRANGER)

    seats = ", ".join(founder.identity for founder in FOUNDERS)
    assert f"missing: the signature on version 2 of {seats}, until " in run("council", "status")
    wrong = run("council", "sign-charter", packaged("charter.md"), by=BANK.key, code=1)
    assert "is not the text of version 2, whose hash is 0x" in wrong
    told = run("council", "sign-charter", charter, by=BANK.key)
    assert f"missing: the signature on version 2 of {LICENCE_OFFICE.identity}, {UTILITY.identity}, until " in told
    told = json.loads(run("council", "status", "--json"))
    assert told["charter"]["unsigned"] == [LICENCE_OFFICE.identity, UTILITY.identity]
    assert 0 < told["charter"]["sign_until"] - told["now"] <= DAY
    for founder in (LICENCE_OFFICE, UTILITY):
        told = run("council", "sign-charter", charter, by=founder.key)
    assert "charter: version 2 is in force, phase growth, 3 of 7 seats" in told


def test_takes_the_network_from_a_file_and_the_key_from_a_keystore(run, chain, brought_up, text_file, tmp_path):
    unset = {"CONSENTRY_RPC_URL": "", "CONSENTRY_DIRECTORY": ""}
    file = text_file("devnet.json", json.dumps(describe(chain.rpc_url, brought_up)))
    manifest = tmp_path / "manifest.json"
    brought_up.manifest.write(manifest)
    keystore = text_file("key.json", json.dumps(Account.encrypt(BANK.key.key, "a password", iterations=2)))
    remove = ("participants", "remove", RENTAL_AGENCY.identity, "--keystore", keystore)

    printed = run(*remove, "--network", file, CONSENTRY_KEYSTORE_PASSWORD="a password", **unset)

    assert "proposed: remove" in printed
    assert BANK.identity in run("participants", "list", "--network", manifest, "--rpc", chain.rpc_url, **unset)
    assert "which network is meant is not known; give --rpc URL" in run(
        "participants", "list", "--network", manifest, code=2, **unset
    )
    assert "there is no key to sign with: give --keystore FILE" in run(*remove[:3], code=1)
    wrong = run(*remove, code=1, CONSENTRY_KEYSTORE_PASSWORD="another")
    assert "holds another password" in wrong


@pytest.mark.parametrize(
    "words",
    [
        ("council", "vote", "0x01", "perhaps"),
        ("participants", "invite"),
        ("council", "opinion", "0x01", "unsure"),
        ("council", "decide"),
        ("case", "open", "receipt.json"),
    ],
)
def test_ends_with_2_when_the_command_line_cannot_be_understood(run, words):
    assert run(*words, by=BANK.key, code=2)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"proposal": "0x00"}', "\udcff"])
def test_refuses_garbage_in_one_line(run, tmp_path, text):
    garbage = tmp_path / "garbage"
    garbage.write_bytes(text.encode("utf-8", "surrogateescape"))
    agreement = packaged("membership-agreement.md")
    assert "vote" in run("council", "carry-vote", garbage, by=BANK.key, code=1)
    assert "invitation" in run("participants", "apply", agreement, "--invitation", garbage, by=APPLICANT, code=1)
    assert "case" in run("case", "read", garbage, "--key", garbage, code=1)


def test_opens_a_case_to_a_regulator_who_reads_it(run_consentry, played, tmp_path):
    receipt = played.receipts / "receipt-rent-an-apartment.json"
    directory = json.loads(receipt.read_text(encoding="utf-8"))["contracts"]["directory"]
    case, other = tmp_path / "case.json", tmp_path / "other.json"
    where = {"CONSENTRY_RPC_URL": played.rpc_url, "CONSENTRY_DIRECTORY": directory}
    opened = run_consentry("case", "open", receipt, "--regulator", REGULATOR.identity, "--out", case, **where)
    assert opened.returncode == 0, opened.stderr
    key = "0x" + delivery_key_of(REGULATOR).to_private_bytes().hex()

    read = run_consentry("case", "read", case, CONSENTRY_DELIVERY_KEY=key, **where)

    assert read.returncode == 0, read.stderr
    assert "true: case.json is borne out by chain 31337" in read.stdout
    assert "outcome     Settled (Accepted)" in read.stdout
    file = tmp_path / "key"
    file.write_text(key)
    assert run_consentry("case", "read", case, "--key", file, "--rpc", played.rpc_url).stdout == read.stdout
    for changes, said in (
        ({"CONSENTRY_DELIVERY_KEY": "0x" + "11" * 32}, "the case does not open with this key"),
        ({"CONSENTRY_DELIVERY_KEY": "secret"}, "CONSENTRY_DELIVERY_KEY does not hold a key"),
        ({"CONSENTRY_DIRECTORY": BANK.identity}, "the case is of another network"),
    ):
        refused = run_consentry("case", "read", case, **{**where, "CONSENTRY_DELIVERY_KEY": key, **changes})
        assert (refused.returncode, refused.stdout) == (1, "")
        assert said in refused.stderr
        assert "secret" not in refused.stderr
    elsewhere = tmp_path / "network.json"
    elsewhere.write_text(json.dumps({"chain_id": 5, "contracts": {"NetworkDirectory": directory}}))
    refused = run_consentry("case", "read", case, "--key", file, "--rpc", played.rpc_url, "--network", elsewhere)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"the case is of chain 31337, and {elsewhere} describes 5" in refused.stderr
    to_bank = run_consentry("case", "open", receipt, "--regulator", BANK.identity, "--out", other, **where)
    assert (to_bank.returncode, other.exists()) == (1, False)
    assert "is not an active regulator of this network" in to_bank.stderr
    again = run_consentry("case", "open", receipt, "--regulator", REGULATOR.identity, "--out", case, **where)
    assert again.returncode == 1
    assert "name another file" in again.stderr

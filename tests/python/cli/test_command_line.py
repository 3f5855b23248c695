"""What the command refuses before it asks a network anything, in one line: 2 for usage, 1 for a value that is wrong."""

from __future__ import annotations

import json

import pytest

from consentry.demo.cast import BANK, RENTAL_AGENCY

SOMEBODY = RENTAL_AGENCY.identity
TERMS = ("--role", "consumer", "--register-number", "LEI-24")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("council", "propose"), "give one function with its arguments, or --actions FILE"),
        (("council", "propose", "FeeEscrow.close", "--actions", "actions.json"), "give one function with its"),
        (("participants", "set-roles", SOMEBODY), "no role is given; give --role, one or more of consumer, provider"),
        (("participants", "invite", SOMEBODY, "--out", "invitation.json"), "what is applied for is not known; give"),
        (("participants", "list"), "which network is meant is not known; give --rpc URL and --directory ADDRESS, or"),
        (("council", "status", "--rpc", "http://127.0.0.1:1"), "which network is meant is not known; give --rpc URL"),
    ],
)
def test_ends_with_2_when_a_word_is_missing_or_contradicts_another(run, words, said):
    ended = run(*words)

    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"consentry: {said}")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("jurisdiction", ["ca", "ZZZ", "C", "", "C1", "ÇA"])
def test_signs_no_invitation_to_what_is_no_jurisdiction(run, tmp_path, jurisdiction):
    file = tmp_path / "invitation.json"

    ended = run("participants", "invite", SOMEBODY, *TERMS, "--jurisdiction", jurisdiction, "--out", file)

    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"consentry: --jurisdiction: '{jurisdiction}' is not a jurisdiction: two upper-case")
    assert ended.stderr.count("\n") == 1
    assert not file.exists()


def test_names_the_jurisdiction_of_an_opinion_that_is_none(run, tmp_path):
    text = tmp_path / "opinion.txt"
    text.write_text("Nothing speaks against it.")

    ended = run("council", "opinion", "0x01", "neutral", "--document", text, "--jurisdiction", "ZZZ")

    assert ended.code == 1
    assert ended.stderr.startswith("consentry: --jurisdiction: 'ZZZ' is not a jurisdiction: two upper-case letters")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nothing", "it is not JSON"),
        ("[]", "it is not a JSON object"),
        ("{}", "its 'chain_id' is missing or not a number"),
        (json.dumps({"chain_id": "x"}), "its 'chain_id' is missing or not a number"),
        (json.dumps({"chain_id": True}), "its 'chain_id' is missing or not a number"),
    ],
)
def test_takes_no_file_that_describes_no_network(run, tmp_path, text, said):
    file = tmp_path / "network.json"
    file.write_text(text)

    ended = run("participants", "list", "--network", file)

    assert (ended.code, ended.stdout, ended.stderr) == (1, "", f"consentry: {file} describes no network: {said}\n")


def test_takes_no_chain_that_is_not_the_one_in_the_file(run, chain, tmp_path):
    file = tmp_path / "network.json"
    described = {"rpc_url": chain.rpc_url, "chain_id": 5, "contracts": {"NetworkDirectory": BANK.identity}}
    file.write_text(json.dumps(described))

    for words in ((), ("--rpc", chain.rpc_url), ("--directory", BANK.identity)):
        ended = run("participants", "list", "--network", file, *words)
        assert (ended.code, ended.stdout) == (1, "")
        assert f"the node at {chain.rpc_url} serves chain 31337, not 5" in ended.stderr
        assert ended.stderr.count("\n") == 1
    # What is given by itself goes before the file, and all of it leaves nothing to compare.
    ended = run("participants", "list", "--network", file, "--rpc", chain.rpc_url, "--directory", BANK.identity)
    assert (ended.code, "no network stands at directory" in ended.stderr) == (1, True)

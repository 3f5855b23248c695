"""What a seat is told before it votes: what a proposal does, and whether it can vote now."""

from __future__ import annotations

import json

import pytest
from eth_utils.address import to_checksum_address

from consentry.cli.connection import instant
from consentry.client import Network
from consentry.client.contract import Action
from consentry.client.council import Periods, Support
from consentry.client.encoding import padded
from consentry.client.identities import Role
from consentry.demo.cast import BANK, FOUNDERS, RENTAL_AGENCY, UTILITY

WHO = RENTAL_AGENCY.identity
FOREIGN = to_checksum_address("0x" + "0f" * 20)


@pytest.fixture
def on_chain(run, monkeypatch, chain, brought_up):
    """Run the command on the network: a function of its words and whose key signs, to how it ended."""

    def call(*words, by=BANK):
        monkeypatch.setenv("CONSENTRY_KEY", "0x" + bytes(by.key).hex())
        ended = run(*words, "--rpc", chain.rpc_url, "--directory", brought_up.network.directory)
        assert ended.stderr.count("\n") == (ended.code != 0), ended.stderr
        return ended

    return call


@pytest.fixture
def propose(bridge, chain, brought_up):
    """Propose actions without trying them first, as anybody's own tool can: a function of actions and words."""

    def call(actions, words="words"):
        async def send():
            # On a connection of the bridge's own loop.
            async with await Network.connect(chain.rpc_url, brought_up.network.directory) as network:
                targets, datas = [action.target for action in actions], [action.data for action in actions]
                council = network.council
                call = council.contract.function("propose", targets, [0] * len(actions), datas, words)
                await network.transactions.send(call, BANK.key)
                return (await council.proposals())[-1]

        return bridge.run(send())

    return call


@pytest.fixture
def vote(bridge, chain, brought_up):
    """Vote as a seat: a function of a proposal and the founder."""

    def call(proposal, founder):
        async def send():
            async with await Network.connect(chain.rpc_url, brought_up.network.directory) as network:
                await network.council.vote(proposal.id, Support.FOR, founder.key)

        bridge.run(send())

    return call


def does(printed):
    """Return the lines of a status that say what is done."""
    return [line.strip() for line in printed.splitlines() if line.startswith(("  does ", "           "))]


def named(proposal):
    """Return a proposal's id as the command takes it."""
    return f"0x{proposal.id:064x}"


# ------------------------------------------------------------- what a proposal does


def test_tells_every_argument_of_what_is_proposed(on_chain, propose, brought_up):
    network = brought_up.network
    escrow = network.addresses["FeeEscrow"]
    proposal = propose(
        [
            network.identities.set_roles(WHO, Role.CONSUMER | Role.PROVIDER),
            network.council.set_periods(Periods(120, 7_200, 3_600)),
            network.directory_contract().action("set", padded("FeeEscrow"), escrow),
            network.contract("NetworkAccess").action("grantRole", 7, WHO, 60),
        ]
    )

    printed = on_chain("council", "status", named(proposal)).stdout

    assert does(printed) == [
        "does     IdentityRegistry.setRoles(address,uint8)",
        f"identity = {WHO}",
        "roles = 3",
        "does     Council.setPeriods((uint32,uint32,uint32))",
        'periods_ = {"votingDelay": "120", "voting": "7200", "opinion": "3600"}',
        "does     NetworkDirectory.set(bytes32,address)",
        f'name = 0x{padded("FeeEscrow").hex()} ("FeeEscrow")',
        f"where = {escrow}",
        "does     NetworkAccess.grantRole(uint64,address,uint32)",
        "roleId = 7",
        f"account = {WHO}",
        "executionDelay = 60",
    ]
    (told,) = json.loads(on_chain("council", "status", named(proposal), "--json").stdout)["proposals"]
    assert told["actions"][0] == {
        "name": "IdentityRegistry.setRoles",
        "target": network.addresses["IdentityRegistry"],
        "data": "0x" + proposal.actions[0].data.hex(),
        "contract": "IdentityRegistry",
        "signature": "setRoles(address,uint8)",
        "arguments": [
            {"name": "identity", "type": "address", "value": WHO},
            {"name": "roles", "type": "uint8", "value": "3"},
        ],
    }
    assert told["actions"][1]["arguments"][0]["value"] == {"votingDelay": "120", "voting": "7200", "opinion": "3600"}


def test_says_what_it_cannot_read_and_shows_it(on_chain, propose, brought_up, ask_chain):
    ask_chain("anvil_setCode", FOREIGN, "0x00")
    network = brought_up.network
    suspend, registry = network.identities.suspend(WHO), network.addresses["IdentityRegistry"]
    proposal = propose(
        [
            Action(FOREIGN, suspend.data, ""),
            Action(registry, bytes.fromhex("12345678"), ""),
            Action(registry, suspend.data + bytes(32), ""),
            Action(registry, suspend.data[:-1], ""),
            Action(registry, b"", ""),
        ]
    )

    printed = on_chain("council", "status", named(proposal)).stdout

    unread = "IdentityRegistry.suspend(address): its data is not what the function takes, what it does is not known"
    assert does(printed) == [
        f"does     calls {FOREIGN}, which is no contract of this network: what it does is not known",
        f"data = 0x{suspend.data.hex()}",
        "does     IdentityRegistry: has no function 0x12345678, what it does is not known",
        "data = 0x12345678",
        f"does     {unread}",
        f"data = 0x{suspend.data.hex()}{'00' * 32}",
        f"does     {unread}",
        f"data = 0x{suspend.data[:-1].hex()}",
        "does     IdentityRegistry: has no function 0x, what it does is not known",
        "data = 0x",
    ]
    (told,) = json.loads(on_chain("council", "status", named(proposal), "--json").stdout)["proposals"]
    read = [(action["contract"], action["signature"], action["arguments"]) for action in told["actions"]]
    assert read == [
        (None, None, None),
        ("IdentityRegistry", None, None),
        ("IdentityRegistry", "suspend(address)", None),
        ("IdentityRegistry", "suspend(address)", None),
        ("IdentityRegistry", None, None),
    ]


def test_no_text_of_a_proposer_looks_like_what_the_command_says(on_chain, propose, brought_up):
    hostile = "harmless\n  does     nothing\x1b[2K\r\u202eat all"
    register = brought_up.network.contract("SchemaRegistry").action("registerPurpose", bytes(32), hostile)
    proposal = propose([register], hostile)

    printed = on_chain("council", "status", named(proposal)).stdout

    (first,) = (line for line in printed.splitlines() if line.startswith(named(proposal)))
    assert first == f"{named(proposal)}  harmless   does     nothing [2K  at all"
    assert does(printed) == [
        "does     SchemaRegistry.registerPurpose(bytes32,string)",
        f"id = 0x{'00' * 32}",
        f"urn = {json.dumps(hostile)}",
    ]


# ------------------------------------------------------------- whether it can vote now


def test_tells_when_voting_opens_and_when_it_has_closed(on_chain, propose, brought_up, mine_at, tmp_path):
    proposal = propose([brought_up.network.identities.remove(WHO)])
    signed = tmp_path / "vote.json"
    signed.write_text(on_chain("council", "vote", named(proposal), "for", "--sign", by=UTILITY).stdout)
    opens, closes = instant(proposal.starts_at + 1), instant(proposal.ends_at)
    words = (("council", "vote", named(proposal), "for"), ("council", "carry-vote", signed))

    for early in (on_chain(*each) for each in words):
        assert early.code == 1
        assert early.stderr == f"consentry: voting is not open yet: it opens at {opens} and closes at {closes}\n"
    mine_at(proposal.ends_at + 1)
    for late in (on_chain(*each) for each in words):
        assert late.code == 1
        assert late.stderr == f"consentry: voting has closed at {closes}: defeated: 0 of 3 votes that it takes\n"


def test_tells_that_an_exempt_proposal_has_its_votes(on_chain, propose, brought_up, mine_at, vote):
    proposal = propose([brought_up.network.contract("ConsentToken").action("setUsesPausedUntil", 0)])
    mine_at(proposal.starts_at + 1)
    for founder in FOUNDERS[:2]:
        vote(proposal, founder)

    late = on_chain("council", "vote", named(proposal), "for", by=FOUNDERS[2])

    assert late.code == 1
    assert late.stderr.startswith("consentry: voting has closed: succeeded: 2 of 2 votes that it takes; to be queued")


def test_tells_that_a_seat_has_voted_already(on_chain, propose, brought_up, mine_at, tmp_path):
    proposal = propose([brought_up.network.identities.remove(WHO)])
    mine_at(proposal.starts_at + 1)
    signed = tmp_path / "vote.json"
    signed.write_text(on_chain("council", "vote", named(proposal), "for", "--sign", by=UTILITY).stdout)
    assert on_chain("council", "carry-vote", signed).code == 0

    for again in (
        on_chain("council", "carry-vote", signed),
        on_chain("council", "vote", named(proposal), "against", by=UTILITY),
        on_chain("council", "vote", named(proposal), "for", "--sign", by=UTILITY),
    ):
        assert (again.code, again.stdout) == (1, "")
        assert again.stderr == (
            f"consentry: the seat of {UTILITY.identity} has voted on this proposal already; each seat votes once\n"
        )

"""One entry point to a network, and what it says of nodes that are not there, are wrong, or lie."""

from __future__ import annotations

import asyncio
import gc
import time

import pytest
from eth_utils.crypto import keccak

from consentry.client import Network, node
from consentry.client import network as network_module
from consentry.client.encoding import padded
from consentry.client.errors import (
    ChainUnreachable,
    ClientError,
    ContractError,
    NodeFailed,
    UnknownContractError,
    WrongChain,
)
from consentry.client.exchanges import Exchange, ExchangeId, Shares
from consentry.demo.bring_up import IDENTITY, TENANCY
from consentry.demo.cast import BANK, MEMBERS, RENTAL_AGENCY, STRANGER
from consentry.devchain import start_chain
from tests.python.client.relay import Http, refusal, result

pytestmark = pytest.mark.asyncio

SECRET = "c0ffee-api-key"


def some_exchange():
    """Return an exchange that never was."""
    nobody, nothing = RENTAL_AGENCY.identity, bytes(32)
    return Exchange(nothing, 1, nobody, BANK.identity, nobody, nothing, 1, Shares(10_000, 0, 0, 0, 0), 1, 1)


def is_one_line(error):
    return str(error) and "\n" not in str(error)


async def failure_of(read):
    """Return with what a reading failed, or None."""
    try:
        await read()
    except ClientError as error:
        return error
    return None


# ------------------------------------------------------------- connecting


async def test_connects_to_everything_that_the_directory_lists(brought_up):
    network, manifest = brought_up.network, brought_up.manifest
    listed = {name: contract.address for name, contract in manifest.contracts.items() if name != "NetworkDirectory"}

    assert network.addresses == listed
    assert (network.chain_id, network.directory) == (31337, manifest.address("NetworkDirectory"))
    facades = (network.identities, network.schemas, network.consents, network.exchanges, network.fees, network.hosts)
    facades += (network.credit, network.charter, network.council, network.erasures, network.disputes, network.batches)
    others = (network.council.timelock.address, await network.disputes.arbitrator())
    assert {*(facade.contract.address for facade in facades), *others} == {
        address for name, address in listed.items() if name != "NetworkAccess"
    }
    assert await network.now() > 1_700_000_000


async def test_connects_when_the_chain_is_the_one_that_it_must_be(chain, network):
    async with await Network.connect(chain.rpc_url, network.directory, chain_id=31337) as connected:
        assert connected.chain_id == 31337


async def test_takes_the_directory_in_lower_case(chain, network):
    async with await Network.connect(chain.rpc_url, network.directory.lower()) as connected:
        assert connected.directory == network.directory


@pytest.mark.parametrize(
    "rpc_url",
    ["http://127.0.0.1:9", "", "nonsense", "ftp://127.0.0.1", "http://[::1", "http://127.0.0.1:99999", "http://x.invalid"],
)
async def test_says_that_no_node_answers_when_there_is_none(network, rpc_url):
    with pytest.raises(ChainUnreachable, match=r"start one \(consentry devnet\) or give its RPC URL") as raised:
        await Network.connect(rpc_url, network.directory)
    assert is_one_line(raised.value)


async def test_shows_nothing_secret_of_a_url(relay, network):
    for told in (None, Http(500)):
        relay.tell("*", lambda _, told=told: told)
        for secret_url in (relay.url.replace("//", f"//user:{SECRET}@"), f"{relay.url}/v3/{SECRET}?key={SECRET}"):
            with pytest.raises(ClientError) as raised:
                await Network.connect(secret_url, network.directory)
            assert relay.url in str(raised.value)
            assert SECRET not in str(raised.value)


async def test_names_both_chains_when_it_is_the_wrong_one(chain, network):
    with pytest.raises(WrongChain, match=f"{chain.rpc_url} serves chain 31337, not 10;"):
        await Network.connect(chain.rpc_url, network.directory, chain_id=10)


@pytest.mark.parametrize(
    "directory",
    ["", "0x", "nonsense", "0x" + "ab" * 19, "0x" + "ab" * 21, "ab" * 20, "0x5FbDB2315678afecb367f032d93F642f64180aA4"],
)
async def test_asks_nobody_when_the_directory_is_no_address(relay, directory):
    with pytest.raises(WrongChain, match=r"the directory is not an address: .+; take it from deployments/"):
        await Network.connect(relay.url, directory)
    assert relay.asked == []


@pytest.mark.parametrize("what", ["nobody", "FeeEscrow", "NetworkCredit", "precompile"])
async def test_says_that_no_network_is_there_when_the_directory_is_something_else(chain, network, what):
    others = {"nobody": STRANGER.address, "precompile": "0x" + "00" * 19 + "02"}

    with pytest.raises(WrongChain, match=r"no network stands at directory 0x[0-9a-fA-F]{40} on chain 31337"):
        await Network.connect(chain.rpc_url, others.get(what) or network.addresses[what])


async def test_says_that_no_network_is_there_when_nothing_is_deployed(network):
    with start_chain() as empty, pytest.raises(WrongChain, match="no network stands at"):
        await Network.connect(empty.rpc_url, network.directory)


# ------------------------------------------------------------- nodes that lie


def _answer(**members):
    return lambda request: {"jsonrpc": "2.0", "id": request["id"], **members}


LIES = {
    "nothing": lambda _: b"",
    "a page": lambda _: b"<html>it works</html>",
    "bytes": lambda _: b"\xff\xfe\x00",
    "null": lambda _: b"null",
    "a list": lambda _: b"[]",
    "a text": lambda _: b'"0x7a69"',
    "lists in lists": lambda _: b"[" * 100_000,
    "a number that is too long": lambda _: b"1" * 5_000,
    "neither result nor error": _answer(),
    "both": _answer(result="0x7a69", error={"code": 1, "message": "no"}),
    "another version": lambda request: {"jsonrpc": "1.0", "id": request["id"], "result": "0x7a69"},
    "no result": result(None),
    "a result that is a list": result([]),
    "a result that is an object": result({}),
    "a result that is no hex": result("zz"),
    "a result that is a text": result("0x" + "zz" * 32),
    "a result that is too short": result("0x01"),
    "a result that is negative": result("-0x1"),
    "an error that is a text": _answer(error="no"),
    "an error without a message": _answer(error={"code": 1}),
    "an error without a code": _answer(error={"message": "no"}),
    "an error of many lines": refusal("one\ntwo\n" + "three " * 1_000),
    "an unknown method": refusal("the method does not exist", -32601),
    "an error whose data is an object": refusal("reverted", 3, data={"0x": "0x"}),
    "an error whose data is no hex": refusal("reverted", 3, data="Reverted 0xzz"),
    "an unknown panic": refusal("reverted", 3, data="0x4e487b71" + "ff" * 32),
}


async def test_fails_in_one_line_when_what_answers_is_no_node(relay, network):
    for lie, answer in LIES.items():
        relay.tell("eth_chainId", answer)
        # Some of them are numbers after all: then another chain, or none of ours.
        with pytest.raises((NodeFailed, WrongChain, ContractError)) as raised:
            await Network.connect(relay.url, network.directory, chain_id=31337)
        assert is_one_line(raised.value), lie
        assert len(str(raised.value)) < 600, lie


async def test_tells_the_http_status_when_the_node_answers_with_one(relay, network):
    for status in (400, 401, 403, 404, 429, 500, 503):
        relay.tell("eth_chainId", lambda _, status=status: Http(status))
        with pytest.raises(NodeFailed, match=f"the node at {relay.url} failed: HTTP status {status};"):
            await Network.connect(relay.url, network.directory)


async def test_tells_what_the_node_said_when_it_answers_with_an_error(relay, network):
    relay.tell("eth_call", refusal("daily request count exceeded,\nrequest rate limited", -32005))

    with pytest.raises(NodeFailed, match="request rate limited; try again when it is well") as raised:
        await Network.connect(relay.url, network.directory)
    assert raised.value.reason == "daily request count exceeded, request rate limited"
    assert raised.value.where == relay.url


async def test_every_reading_fails_with_an_exception_of_the_client_when_the_node_lies(relay, relayed, monkeypatch):
    monkeypatch.setattr(network_module, "LOG_RANGE_BLOCKS", 1 << 40)
    exchange_id, exchange = ExchangeId(keccak(text="an exchange")), some_exchange()
    consumer = await relayed.identities.participant(RENTAL_AGENCY.identity)
    readings = (
        relayed.now,
        lambda: relayed.versions("FeeEscrow"),
        lambda: relayed.identities.participant(BANK.identity),
        lambda: relayed.identities.attributes(BANK.identity),
        lambda: relayed.identities.check_actor(BANK.identity, "delivery", BANK.identity),
        lambda: relayed.schemas.schema(IDENTITY),
        lambda: relayed.schemas.is_consumer_accredited(RENTAL_AGENCY.identity, IDENTITY, TENANCY),
        lambda: relayed.consents.state_of(exchange_id),
        lambda: relayed.exchanges.state_of(exchange),
        lambda: relayed.exchanges.funding_of(exchange_id),
        relayed.exchanges.fundings,
        relayed.exchanges.settlements,
        relayed.exchanges.host_shares,
        lambda: relayed.exchanges.prepaid_of(RENTAL_AGENCY.identity),
        relayed.fees.current_version,
        lambda: relayed.fees.quote(1, IDENTITY, 2, consumer, None),
        lambda: relayed.hosts.owed_to(BANK.identity),
        relayed.credit.total,
        lambda: relayed.credit.allow(1, RENTAL_AGENCY.key),
    )
    # A check that answers nothing believes any answer, and a chain of no blocks has no logs.
    believed = {"a result that is too short": 1, "a result that is negative": 3}
    for lie, answer in LIES.items():
        relay.tell("*", answer)
        said = [await failure_of(read) for read in readings]
        assert all(is_one_line(error) for error in said if error), lie
        assert said.count(None) == believed.get(lie, 0), lie


async def test_reads_unknown_values_as_a_failure_of_the_node(relay, relayed):
    # A member's status and an exchange's state that this package has no name for.
    relay.tell("eth_call", result("0x" + "".join(f"{word:064x}" for word in (0, 0, 0, 1, 9, 0))))
    with pytest.raises(NodeFailed, match="it does not answer as a node does"):
        await relayed.identities.participant(BANK.identity)

    relay.tell("eth_call", result("0x" + "".join(f"{word:064x}" for word in (9, 0))))
    with pytest.raises(NodeFailed, match="it does not answer as a node does"):
        await relayed.exchanges.state_of(some_exchange())


async def test_says_that_the_contracts_are_gone_when_the_chain_was_started_anew(relay, relayed):
    relay.tell("eth_call", result("0x"))

    with pytest.raises(WrongChain, match="contracts are not on the chain at"):
        await relayed.fees.current_version()


async def test_fetches_nothing_that_a_node_names(relay, relayed):
    lookup = keccak(text="OffchainLookup(address,string[],bytes,bytes4,bytes)")[:4]
    data = relayed.web3.codec.encode(
        ["address", "string[]", "bytes", "bytes4", "bytes"],
        [relayed.addresses["FeeSchedule"], [f"{relay.url}/{{sender}}/{{data}}"], b"", b"abcd", b""],
    )
    relay.tell("eth_call", refusal("execution reverted", 3, data="0x" + (lookup + data).hex()))

    with pytest.raises(UnknownContractError):
        await relayed.fees.current_version()
    assert "GET" not in relay.asked


async def test_follows_a_node_nowhere_else(relay, network):
    for status in (301, 302, 303, 307, 308):
        relay.tell("eth_chainId", lambda _, status=status: Http(status, {"Location": f"{relay.url}/elsewhere"}))
        with pytest.raises(NodeFailed, match="it does not answer as a node does"):
            await Network.connect(relay.url, network.directory)
    assert relay.asked == ["eth_chainId"] * 5


# ------------------------------------------------------------- nodes that fail


async def test_connects_when_the_connection_is_lost_for_a_moment(relay, network):
    lost = []

    def lose_one(request):
        if not lost:
            lost.append(request)
            return None
        return relay.forward(request)

    relay.tell("eth_chainId", lose_one)

    async with await Network.connect(relay.url, network.directory) as connected:
        assert connected.chain_id == 31337
    assert relay.asked[:2] == ["eth_chainId", "eth_chainId"]


@pytest.mark.parametrize("after", [0, 1, 5])
async def test_says_that_no_node_answers_when_the_connection_is_lost_midway(relay, network, after):
    relay.tell("eth_call", lambda request: relay.forward(request) if relay.asked.count("eth_call") <= after else None)

    with pytest.raises(ChainUnreachable, match=f"no node answers at {relay.url};"):
        await Network.connect(relay.url, network.directory)


async def test_says_that_no_node_answers_when_it_keeps_silent(relay, network, monkeypatch):
    monkeypatch.setattr(node, "REQUEST_SECONDS", 0.2)
    relay.tell("eth_chainId", lambda _: time.sleep(1))

    with pytest.raises(ChainUnreachable):
        await Network.connect(relay.url, network.directory)
    assert relay.asked == ["eth_chainId"]


async def test_reading_says_that_no_node_answers_when_it_is_gone(relay, relayed):
    relay.close()

    for reading in (relayed.now(), relayed.fees.current_version(), relayed.exchanges.fundings()):
        with pytest.raises(ChainUnreachable, match="start one"):
            await reading


async def test_serves_on_chains_whose_blocks_carry_seals(relay, relayed):
    relay.change("eth_getBlockByNumber", lambda block: {**block, "extraData": "0x" + "ab" * 97})

    assert await relayed.now() > 1_700_000_000
    await relayed.credit.allow(1, RENTAL_AGENCY.key)


# ------------------------------------------------------------- closing


async def test_leaves_no_connection_open_when_it_cannot_connect(relay, network):
    complaints = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    for chain_id, directory in ((10, network.directory), (None, STRANGER.address)):
        with pytest.raises(WrongChain):
            await Network.connect(relay.url, directory, chain_id=chain_id)
    relay.tell("eth_chainId", lambda _: Http(500))
    with pytest.raises(NodeFailed):
        await Network.connect(relay.url, network.directory)

    gc.collect()
    assert complaints == []


async def test_closes_once_and_for_all(chain, network):
    complaints = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    connected = await Network.connect(chain.rpc_url, network.directory)
    await connected.close()
    await connected.close()
    with pytest.raises(ChainUnreachable, match="the connection was closed; connect to the network again"):
        await connected.now()

    del connected
    gc.collect()
    assert complaints == []


# ------------------------------------------------------------- versions and logs


async def test_tells_every_version_that_the_directory_ever_listed(network, chain, carry_out):
    first = network.addresses["FeeEscrow"]
    second = network.addresses["NetworkCredit"]  # any contract will do
    carry_out(network._directory.action("set", padded("FeeEscrow"), second))

    assert await network.versions("FeeEscrow") == (first, second)
    assert await network.versions("ConsentToken") == (network.addresses["ConsentToken"],)
    assert await network.versions("Nothing") == ()
    async with await Network.connect(chain.rpc_url, network.directory) as connected:
        assert connected.addresses["FeeEscrow"] == second
        assert connected.at({"FeeEscrow": first}).exchanges.contract.address == first


async def test_follows_the_directory_when_it_is_read_again(network, carry_out):
    before, exchanges = dict(network.addresses), network.exchanges
    await network.refresh()
    assert (network.addresses, network.exchanges) == (before, exchanges)
    fixed = network.at({"FeeSchedule": before["FeeSchedule"]})
    names = ("ConsentToken", "FeeEscrow", "FeeSchedule", "HostRewards", "NetworkCredit", "SchemaRegistry")
    others = dict.fromkeys(names, before["NetworkAccess"])  # any contract will do
    for name, other in others.items():
        carry_out(network.directory_contract().action("set", padded(name), other))

    await network.refresh()
    await fixed.refresh()

    assert network.addresses == {**before, **others}
    facades = (network.consents, network.exchanges, network.fees, network.hosts, network.credit, network.schemas)
    assert {facade.contract.address for facade in facades} == {before["NetworkAccess"]}
    assert network.exchanges.domain.contract == network.requests.domain.contract == before["NetworkAccess"]
    assert exchanges.contract.address == before["FeeEscrow"]
    # A version that was asked for stays; the rest is followed.
    assert fixed.addresses == {**before, **others, "FeeSchedule": before["FeeSchedule"]}
    assert fixed.at({}).fees.contract.address == before["FeeSchedule"]


async def test_says_that_no_network_is_there_any_more_when_it_reads_the_directory_again(network, ask_chain):
    ask_chain("anvil_setCode", network.directory, "0x")
    with pytest.raises(WrongChain, match="no network stands at directory"):
        await network.refresh()


async def test_another_version_sends_through_the_same_connection(network):
    assert network.at({}).transactions is network.transactions


async def test_finds_every_log_when_a_node_answers_for_few_blocks_at_a_time(relay, relayed):
    admitted = relayed.identities.contract.events.ParticipantAdmitted()
    everything = await relayed.logs(admitted)
    relay.asked.clear()

    def limited(request):
        (wanted,) = request["params"]
        if int(wanted["toBlock"], 16) - int(wanted["fromBlock"], 16) >= 7:
            return refusal("query exceeds max block range 7", -32602)(request)
        return relay.forward(request)

    relay.tell("eth_getLogs", limited)
    found = await relayed.logs(admitted)

    assert found == everything
    assert [event["args"]["identity"] for event in found][-1] == RENTAL_AGENCY.identity
    assert len(found) == len(MEMBERS)
    latest = await relayed.web3.eth.block_number
    assert relay.asked.count("eth_getLogs") > latest // 7


async def test_logs_fail_when_the_node_answers_for_no_block_at_all(relay, relayed):
    relay.tell("eth_getLogs", refusal("no archive here"))

    with pytest.raises(NodeFailed, match="no archive here"):
        await relayed.logs(relayed.identities.contract.events.ParticipantAdmitted())


async def test_asks_for_a_range_of_blocks_at_a_time(relay, relayed, monkeypatch):
    monkeypatch.setattr(network_module, "LOG_RANGE_BLOCKS", 10)
    spans = []

    def note(request):
        (wanted,) = request["params"]
        spans.append((int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)))
        return relay.forward(request)

    relay.tell("eth_getLogs", note)
    await relayed.logs(relayed.identities.contract.events.ParticipantAdmitted())

    latest = await relayed.web3.eth.block_number
    assert spans == [(start, min(start + 9, latest)) for start in range(0, latest + 1, 10)]

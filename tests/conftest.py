"""What Python tests that need a chain start from: a local chain, a network brought up on it, and a chain that forgets.

The contract tests have a `conftest.py` and a `chain` of their own (Brownie's) and never see this one. Here:

- `chain` is anvil on a free port, started once, by the package; `ask_chain` asks it anything.
- `brought_up` is the network of the story (`consentry.demo.bring_up`): deployed, everyone in `consentry.demo.cast`
  admitted and accredited, consumers' balances in place. It is brought up once; every test that asks for it gets a
  connection of its own, and what the test did on the chain is undone, the chain's clock included.
- `bridge` runs the asynchronous client in tests that are not: `bridge.run(brought_up.network.now())`.
- `carry_out` does what the council's timelock would, without a vote.
- `travel_to` and `mine_at` choose the instant of the next block.

A test that needs the chain otherwise (nothing deployed, another chain id) starts one with `start_chain`.
"""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import replace

import pytest
import pytest_asyncio
from hypothesis import Phase, settings

from consentry.client import Bridge, Network
from consentry.demo.bring_up import bring_up
from consentry.demo.devnet import HEAD_START_SECONDS
from consentry.demo.governance import pass_time_to
from consentry.devchain import start_chain
from tests.helpers.node import Node

# No test names a target to come near to, and Hypothesis spends most of its time on looking for one.
settings.register_profile("without targets", phases=set(Phase) - {Phase.target})
settings.load_profile("without targets")


@pytest.fixture(scope="session")
def chain():
    """A local chain with the development accounts funded: `chain.rpc_url`, `chain.chain_id`."""
    # Votes take their time: the chain begins early enough to have come to the present when they are over.
    with start_chain(genesis_at=int(time.time()) - HEAD_START_SECONDS) as started:
        yield started


@pytest.fixture(scope="session")
def ask_chain(chain):
    """Ask the chain's node: a function of a JSON-RPC method and its parameters; what it returns is the result."""
    with closing(Node(chain.rpc_url)) as node:
        yield node.ask


@pytest.fixture(scope="session")
def bridge():
    """Runs coroutines in tests that have no event loop."""
    with Bridge() as running:
        yield running


@pytest.fixture(scope="session")
def brought_up_once(chain, bridge, tmp_path_factory):
    """The network as it stands before each test; its connection is closed."""

    async def bring():
        made = await bring_up(chain.rpc_url, tmp_path_factory.mktemp("deployment"), lambda step: None)
        await pass_time_to(made.network, int(time.time()))
        await made.network.close()
        return made

    return bridge.run(bring())


@pytest.fixture
def isolation(brought_up_once, ask_chain):
    """Undo after the test what it did on the chain."""
    taken = ask_chain("evm_snapshot")
    yield
    assert ask_chain("evm_revert", taken)


@pytest_asyncio.fixture
async def brought_up(chain, brought_up_once, isolation):
    """A network that is ready for business: `manifest`, `parameters`, and a `network` that is connected."""
    directory = brought_up_once.manifest.address("NetworkDirectory")
    async with await Network.connect(chain.rpc_url, directory) as network:
        yield replace(brought_up_once, network=network)


@pytest.fixture
def carry_out(brought_up, ask_chain):
    """Carry out an action as the council's timelock, as if it had been voted: a function of the action."""
    timelock = brought_up.manifest.address("CouncilTimelock")

    def send(action):
        call = {"from": timelock, "to": action.target, "data": "0x" + action.data.hex()}
        transaction_hash = ask_chain("eth_sendTransaction", call)
        while (receipt := ask_chain("eth_getTransactionReceipt", transaction_hash)) is None:
            time.sleep(0.01)
        assert receipt["status"] == "0x1", action.name

    ask_chain("anvil_setBalance", timelock, hex(10**18))
    ask_chain("anvil_impersonateAccount", timelock)
    yield send
    ask_chain("anvil_stopImpersonatingAccount", timelock)


@pytest.fixture
def travel_to(ask_chain):
    """Let the next transaction be mined at an instant: a function of Unix seconds, after the latest block."""
    return lambda at: ask_chain("evm_setNextBlockTimestamp", at)


@pytest.fixture
def mine_at(ask_chain):
    """Mine an empty block at an instant, so that calls see it: a function of Unix seconds, after the latest block."""
    return lambda at: ask_chain("evm_mine", at)

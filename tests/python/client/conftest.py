"""A consumer, a provider with its own system of record, a coordinator and two people, on a network that is up.

`parties` takes an exchange as far as a test needs it; each step is the client's own. `relay` is a node that lies where
it is told to, and `relayed` the network as it is seen through that node.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass, replace

import pytest
import pytest_asyncio
from eth_utils.crypto import keccak

from consentry.client import (
    Ask,
    Assurance,
    Consumer,
    Coordinator,
    Exchange,
    GivenConsent,
    Network,
    Provider,
    SignedRequest,
    Wallet,
)
from consentry.client.encoding import padded
from consentry.client.exchanges import Delivery
from consentry.demo.bring_up import IDENTITY, TENANCY, issuer_key_of
from consentry.demo.cast import BANK, RENTAL_AGENCY
from consentry.demo.institutions import Institution, open_institutions
from consentry.deployment.artifacts import load_artifact
from consentry.deployment.plan import constructor_arguments
from consentry.records import Controller, Notice, hex_hash
from consentry.sources import OneTimeCodes, Outbox, Sessions, SqlSource, packaged_mapping
from tests.python.client.relay import Relay

NOTICE = Notice("https://harbour-rentals.example/privacy", "en", hex_hash(keccak(text="notice")))
ASK = Ask(
    schema=IDENTITY,
    attributes=("given_name", "family_name", "birthdate"),
    purpose=TENANCY,
    assurance=Assurance.SUBSTANTIAL,
    notice=NOTICE,
    jurisdiction="CA",
    storage_locations=("CA",),
    recipients=(RENTAL_AGENCY.name,),
    withdrawal_method="In the wallet in which you consented, at any time",
)
SEED = bytes(range(32))
"""Of the person's wallet."""


@dataclass(frozen=True)
class Delivered:
    """An exchange that was delivered, and what it is about."""

    request: SignedRequest
    given: GivenConsent
    exchange: Exchange
    delivery: Delivery


class Parties:
    """Who takes part in an exchange, and its steps.

    `bank` and `provider` are there once `open_bank` was called, as it is when a consent is presented.
    """

    def __init__(self, network, folder, people):
        self.network = network
        self.bank = self.provider = None
        self.person, self.other_person = people
        self.coordinator = Coordinator(network, BANK.identity, BANK.key)
        self.consumer = self.open_consumer()
        self.wallet = Wallet(network, SEED)
        self._folder = folder

    async def open_bank(self):
        """Open the bank's system of record and its sign-in; nobody is signed in."""
        if self.bank is None:
            url = f"sqlite+aiosqlite:///{self._folder / 'bank.sqlite'}"
            source = await SqlSource.open(url, packaged_mapping("bank"))
            outbox = Outbox(self._folder / "outbox" / "bank")
            codes = OneTimeCodes(source, outbox, sender=BANK.name)
            self.bank = Institution(BANK, source, codes, outbox, Sessions())
            self.provider = self.open_provider()

    async def close(self):
        """Let go of the bank's system of record."""
        if self.bank is not None:
            await self.bank.source.close()

    def open_consumer(self, member=RENTAL_AGENCY, key=None):
        """Open a consumer, with its own key or another."""
        did = self.network.did(member.identity)
        controller = Controller(did, member.name, member.address_line, member.contact)
        return Consumer(self.network, member.identity, key or member.key, controller)

    def open_provider(self, member=BANK, key=None, sessions=None):
        """Open a provider with the bank's system of record, and its own key or another."""
        sessions, key = sessions or self.bank.sessions, key or member.key
        return Provider(self.network, member.identity, key, issuer_key_of(BANK), self.bank.source, sessions)

    async def request(self, **changes):
        """Ask for facts; what is asked may differ from `ASK`."""
        return await self.consumer.request(replace(ASK, **changes), BANK.identity)

    async def consent(self, request, wallet=None):
        """Read a request and consent to it."""
        wallet = wallet or self.wallet
        return await wallet.consent(await wallet.show(request), BANK.identity, BANK.name)

    async def present(self, request, given):
        """Sign in at the bank and present a consent in that session, which is returned."""
        await self.open_bank()
        session = (await self.bank.sign_in(self.person)).session_id
        await self.provider.present(session, request, given)
        return session

    async def consented(self, **changes):
        """Ask, consent, and present the consent; what is asked may differ from `ASK`."""
        request = await self.request(**changes)
        given = await self.consent(request)
        await self.present(request, given)
        return request, given

    async def fund(self, request, given, **times):
        """Order the next use of a consent and fund it."""
        order = await self.consumer.order(request, given, **times)
        funding, _ = await self.coordinator.fund(given.opened, given.signature, order)
        return funding.exchange

    async def funded(self, **times):
        """Take an exchange to where it is funded."""
        request, given = await self.consented()
        return request, given, await self.fund(request, given, **times)

    async def delivered(self, **times):
        """Take an exchange to where it is delivered."""
        request, given, exchange = await self.funded(**times)
        delivery, _ = await self.coordinator.deliver(await self.provider.prepare(exchange))
        return Delivered(request, given, exchange, delivery)

    async def commit(self, exchange, ciphertext_hash):
        """Commit the provider to any ciphertext, as a dishonest one can."""
        signature = self.network.exchanges.sign_delivery(exchange, ciphertext_hash, BANK.key)
        await self.network.exchanges.deliver(exchange, ciphertext_hash, BANK.identity, signature, BANK.key)


@pytest.fixture(scope="session")
def records(tmp_path_factory, bridge):
    """The institutions' systems of record, made once: their folder, and two people whom all of them know."""
    folder = tmp_path_factory.mktemp("records")

    async def make():
        institutions = await open_institutions(folder, people=30, seed=2026)
        await institutions.close()
        return institutions.people

    return folder, bridge.run(make())


@pytest.fixture
def network(brought_up):
    """The network."""
    return brought_up.network


@pytest_asyncio.fixture
async def parties(network, records):
    """Who takes part in an exchange."""
    opened = Parties(network, *records)
    yield opened
    await opened.close()


@pytest.fixture
def undone(ask_chain):
    """Undo what is done on the chain within: a context manager."""

    @contextmanager
    def undo():
        taken = ask_chain("evm_snapshot")
        yield
        assert ask_chain("evm_revert", taken)

    return undo


@pytest.fixture
def take_over(brought_up, carry_out):
    """Let another escrow take over, as the council does by vote: a function that returns its address."""
    network, timelock, listed = brought_up.network, brought_up.manifest.address("CouncilTimelock"), True

    async def take():
        addresses = {**network.addresses, "NetworkDirectory": network.directory}
        arguments = constructor_arguments(brought_up.parameters, addresses, timelock)["FeeEscrow"]
        creation = {"from": timelock, "data": load_artifact("FeeEscrow").creation(arguments)}
        created = await network.web3.eth.send_transaction(creation)
        successor = (await network.web3.eth.wait_for_transaction_receipt(created))["contractAddress"]
        carry_out(network.consents.contract.action("addEscrow", successor))
        carry_out(network.credit.contract.action("setNetworkContract", successor, listed))
        carry_out(network.directory_contract().action("set", padded("FeeEscrow"), successor))
        return successor

    return take


@pytest.fixture
def relay(chain, brought_up_once):
    """A node in front of the chain's node."""
    with closing(Relay(chain.rpc_url)) as started:
        yield started


@pytest_asyncio.fixture
async def relayed(relay, brought_up):
    """The network, seen through the relay."""
    async with await Network.connect(relay.url, brought_up.network.directory) as connected:
        relay.asked.clear()
        yield connected

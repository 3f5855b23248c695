"""What every contract test starts from: a deployed network, its actors by role, and a chain that forgets.

The network is deployed once for all tests; every test runs on it and what it did is undone. Ask for contracts through
`system`, for accounts by role, and never for `accounts` itself.
"""

from __future__ import annotations

import gc
import itertools
from dataclasses import replace

import brownie
import pytest
from eth_account import Account
from eth_utils.crypto import keccak

from consentry.client.exchanges import Shares
from consentry.deployment import load_parameters
from consentry.devchain import DEVELOPMENT_ACCOUNTS, development_account
from consentry.schemas import PERSON_IDENTITY, TENANCY_SCREENING
from tests.helpers import clock, connection, network
from tests.helpers.exchanges import Funded, Words, funded_in
from tests.helpers.forgetting import forgetting
from tests.helpers.reverts import reverts_with as expect_revert
from tests.helpers.votes import Votes

ROLES_OF_ACCOUNTS = (
    "deployer",
    "founder",
    "guardian",
    "treasurer",
    "consumer",
    "provider",
    "coordinator",
    "host",
    "channel_partner",
    "other_channel_partner",
    "regulator",
    "stranger",
    "relayer",
    "delegate",
    "second_founder",
    "third_founder",
)
FOUNDERS = ("founder", "second_founder", "third_founder")
SCHEMA = keccak(text=PERSON_IDENTITY)
PURPOSE = keccak(text=TENANCY_SCREENING)
ACCREDITED_SECONDS = 2 * 365 * 86_400
HIGH = 3
HOST_WEIGHT = 1


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """Mend the connection, and say on which chain how many tests run, in a line that a program can read."""
    connection.mend(brownie.web3)
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    reporter.ensure_newline()
    reporter.write_line(f"contract-tests: client={brownie.web3.client_version} collected={len(session.items)}")
    # Spare the garbage collection the compiled project, most of what there is.
    gc.collect()
    gc.freeze()


# ---------------------------------------------------------------- accounts by role


@pytest.fixture(scope="session")
def actors(accounts):
    """Every account that has a role in tests, by the role's name."""
    return {role: accounts[index] for index, role in enumerate(ROLES_OF_ACCOUNTS)}


@pytest.fixture(scope="session")
def deployer(actors):
    """Deployed the network and has no power in it."""
    return actors["deployer"]


@pytest.fixture(scope="session")
def council(system):
    """Holds the admin role: carries out what the council votes, here without waiting for a vote."""
    return network.council_account(system)


@pytest.fixture(scope="session")
def founder(actors):
    """Has the first seat of the council, and no other part in the network."""
    return actors["founder"]


@pytest.fixture(scope="session")
def second_founder(actors):
    """Has the second seat."""
    return actors["second_founder"]


@pytest.fixture(scope="session")
def third_founder(actors):
    """Has the third seat."""
    return actors["third_founder"]


@pytest.fixture(scope="session")
def guardian(actors):
    """May pause and suspend at once."""
    return actors["guardian"]


@pytest.fixture(scope="session")
def treasurer(actors):
    """Issues and burns network credit."""
    return actors["treasurer"]


@pytest.fixture(scope="session")
def consumer(actors):
    """Active consumer, recruited by `channel_partner`, accredited for `schema` and `purpose`."""
    return actors["consumer"]


@pytest.fixture(scope="session")
def provider(actors):
    """Active provider, recruited by `other_channel_partner`, accredited for `schema` at level High."""
    return actors["provider"]


@pytest.fixture(scope="session")
def coordinator(actors):
    """Active coordinator."""
    return actors["coordinator"]


@pytest.fixture(scope="session")
def host(actors):
    """Active host, the only one with weight."""
    return actors["host"]


@pytest.fixture(scope="session")
def channel_partner(actors):
    """Active channel partner that recruited `consumer`."""
    return actors["channel_partner"]


@pytest.fixture(scope="session")
def other_channel_partner(actors):
    """Active channel partner that recruited `provider`."""
    return actors["other_channel_partner"]


@pytest.fixture(scope="session")
def regulator(actors):
    """Active regulator."""
    return actors["regulator"]


@pytest.fixture(scope="session")
def stranger(actors):
    """Has no part in the network."""
    return actors["stranger"]


@pytest.fixture(scope="session")
def relayer(actors):
    """Carries other people's signatures and has no part in the network."""
    return actors["relayer"]


@pytest.fixture(scope="session")
def delegate(actors):
    """A backend's key: nobody's delegate until a test makes it one."""
    return actors["delegate"]


@pytest.fixture(scope="session")
def signer_of():
    """Return the key of an account: a function from a Brownie account to one of eth_account."""
    keys = {}

    def find(account):
        if not keys:
            signers = (development_account(index) for index in range(DEVELOPMENT_ACCOUNTS))
            keys.update({signer.address: signer for signer in signers})
        return keys[account.address]

    return find


@pytest.fixture(scope="session")
def fresh_subject():
    """Make a key that no consent has had: a function without arguments."""
    numbers = itertools.count(1)

    def make():
        return Account.from_key(keccak(text=f"subject {next(numbers)}"))

    return make


# ---------------------------------------------------------------- the network


@pytest.fixture(scope="session")
def system(tmp_path_factory, actors):
    """The network: deployed with the packaged parameters, every actor admitted and accredited."""
    # Actors by name, not by fixture: a folder may put others in the fixtures' place.
    if brownie.web3.eth.block_number != 0:
        pytest.exit(
            f"the chain at {brownie.web3.provider.endpoint_uri} was in use before these tests: end what runs there, or "
            "give Brownie a chain of its own",
            returncode=2,
        )
    founders = tuple(actors[role].address for role in FOUNDERS)
    parameters = load_parameters()
    parameters = replace(parameters, council=replace(parameters.council, founders=founders))
    made = network.deploy_system(tmp_path_factory.mktemp("deployment"), parameters)
    network.sign_charter(made, [network.key_of(founder) for founder in founders], actors["relayer"])
    council = network.council_account(made)
    for role, bit in (
        ("channel_partner", network.CHANNEL_PARTNER),
        ("other_channel_partner", network.CHANNEL_PARTNER),
        ("coordinator", network.COORDINATOR),
        ("host", network.HOST),
        ("regulator", network.REGULATOR),
    ):
        network.admit(made, council, actors[role], bit)
    consumer, provider = actors["consumer"], actors["provider"]
    network.admit(made, council, consumer, network.CONSUMER, actors["channel_partner"])
    network.admit(made, council, provider, network.PROVIDER, actors["other_channel_partner"])
    expires_at = brownie.chain[-1].timestamp + ACCREDITED_SECONDS
    made.schemas.accreditConsumer(SCHEMA, PURPOSE, consumer, expires_at, {"from": council})
    made.schemas.accreditProvider(SCHEMA, provider, HIGH, expires_at, {"from": council})
    made.host_rewards.setWeight(actors["host"], HOST_WEIGHT, {"from": council})
    return made


@pytest.fixture(scope="session")
def schema():
    """Id of the schema that `consumer` and `provider` are accredited for."""
    return SCHEMA


@pytest.fixture(scope="session")
def purpose():
    """Id of the purpose that `consumer` is accredited for."""
    return PURPOSE


@pytest.fixture(autouse=True)
def isolation(system):
    """Undo after each test what it did on the chain, snapshots of its own among it."""
    with forgetting():
        yield


# ---------------------------------------------------------------- participants in any standing


@pytest.fixture
def unused_account(accounts):
    """Take an account that nobody in this test has: a function without arguments."""
    numbers = iter(range(len(ROLES_OF_ACCOUNTS), DEVELOPMENT_ACCOUNTS))
    return lambda: accounts[next(numbers)]


@pytest.fixture
def bring_to(system, council):
    """Bring a participant to a standing: a function of it and `active`, `suspended` or `removed`."""
    lost_roles = {}

    def bring(participant, standing):
        record = system.identities.participantOf(participant).dict()
        status, roles = record["status"], record["roles"] or lost_roles.get(participant.address, 0)
        lost_roles[participant.address] = roles
        if standing == "active" and status == network.SUSPENDED:
            system.identities.reinstate(participant, {"from": council})
        elif standing == "active" and status in (network.NONE, network.REMOVED):
            network.admit(system, council, participant, roles)
        elif standing == "suspended" and status == network.ACTIVE:
            system.identities.suspend(participant, {"from": council})
        elif standing == "removed" and status in (network.ACTIVE, network.SUSPENDED):
            system.identities.remove(participant, {"from": council})
        else:
            raise AssertionError(f"there is no way from status {status} to {standing}")

    return bring


@pytest.fixture
def participant_in(system, council, unused_account, bring_to):
    """Make a participant: a function of its standing (`never_registered`, `active`, `suspended`, `removed`), the bitmap
    of its roles, and its recruiter if it has one."""

    def make(standing, roles, recruiter=network.NOBODY):
        participant = unused_account()
        if standing != "never_registered":
            network.admit(system, council, participant, roles, recruiter)
            if standing != "active":
                bring_to(participant, standing)
        return participant

    return make


@pytest.fixture
def rotate_owner(system, unused_account):
    """Hand a participant to a new key and return it: a function of the participant."""

    def rotate(participant):
        owner = unused_account()
        system.identities.changeOwner(participant, owner, {"from": participant})
        return owner

    return rotate


@pytest.fixture
def issue_credit(system, treasurer):
    """Issue network credit: a function of a participant and an amount in smallest units."""
    numbers = itertools.count(1)

    def issue(participant, amount):
        invoice_hash = keccak(text=f"invoice {next(numbers)}")
        system.credit.issue(participant, amount, invoice_hash, {"from": treasurer})

    return issue


@pytest.fixture
def prepay(system, issue_credit):
    """Fill a participant's prepaid balance: a function of the participant and an amount in smallest units."""

    def fill(participant, amount):
        issue_credit(participant, amount)
        system.credit.approve(system.escrow, amount, {"from": participant})
        system.escrow.deposit(participant, amount, {"from": participant})

    return fill


# ---------------------------------------------------------------- votes


@pytest.fixture
def votes(system, founder, second_founder, third_founder, regulator, relayer):
    """Decide by the council's own ways, with its three first seats: see tests/helpers/votes.py."""
    return Votes(system, (founder, second_founder, third_founder), regulator, relayer)


# ---------------------------------------------------------------- consents and exchanges


@pytest.fixture(scope="session")
def words(system, actors):
    """Make and sign consents, withdrawals, orders and steps of exchanges: see tests/helpers/exchanges.py."""
    parties = {role: actors[role] for role in ("consumer", "provider", "coordinator")}
    return Words(system, **parties, schema=SCHEMA, purpose=PURPOSE)


@pytest.fixture
def funded(system, words, consumer, relayer, prepay, fresh_subject, signer_of):
    """Fund an exchange of a fresh subject, relayed by a stranger: a function of what of its consent shall be different
    that returns what was made (see Funded)."""

    def fund(**changes):
        given, order = words.give(fresh_subject(), **changes), words.order()
        prepay(consumer, order.fee)
        order_signature = words.sign_order(order, given, signer_of(consumer))
        arguments = given.opened.arguments(), order.arguments(), given.signature, order_signature
        tx = system.escrow.fund(*arguments, {"from": relayer})
        return Funded(given, order, funded_in(tx), tx)

    return fund


@pytest.fixture
def credited(consumer, provider, coordinator):
    """Read what is credited in an escrow, by whose share it is: a function of the escrow."""

    def read(escrow):
        return Shares(
            provider=escrow.earnedOf(provider),
            coordinator=escrow.earnedOf(coordinator),
            hosts=escrow.hostsAccrued(),
            consumer_recruiter=escrow.recruiterShareOf(consumer),
            provider_recruiter=escrow.recruiterShareOf(provider),
        )

    return read


@pytest.fixture
def list_escrow(PuppetEscrow, consents, council):
    """List another escrow with the tests' consent token, which does as it is told: a function without arguments."""

    def make():
        escrow = PuppetEscrow.deploy({"from": council})
        consents.addEscrow(escrow, {"from": council})
        return escrow

    return make


# ---------------------------------------------------------------- errors and time


@pytest.fixture(scope="session")
def reverts_with():
    """Expect an error by name with exactly these values: `with reverts_with("Name", value, …):`; `...` is any value."""
    return expect_revert


@pytest.fixture(scope="session")
def travel_to():
    """Let the next transaction be mined at an instant: a function of Unix seconds."""
    return clock.travel_to


@pytest.fixture(scope="session")
def mine_at():
    """Mine an empty block at an instant: a function of Unix seconds."""
    return clock.mine_at

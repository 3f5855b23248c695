"""Exchanges in every state with what each step brings along, and the network over a token that misbehaves.

What only has to be refused, with nothing to look at afterwards, is called and not sent: a mined refusal has to be
traced, which takes Ganache up to a second.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.exchanges import Delivery, ExchangeState, Shares
from tests.helpers.exchanges import NO_EXCHANGE, Funded, Words, funded_in
from tests.helpers.hostile_token import HostileNetwork
from tests.helpers.network import ESCROW_PARTS, account_at, deploy_exchange
from tests.helpers.running import CIPHERTEXT_HASH, REASON, Running

DELEGATE_SECONDS = 30 * 86_400
STOCK = 10**11
YEAR_SECONDS = 365 * 86_400
PACKAGED_SHARES = Shares(6_000, 1_500, 1_500, 500, 500)
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def escrow(system):
    """The network's escrow."""
    return system.escrow


@pytest.fixture
def disputes(escrow):
    """An account that acts as the contract which says what becomes of disputes."""
    return account_at(escrow.wiring()[ESCROW_PARTS.index("disputes")])


@pytest.fixture(scope="session")
def payer(system, actors):
    """A member with credit for everybody's prepaid balance, so that filling one takes a single transaction."""
    payer = actors["regulator"]
    system.credit.issue(payer, STOCK, keccak(text="stock"), {"from": actors["treasurer"]})
    system.credit.approve(system.escrow, STOCK, {"from": payer})
    return payer


@pytest.fixture
def prepay(escrow, payer):
    """Fill a participant's prepaid balance: a function of the participant and an amount in smallest units."""
    return lambda participant, amount: escrow.deposit(participant, amount, {"from": payer})


@pytest.fixture
def soon(chain):
    """An instant a minute ahead, by a block that is mined first: Ganache's clock runs on over what was undone."""
    chain.mine()
    return chain[-1].timestamp + 60


@pytest.fixture
def publish(system, council, schema, words):
    """Publish another version of the fee schedule: a function of what shall be different from the packaged one that
    returns its number."""
    fees = system.parameters.fees

    def publish(price=words.fee, shares=PACKAGED_SHARES, consumer_recruiter_sunset_seconds=YEAR_SECONDS):
        rates = (shares.pack(), consumer_recruiter_sunset_seconds, YEAR_SECONDS, fees.host_discount_bps)
        prices = [(schema, Assurance.HIGH, price)]
        return system.schedule.publish(rates, prices, {"from": council}).events["VersionPublished"]["version"]

    return publish


# ---------------------------------------------------------------- exchanges in every state


@pytest.fixture
def ordered(words, consumer, fresh_subject, signer_of):
    """Make all that `fund` takes: a function of the consent if there is one already, the number of its use, and what of
    the order shall be different, that returns the consent, the order and the arguments."""

    def make(given=None, use=1, **changes):
        given, order = given or words.give(fresh_subject()), words.order(**changes)
        signature = words.sign_order(order, given, signer_of(consumer), use)
        return given, order, (given.opened.arguments(), order.arguments(), given.signature, signature)

    return make


@pytest.fixture
def prepared(words, consumer, prepay, ordered):
    """The same with the fee prepaid."""

    def make(*arguments, **changes):
        prepay(consumer, words.fee)
        return ordered(*arguments, **changes)

    return make


@pytest.fixture
def run_funded(funded):
    """Fund an exchange: a function of what of its consent shall be different."""
    return lambda **changes: Running(funded(**changes))


@pytest.fixture
def run_delivered(escrow, provider, run_funded):
    """Fund and deliver an exchange: a function of what of its consent shall be different."""

    def run(**changes):
        running = run_funded(**changes)
        tx = escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
        return replace(running, delivered_at=tx.timestamp)

    return run


@pytest.fixture
def run_ordered(escrow, provider, relayer, prepared):
    """Fund and deliver an exchange: a function of what of the order shall be different."""

    def run(**changes):
        given, order, arguments = prepared(**changes)
        funding = escrow.fund(*arguments, {"from": relayer})
        running = Running(Funded(given, order, funded_in(funding), funding))
        tx = escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
        return replace(running, delivered_at=tx.timestamp)

    return run


@pytest.fixture
def run_disputed(escrow, consumer, prepay, run_delivered):
    """Fund, deliver and dispute an exchange."""

    def run():
        running = run_delivered()
        prepay(consumer, running.fee)
        tx = escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})
        return replace(running, bond=tx.events["ExchangeDisputed"]["bond"], disputed_at=tx.timestamp)

    return run


@pytest.fixture
def run_to(system, escrow, disputes, words, consumer, provider, relayer, run_funded, run_delivered, run_disputed):
    """Bring an exchange to a state: a function of the state."""

    def never_funded():
        running = run_funded()
        elsewhere = replace(running.exchange, consent=keccak(text="a consent that was never used"))
        return replace(running, funded=replace(running.funded, exchange=elsewhere))

    def refund_due():
        running = run_funded()
        given = running.funded.given
        system.consents.withdraw(
            given.sealed.arguments(), NO_EXCHANGE, words.sign_withdrawal(given), {"from": relayer}
        )
        return running

    def settled():
        running = run_delivered()
        escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})
        return running

    def refunded():
        running = run_funded()
        escrow.decline(*running.description(), REASON, provider, b"", {"from": provider})
        return running

    def resolved():
        running = run_disputed()
        escrow.resolve(*running.dispute(), 5_000, False, {"from": disputes})
        return running

    ways = {
        ExchangeState.NONE: never_funded,
        ExchangeState.FUNDED: run_funded,
        ExchangeState.DELIVERED: run_delivered,
        ExchangeState.DISPUTED: run_disputed,
        ExchangeState.REFUND_DUE: refund_due,
        ExchangeState.SETTLED: settled,
        ExchangeState.REFUNDED: refunded,
        ExchangeState.RESOLVED: resolved,
    }

    def run(state):
        running = ways[state]()
        assert escrow.stateOf(*running.used)[0] == state
        return running

    return run



@pytest.fixture
def altered(stranger):
    """Describe an exchange otherwise than it was funded: a function of the exchange and the one field that differs."""

    def alter(running, field, *, is_delivered=False):
        other = {
            "consent": keccak(text="another consent"),
            "consumer": stranger.address,
            "provider": stranger.address,
            "coordinator": stranger.address,
            "recipient_key_hash": keccak(text="another key"),
            "shares": Shares(10_000, 0, 0, 0, 0),
        }
        value = other[field] if field in other else getattr(running.exchange, field) + 1
        delivery = Delivery(CIPHERTEXT_HASH, running.delivered_at) if is_delivered else None
        return replace(running.exchange, **{field: value}).arguments(delivery)

    return alter


# ---------------------------------------------------------------- who speaks, and how


@pytest.fixture
def delegates_of(system, unused_account):
    """Give a participant a delegate of each kind, and one of a kind that is nothing to the escrow: a function of the
    participant that returns them by kind."""

    def add(participant):
        delegates = {kind: unused_account() for kind in ("exchange", "delivery", "deposit", "sigAuth")}
        for kind, delegate in delegates.items():
            padded = kind.encode().ljust(32, b"\0")
            system.identities.addDelegate(participant, padded, delegate, DELEGATE_SECONDS, {"from": participant})
        return delegates

    return add


@pytest.fixture
def wallet_for(ContractWallet, system, council, unused_account):
    """Hand a participant to a contract that signs by ERC-1271: a function of the participant that returns the contract
    and the account whose key signs for it."""

    def make(participant):
        owner = unused_account()
        wallet = ContractWallet.deploy(owner, {"from": council})
        system.identities.changeOwner(participant, wallet, {"from": participant})
        return wallet, owner

    return make


@pytest.fixture
def permit(system, escrow, consumer, signer_of, chain):
    """Sign a permit of the consumer for the escrow: a function of the amount and of what shall be different that
    returns the amount, the deadline and v, r, s."""

    def sign(amount, key=None, permitted=None, spender=None, deadline=None):
        deadline = chain[-1].timestamp + 3_600 if deadline is None else deadline
        signable = encode_typed_data(
            domain_data={
                "name": "Consentry Network Credit",
                "version": "1",
                "chainId": system.manifest.chain_id,
                "verifyingContract": system.credit.address,
            },
            message_types={
                "Permit": [
                    {"name": "owner", "type": "address"},
                    {"name": "spender", "type": "address"},
                    {"name": "value", "type": "uint256"},
                    {"name": "nonce", "type": "uint256"},
                    {"name": "deadline", "type": "uint256"},
                ]
            },
            message_data={
                "owner": consumer.address,
                "spender": spender or escrow.address,
                "value": amount if permitted is None else permitted,
                "nonce": system.credit.nonces(consumer),
                "deadline": deadline,
            },
        )
        signed = (key or signer_of(consumer)).sign_message(signable)
        return amount, deadline, signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")

    return sign


@pytest.fixture
def malformed():
    """Make signatures that say the same and are none: a function of a good one that returns them by what is wrong."""

    def make(signature):
        r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
        plain = signature[:64]
        return {
            "high s": r + (SECP256K1_ORDER - s).to_bytes(32, "big") + bytes([55 - v]),
            "compact": r + (s | (v - 27) << 255).to_bytes(32, "big"),
            "v 0": plain + bytes([0]),
            "v 1": plain + bytes([1]),
            "v 29": plain + bytes([29]),
            "v 255": plain + bytes([255]),
            "no byte": b"",
            "1 byte": signature[:1],
            "63 bytes": signature[:63],
            "66 bytes": signature + b"\0",
            "97 bytes": signature + bytes(32),
        }

    return make


# ---------------------------------------------------------------- the network over a token that misbehaves


@pytest.fixture(scope="session")
def deploy_hostile_escrow(HostileToken, system, council, payer):
    """Deploy a token that misbehaves, of which `payer` has plenty, and an escrow over it: a function of the token's
    decimals and of the escrow's parts that are not the network's, that returns the token and the contracts by name."""

    def deploy(decimals, **parts):
        token = HostileToken.deploy(decimals, {"from": payer})
        contracts = deploy_exchange(system, council, token=token.address, **parts)
        token.mint(payer, 2**128, {"from": payer})
        token.approve(contracts["FeeEscrow"], 2**256 - 1, {"from": payer})
        return token, contracts

    return deploy


@pytest.fixture(scope="session")
def network_over(system, actors, schema, purpose):
    """Put token, escrow and rewards together: a function of the three that returns the network with its words."""

    def put(token, escrow, host_rewards):
        parties = {role: actors[role] for role in ("consumer", "provider", "coordinator")}
        words = Words(replace(system, escrow=escrow), **parties, schema=schema, purpose=purpose)
        return HostileNetwork(token, escrow, host_rewards, words)

    return put


@pytest.fixture(scope="session")
def deploy_over_hostile_token(actors, council, deploy_hostile_escrow, network_over):
    """Deploy an escrow over a token that misbehaves, not yet listed: a function of the token's decimals."""

    def deploy(decimals):
        token, contracts = deploy_hostile_escrow(decimals)
        contracts["HostRewards"].setWeight(actors["host"], 1, {"from": council})
        return network_over(token, contracts["FeeEscrow"], contracts["HostRewards"])

    return deploy


@pytest.fixture(scope="session")
def hostile_contracts(deploy_over_hostile_token):
    """Such an escrow, deployed once for all tests."""
    return deploy_over_hostile_token(6)


@pytest.fixture
def hostile_network(hostile_contracts, system, council):
    """The same, listed in the place of the network's escrow."""
    system.consents.addEscrow(hostile_contracts.escrow, {"from": council})
    return hostile_contracts


@pytest.fixture
def prepay_in(payer):
    """Fill a prepaid balance on such a network: a function of the network, the participant and an amount."""
    return lambda network, participant, amount: network.escrow.deposit(participant, amount, {"from": payer})


@pytest.fixture
def arguments_in(consumer, fresh_subject, signer_of):
    """Make all that `fund` takes on such a network: a function of the network and of what of the order shall be
    different that returns the consent, the order and the arguments."""

    def make(network, **changes):
        given, order = network.words.give(fresh_subject()), network.words.order(**changes)
        signature = network.words.sign_order(order, given, signer_of(consumer))
        return given, order, (given.opened.arguments(), order.arguments(), given.signature, signature)

    return make


@pytest.fixture
def run_in(consumer, provider, relayer, prepay_in, arguments_in):
    """Fund and deliver an exchange on such a network: a function of the network and of what of the order shall be
    different."""

    def run(network, **changes):
        given, order, arguments = arguments_in(network, **changes)
        prepay_in(network, consumer, order.fee)
        funding = network.escrow.fund(*arguments, {"from": relayer})
        running = Running(Funded(given, order, funded_in(funding), funding))
        tx = network.escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
        return replace(running, delivered_at=tx.timestamp)

    return run

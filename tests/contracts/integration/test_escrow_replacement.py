"""Another escrow takes over: it takes new exchanges, and the former one ends what is open in it, to the last unit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consentry.client.exchanges import ExchangeState
from tests.helpers.exchanges import NO_EXCHANGE, Funded, funded_in
from tests.helpers.network import ESCROW_PARTS, FOLLOWERS, account_at, deploy_exchange
from tests.helpers.running import CIPHERTEXT_HASH, REASON, Running


@pytest.fixture
def escrow(system):
    """The network's escrow, from now on the former one."""
    return system.escrow


@pytest.fixture
def successors(system, council):
    """Another escrow of the network and the contracts that speak to it, listed nowhere yet; by name."""
    return deploy_exchange(system, council)


@pytest.fixture
def successor(successors):
    """The escrow of these."""
    return successors["FeeEscrow"]


@pytest.fixture
def disputes(escrow):
    """An account that acts as the contract which says what becomes of disputes."""
    return account_at(escrow.wiring()[ESCROW_PARTS.index("disputes")])


@pytest.fixture
def take_over(system, successor, council):
    """Let the successor take over, as the council does by vote."""

    def take():
        system.consents.addEscrow(successor, {"from": council})
        system.credit.setNetworkContract(successor, True, {"from": council})
        system.directory.set(b"FeeEscrow".ljust(32, b"\0"), successor, {"from": council})

    return take


def test_h120_ends_every_open_exchange_when_another_escrow_takes_over(
    system, escrow, disputes, take_over, words, funded, prepay, consumer, provider, relayer, mine_at
):
    def deliver(running):
        tx = escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
        return replace(running, delivered_at=tx.timestamp)

    prepay(consumer, words.fee)
    withdrawn, due, declined, undelivered, unchallenged, accepted, disputed = (Running(funded()) for _ in range(7))
    unchallenged, accepted, disputed = (deliver(running) for running in (unchallenged, accepted, disputed))
    tx = escrow.dispute(*disputed.delivery(), REASON, consumer, b"", {"from": consumer})
    disputed = replace(disputed, bond=tx.events["ExchangeDisputed"]["bond"], disputed_at=tx.timestamp)

    take_over()

    for running, exchange in ((withdrawn, withdrawn.exchange.arguments()), (due, NO_EXCHANGE)):
        given = running.funded.given
        system.consents.withdraw(given.sealed.arguments(), exchange, words.sign_withdrawal(given), {"from": relayer})
    escrow.refundWithdrawn(*due.withdrawal(), {"from": relayer})
    escrow.decline(*declined.description(), REASON, provider, b"", {"from": provider})
    escrow.accept(*accepted.delivery(), consumer, b"", {"from": consumer})
    mine_at(disputed.disputed_at + system.parameters.exchange.delivery_seconds + 1)
    escrow.refundUndelivered(*undelivered.description(), {"from": relayer})
    escrow.settleUnchallenged(*unchallenged.delivery(), {"from": relayer})
    escrow.resolve(*disputed.dispute(), 5_000, False, {"from": disputes})

    assert [escrow.stateOf(*running.used)[0] for running in (unchallenged, accepted)] == [ExchangeState.SETTLED] * 2
    refunded = (withdrawn, due, declined, undelivered)
    assert [escrow.stateOf(*running.used)[0] for running in refunded] == [ExchangeState.REFUNDED] * 4
    assert escrow.stateOf(*disputed.used)[0] == ExchangeState.RESOLVED
    participants = (*system.identities.participantsAt(0, 500),)
    ledgers = sum(
        escrow.prepaidOf(each)[0] + escrow.earnedOf(each) + escrow.recruiterShareOf(each) for each in participants
    )
    assert system.credit.balanceOf(escrow) == ledgers + escrow.hostsAccrued() - escrow.hostsCredited()
    assert escrow.earnedOf(provider) > 0
    escrow.withdrawEarned(provider, {"from": provider})


def test_h120_takes_new_exchanges_in_the_successor_alone_when_it_took_over(
    system, escrow, successor, take_over, words, prepay, issue_credit, fresh_subject, consumer, reverts_with
):
    take_over()
    given, order = words.give(fresh_subject()), words.order()
    arguments = (given.opened.arguments(), order.arguments(), given.signature, b"")
    prepay(consumer, order.fee)
    issue_credit(consumer, order.fee)
    system.credit.approve(successor, order.fee, {"from": consumer})
    successor.deposit(consumer, order.fee, {"from": consumer})

    with reverts_with("ConsentTokenNotEscrow", escrow):
        escrow.fund(*arguments, {"from": consumer})
    tx = successor.fund(*arguments, {"from": consumer})

    exchange = funded_in(tx)
    assert successor.stateOf(exchange.consent, exchange.use)[0] == ExchangeState.FUNDED
    assert int(str(escrow.slotOf(exchange.id)), 16) == 0
    assert system.consents.stateOf(given.id)[2] == successor.address


# ---------------------------------------------------------------- by a vote, with hosts of its own


def test_h120_the_former_ends_what_is_open_and_the_successor_goes_on_when_the_council_votes(
    system, escrow, successors, successor, votes, words, funded, prepay, issue_credit, fresh_subject, actors
):
    consumer, provider, host, relayer = (actors[role] for role in ("consumer", "provider", "host", "relayer"))
    successors_hosts = successors["HostRewards"]
    withdrawn, delivered, undelivered = (Running(funded()) for _ in range(3))
    tx = escrow.deliver(*delivered.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    delivered = replace(delivered, delivered_at=tx.timestamp)

    votes.carry(
        (successors_hosts, "setWeight", host, 1),
        (system.consents, "addEscrow", successor),
        (system.credit, "setNetworkContract", successor, True),
        (system.directory, "set", b"FeeEscrow".ljust(32, b"\0"), successor),
        *((system.directory, "set", name.encode().ljust(32, b"\0"), successors[name]) for name in FOLLOWERS),
    )

    # The former delivers, settles, refunds on withdrawal and pays out.
    assert [system.directory.addressOf(name.ljust(32, b"\0")) for name in (b"FeeEscrow", b"HostRewards")] == [
        successor,
        successors_hosts,
    ]
    given = withdrawn.funded.given
    before = escrow.prepaidOf(consumer)[0]
    arguments = given.sealed.arguments(), withdrawn.exchange.arguments(), words.sign_withdrawal(given)
    system.consents.withdraw(*arguments, {"from": relayer})
    assert escrow.prepaidOf(consumer)[0] == before + withdrawn.fee
    tx = escrow.deliver(*undelivered.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    late = replace(undelivered, delivered_at=tx.timestamp)
    escrow.accept(*late.delivery(), consumer, b"", {"from": consumer})
    escrow.accept(*delivered.delivery(), consumer, b"", {"from": consumer})
    assert [escrow.stateOf(*each.used)[0] for each in (late, delivered)] == [ExchangeState.SETTLED] * 2
    assert system.host_rewards.owedTo(host) > 0
    system.host_rewards.claim(host, {"from": relayer})
    for earner in (provider, host):
        held = system.credit.balanceOf(earner)
        escrow.withdrawEarned(earner, {"from": earner})
        assert system.credit.balanceOf(earner) > held
        assert escrow.earnedOf(earner) == 0

    # The successor funds new consents, and its hosts earn in it.
    given, order = words.give(fresh_subject()), words.order()
    issue_credit(consumer, order.fee)
    system.credit.approve(successor, order.fee, {"from": consumer})
    successor.deposit(consumer, order.fee, {"from": consumer})
    tx = successor.fund(given.opened.arguments(), order.arguments(), given.signature, b"", {"from": consumer})
    new = Running(Funded(given, order, funded_in(tx), tx))
    tx = successor.deliver(*new.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    successor.accept(*replace(new, delivered_at=tx.timestamp).delivery(), consumer, b"", {"from": consumer})
    assert successor.stateOf(*new.used)[0] == ExchangeState.SETTLED
    assert successors_hosts.owedTo(host) > 0
    assert list(successors_hosts.getValidators()) == [host]
    successor.withdrawEarned(provider, {"from": provider})

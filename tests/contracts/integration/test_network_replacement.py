"""Every contract makes room for another by vote, and what was begun in the former ones ends there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from eth_utils.crypto import keccak

from consentry.client.exchanges import ExchangeState
from tests.helpers.network import AGREEMENT, deploy_exchange
from tests.helpers.running import CIPHERTEXT_HASH, REASON, Running

GOVERNING = ("NetworkAccess", "CouncilTimelock", "Council")
"""They take over in another way: test_council_replacement.py."""


@pytest.fixture
def successors(
    system,
    council,
    IdentityRegistry,
    SchemaRegistry,
    ConsentToken,
    FeeSchedule,
    ErasureRegister,
    ArbitrationPanel,
    NetworkCredit,
    NetworkCharter,
):
    """Another deployment of every contract but those that govern, by name: each knows the others that are new."""
    sender, access = {"from": council}, system.access
    document = keccak(text="another charter")
    identities = IdentityRegistry.deploy(access, system.charter, sender)
    schemas = SchemaRegistry.deploy(access, identities, sender)
    consents = ConsentToken.deploy(access, identities, schemas, sender)
    schedule = FeeSchedule.deploy(access, system.schedule.orderLifeSeconds(), sender)
    credit = NetworkCredit.deploy(access, identities, sender)
    erasure_seconds = system.erasures.erasureSeconds()
    parts = {"token": credit, "identities": identities, "consents": consents, "schedule": schedule}
    exchange = deploy_exchange(system, council, **{part: contract.address for part, contract in parts.items()})
    return {
        "IdentityRegistry": identities,
        "SchemaRegistry": schemas,
        "ConsentToken": consents,
        "FeeSchedule": schedule,
        "NetworkCredit": credit,
        **exchange,
        "ErasureRegister": ErasureRegister.deploy(access, identities, consents, erasure_seconds, sender),
        "ArbitrationPanel": ArbitrationPanel.deploy(system.council, identities, exchange["HostRewards"], sender),
        "NetworkCharter": NetworkCharter.deploy(access, identities, system.council, document, AGREEMENT, sender),
    }


def test_h120_ends_what_is_open_in_the_former_contracts_when_every_one_is_replaced(
    system, successors, words, funded, prepay, consumer, provider, host, council, relayer, mine_at, chain
):
    escrow = system.escrow
    accepted, withdrawn, declined = (Running(funded()) for _ in range(3))
    prepay(consumer, words.fee)

    for name, successor in successors.items():
        system.directory.set(name.encode().ljust(32, b"\0"), successor, {"from": council})

    listed = {bytes(name).rstrip(b"\0").decode() for name in system.directory.names()}
    assert listed - set(successors) - {"NetworkDirectory"} == set(GOVERNING)
    tx = escrow.deliver(*accepted.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
    accepted = replace(accepted, delivered_at=tx.timestamp)
    escrow.accept(*accepted.delivery(), consumer, b"", {"from": consumer})
    given = withdrawn.funded.given
    withdrawal = (given.sealed.arguments(), withdrawn.exchange.arguments(), words.sign_withdrawal(given))
    system.consents.withdraw(*withdrawal, {"from": relayer})
    escrow.decline(*declined.description(), REASON, provider, b"", {"from": provider})
    states = [escrow.stateOf(*running.used)[0] for running in (accepted, withdrawn, declined)]
    assert states == [ExchangeState.SETTLED, ExchangeState.REFUNDED, ExchangeState.REFUNDED]

    system.host_rewards.claim(host, {"from": relayer})
    for earner in (provider, host):
        escrow.withdrawEarned(earner, {"from": earner})
    prepaid = escrow.prepaidOf(consumer)[0]
    assert prepaid == 3 * words.fee
    escrow.announceWithdrawal(consumer, prepaid, {"from": consumer})
    mine_at(chain[-1].timestamp + system.parameters.exchange.notice_seconds + 1)
    escrow.withdrawPrepaid(consumer, {"from": consumer})

    everybody = system.identities.participantsAt(0, 500)
    left = sum(escrow.earnedOf(each) + escrow.recruiterShareOf(each) for each in everybody)
    assert system.credit.balanceOf(escrow) == left + escrow.hostsAccrued() - escrow.hostsCredited()
    assert left < accepted.fee

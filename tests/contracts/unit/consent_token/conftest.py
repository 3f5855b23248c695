"""Consents on their way, an escrow that does as it is told, and everything that can stand in the way of a use."""

from __future__ import annotations

import pytest
from eth_abi.abi import decode
from eth_utils.crypto import keccak

from tests.helpers.exchanges import NO_EXCHANGE
from tests.helpers.obstacles import Obstacles
from tests.helpers.puppet import Answer

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def consents(system):
    """The network's consent token."""
    return system.consents


@pytest.fixture(scope="session")
def told_by():
    """Return everything that a transaction told, in order: a function of it to names and values of its events."""

    def told(tx):
        return [
            (event.name, {name: bytes(value) if isinstance(value, bytes) else value for name, value in event.items()})
            for event in tx.events
        ]

    return told


@pytest.fixture(scope="session")
def forms_of():
    """Return the forms of a signature that are none here, by name: a function of 65 bytes."""

    def forms(signature):
        r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
        return {
            "high s": r + (SECP256K1_ORDER - s).to_bytes(32, "big") + bytes([55 - v]),
            "v 0 or 1": signature[:64] + bytes([v - 27]),
            "v 29": signature[:64] + b"\x1d",
            "v 255": signature[:64] + b"\xff",
            "v of the other key": signature[:64] + bytes([55 - v]),
            "compact": r + (s | (v - 27) << 255).to_bytes(32, "big"),
            "1 byte": signature[:1],
            "63 bytes": signature[:63],
            "66 bytes": signature + b"\x00",
            "97 bytes": signature + bytes(32),
            "all zero": bytes(65),
        }

    return forms


# ---------------------------------------------------------------- what is done with consents


@pytest.fixture
def given(words, fresh_subject):
    """A signed consent of a fresh subject, good for one use."""
    return words.give(fresh_subject())


@pytest.fixture
def grant(consents, relayer):
    """Record a consent, relayed: a function of it that returns the transaction."""
    return lambda given: consents.grant(given.sealed.arguments(), given.signature, {"from": relayer})


@pytest.fixture
def withdraw(consents, words, relayer):
    """Withdraw a consent, relayed: a function of it, and of its latest exchange, that returns the transaction."""

    def withdraw(given, exchange=NO_EXCHANGE):
        signature = words.sign_withdrawal(given)
        return consents.withdraw(given.sealed.arguments(), exchange, signature, {"from": relayer})

    return withdraw


@pytest.fixture
def puppet(list_escrow):
    """The escrow that takes uses: one that does as it is told."""
    return list_escrow()


@pytest.fixture
def let_answer(puppet, relayer):
    """Say how the puppet answers the token: a function of its answers to questions and to notices."""

    def say(questions=Answer.PROPER, notices=Answer.PROPER):
        puppet.setAnswers(questions, notices, {"from": relayer})

    return say


@pytest.fixture
def set_funded(puppet, exchange_id_of, relayer):
    """Say whether the puppet has an exchange Funded: a function of the consent, the use and the answer."""
    return lambda given, use, funded: puppet.setFunded(exchange_id_of(given, use), funded, {"from": relayer})


@pytest.fixture
def use(consents, puppet, coordinator, relayer):
    """Take the next use of a consent, as the escrow: a function of it, and of a signature if another comes along, that
    returns the transaction."""

    def use(given, signature=None, escrow=puppet):
        signature = given.signature if signature is None else signature
        call = consents.useConsent.encode_input(signature, coordinator, given.opened.arguments())
        return escrow.perform(consents, [call], {"from": relayer})

    return use


@pytest.fixture
def batch_of(words):
    """Make a batch between the parties and in the scope of a consent: a function of it and of what shall differ."""

    def make(given, **changes):
        opened = given.opened
        scope = {name: getattr(opened, name) for name in ("consumer", "provider", "schema", "purpose", "assurance")}
        return words.batch(**{**scope, **changes})

    return make


@pytest.fixture
def use_allotted(consents, puppet, words, batch_of, relayer):
    """Take the uses of consents in one batch, as the escrow: a function of them, and of what of the batch shall be
    different, that returns the transaction."""

    def use(*givens, **changes):
        batch = batch_of(givens[0], **changes).arguments()
        call = consents.useAllotted.encode_input(batch, [words.item(given).arguments() for given in givens])
        return puppet.perform(consents, [call], {"from": relayer})

    return use


@pytest.fixture(scope="session")
def answer_in():
    """Return what the one call of a transaction of the puppet answered: a function of it and the answer's types."""

    def answer(tx, *types):
        (found,) = tx.return_value
        return decode(types, bytes(found))

    return answer


@pytest.fixture
def exchange_id_of():
    """Return the id of the exchange that is a use of a consent: a function of both."""
    return lambda given, use: keccak(given.id + use.to_bytes(32, "big"))


@pytest.fixture
def is_usable(consents):
    """Return whether a use could be taken now: a function of a consent, and of a signature if another comes along."""

    def ask(given, signature=None):
        signature = given.signature if signature is None else signature
        return consents.isConsentUsable(given.opened.arguments(), signature)

    return ask


# ---------------------------------------------------------------- what can stand in the way


@pytest.fixture
def obstruct(request):
    """Put one thing in a consent's way: a function of the cause and the consent (see tests/helpers/obstacles.py)."""
    return Obstacles(request.getfixturevalue).put

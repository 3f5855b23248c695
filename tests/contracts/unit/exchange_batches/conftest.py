"""Batches of exchanges: made, signed, and brought."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import pytest

from consentry.client.batches import Batch, BatchItem
from tests.helpers.network import NOBODY


@dataclass(frozen=True)
class Made:
    """A batch, its items, and the two institutions' words."""

    batch: Batch
    items: tuple[BatchItem, ...]
    consumer_word: tuple
    provider_word: tuple

    def arguments(self, **changes) -> tuple:
        """Return the arguments of the call, some of them others."""
        made = replace(self, **changes)
        items = [item.arguments() for item in made.items]
        return made.batch.arguments(), items, made.consumer_word, made.provider_word


@pytest.fixture
def batches(system):
    """The network's ExchangeBatches."""
    return system.batches


@pytest.fixture
def escrow(system):
    """The network's escrow."""
    return system.escrow


@pytest.fixture
def give_allotted(words, fresh_subject):
    """Give a consent under the next nonce that the consumer allots: a function of what of it shall be different."""
    nonces = itertools.count(1_000)
    return lambda **changes: words.give(fresh_subject(), **{"nonce": next(nonces), **changes})


@pytest.fixture
def signed_batch(words, consumer, provider, signer_of):
    """Sign a batch for both institutions: a function of it and its items."""

    def sign(batch, items):
        return Made(
            batch,
            tuple(items),
            (consumer, words.sign_batch(batch, items, signer_of(consumer))),
            (provider, words.sign_batch(batch, items, signer_of(provider))),
        )

    return sign


@pytest.fixture
def made(words, consumer, relayer, prepay, give_allotted, signed_batch):
    """Make a batch that a relayer may bring, its fees prepaid: a function of the number of items, or of consents, and
    of what of the batch shall be different."""

    def make(consents=3, **changes):
        if isinstance(consents, int):
            consents = [give_allotted() for _ in range(consents)]
        prepay(consumer, words.fee * len(consents))
        items = [words.item(given) for given in consents]
        return signed_batch(words.batch(**{"relayer": relayer, **changes}), items)

    return make


@pytest.fixture
def credited(credited, escrow):
    """Read what is credited in the escrow, by whose share it is."""
    return lambda: credited(escrow)


@pytest.fixture
def nobodys_word():
    """What stands in the place of an institution's word when it calls itself."""
    return (NOBODY, b"")

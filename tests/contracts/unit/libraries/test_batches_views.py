"""PackedWindows: the numbers of a batched consent in one word, as the package packs them."""

import pytest
from eth_utils.crypto import keccak

from consentry.client.batches import BatchItem
from consentry.client.consents import ALLOTTED_NONCES

MOST_INSTANT = 2**48 - 1
HIGHEST = (MOST_INSTANT, MOST_INSTANT, MOST_INSTANT, ALLOTTED_NONCES - 1, 255)
GIVEN = (
    (0, 0, 0, 0, 0),
    HIGHEST,
    (1_800_000_000, 1_800_003_600, 1_807_776_000, 300, 27),
    *(tuple(high if place == one else 0 for place, high in enumerate(HIGHEST)) for one in range(5)),
    *(tuple(0 if place == one else high for place, high in enumerate(HIGHEST)) for one in range(5)),
)


@pytest.fixture(scope="module")
def types(PackedTypesHarness, council):
    return PackedTypesHarness.deploy({"from": council})


@pytest.mark.parametrize("given", GIVEN)
def test_reads_what_the_package_packed(types, words, fresh_subject, given):
    valid_from, valid_until, erase_by, nonce, v = given
    limits = {"valid_from": valid_from, "valid_until": valid_until, "erase_by": erase_by, "nonce": nonce}
    opened = words.open(fresh_subject(), **limits)
    item = BatchItem(opened, keccak(text="r") + keccak(text="s") + bytes([v]), bytes(32), bytes(32))

    assert tuple(types.window(item.arguments()[3])) == given


def test_reads_nothing_of_the_highest_bits(types):
    assert tuple(types.window(2**256 - 2**216)) == (0, 0, 0, 0, 0)

"""PackedTerms: what an exchange is worth and how long its parties have, in one word."""

import pytest

LOWEST = (0, 0, 0, 0)
HIGHEST = (2**104 - 1, 2**80 - 1, 2**40 - 1, 2**32 - 1)
OTHERS = (
    (300_000, 0x1770_05DC_05DC_01F4_01F4, 1_800_000_000, 86_400),
    *(tuple(high if place == one else 0 for place, high in enumerate(HIGHEST)) for one in range(4)),
    *(tuple(0 if place == one else high for place, high in enumerate(HIGHEST)) for one in range(4)),
)


@pytest.fixture(scope="module")
def types(PackedTypesHarness, council):
    return PackedTypesHarness.deploy({"from": council})


@pytest.mark.parametrize("given", [LOWEST, HIGHEST, *OTHERS])
def test_packs_from_the_highest_bits_down_and_reads_it_again(types, given):
    fee, shares, deliver_by, challenge_seconds = given

    word, *read = types.terms(*given)

    assert word == fee << 152 | shares << 72 | deliver_by << 32 | challenge_seconds
    assert tuple(read) == given

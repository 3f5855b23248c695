"""FeeShares: packing, and splits that add up for every fee."""

import random

import pytest

MOST_FEE = 2**104 - 1
EXHAUSTIVE_FEES = 10**6
ARITHMETIC_PANIC = 0x11
VECTORS = [
    (7000, 1500, 700, 500, 300),
    (1, 2499, 2500, 2500, 2500),
    (9996, 1, 1, 1, 1),
]


@pytest.fixture(scope="module")
def harness(FeeSharesHarness, accounts):
    return FeeSharesHarness.deploy({"from": accounts[0]})


def view(web3, method, *arguments):
    """Call a view with far more gas than a block has."""
    answer = web3.eth.call(
        {"to": method._address, "data": method.encode_input(*arguments), "gas": 10**11}  # type: ignore[attr-defined]
    )
    return int.from_bytes(answer, "big")


def split(fee, parts):
    """Each part rounded down but the provider's, which is the rest."""
    others = [fee * share // 10_000 for share in parts[1:]]
    return (fee - sum(others), *others)


def test_packs_from_the_highest_bits_down_when_given_five_shares(harness, shares):
    for parts in [*VECTORS, (0xFFFF, 0, 0xFFFF, 0, 0xFFFF), (0, 0xFFFF, 0, 0xFFFF, 0)]:
        word = harness.pack(*parts)

        assert word == shares(*parts)
        assert tuple(harness.unpack(word)) == parts


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ((7000, 1500, 700, 500, 300), True),
        ((10_000, 0, 0, 0, 0), True),
        ((0, 0, 0, 0, 10_000), True),
        ((6999, 1500, 700, 500, 300), False),
        ((7001, 1500, 700, 500, 300), False),
        ((0, 0, 0, 0, 0), False),
        ((65_535, 10_001, 0, 0, 0), False),
        ((65_535, 65_535, 65_535, 65_535, 65_535), False),
    ],
)
def test_h085_tells_whole_shares_when_the_sum_is_exact(harness, shares, parts, whole):
    assert harness.sum(shares(*parts)) == sum(parts)
    assert harness.isWhole(shares(*parts)) is whole


def test_a13_h091_splits_exactly_when_the_fee_is_any_up_to_a_million(harness, web3, shares):
    # Every fee on anvil. Ganache runs the same bytecode some 650 times slower and takes the first few.
    most = EXHAUSTIVE_FEES if "anvil" in web3.client_version.lower() else 1_000
    parts = VECTORS[0]
    factor = harness.CHECKSUM_FACTOR()
    once, twice, thrice, four_times, five_times = (factor**times % 2**256 for times in range(1, 6))
    expected = 0
    for fee in range(most + 1):
        a, b, c, d, e = split(fee, parts)
        expected = (expected * five_times + a * four_times + b * thrice + c * twice + d * once + e) % 2**256

    assert view(web3, harness.checksumOf, 0, most + 1, shares(*parts)) == expected


def test_h091_reverts_when_the_others_shares_are_more_than_the_fee(harness, shares, reverts_with):
    # The twin that must fail, at the first fee of which one unit too much is asked for: 10,000.
    with reverts_with("Panic", ARITHMETIC_PANIC):
        harness.checksumOf(9_999, 10_001, shares(0, 10_000, 1, 0, 0))


def test_h091_splits_exactly_when_fee_and_shares_are_random(harness, shares):
    draw = random.Random(91)
    for _ in range(10):
        fees, vectors = [], []
        for _ in range(200):
            cuts = sorted(draw.randint(0, 10_000) for _ in range(4))
            vectors.append(tuple(high - low for low, high in zip([0, *cuts], [*cuts, 10_000], strict=True)))
            fees.append(
                draw.choice([draw.randint(0, MOST_FEE), draw.randint(0, 10**12), MOST_FEE - draw.randint(0, 99)])
            )

        got = harness.splitMany(fees, [shares(*parts) for parts in vectors])

        assert [tuple(parts) for parts in got] == [split(fee, parts) for fee, parts in zip(fees, vectors, strict=True)]
        assert [sum(parts) for parts in got] == fees


def test_h092_leaves_less_dust_than_payees_when_nothing_divides(harness, shares):
    # 3 units: every taker's part is below one unit, so the provider has all three.
    assert tuple(harness.split(3, shares(2000, 2000, 2000, 2000, 2000))) == (3, 0, 0, 0, 0)
    # 9,999 units: the provider's part is above its floor by the dust, below the number of the others.
    for parts in VECTORS:
        provider, *_ = harness.split(9_999, shares(*parts))
        assert 0 <= provider - 9_999 * parts[0] // 10_000 < 5


@pytest.mark.parametrize("decimals", [0, 6, 18, 24])
def test_h089_splits_alike_when_the_token_has_other_decimals(harness, shares, decimals):
    fee = 1234 * 10**decimals

    parts = tuple(harness.split(fee, shares(*VECTORS[0])))

    assert parts == split(fee, VECTORS[0])
    assert sum(parts) == fee


def test_h070_splits_exactly_when_the_fee_is_at_a_bound(harness, shares):
    for fee in (0, 1, MOST_FEE - 1, MOST_FEE):
        assert tuple(harness.split(fee, shares(*VECTORS[0]))) == split(fee, VECTORS[0])

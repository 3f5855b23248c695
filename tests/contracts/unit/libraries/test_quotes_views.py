"""PackedQuotes: fees and shares out of one word, beside a plain twin in Solidity and a model in Python."""

import random
from dataclasses import astuple, dataclass, replace

import pytest

DAY_SECONDS = 86_400
MOST_PRICE = 2**104 - 1
MOST_DAYS = 2**16 - 1
MOST_INSTANT = 2**48 - 1
RANDOM_QUOTES = 1_000
QUOTES_A_CALL = 250
WHOLE = (10_000, 0, 0, 0, 0)
SHARES = (7000, 1500, 700, 500, 300)


@dataclass(frozen=True)
class Quoted:
    """What a quote is packed from, and for whom it is read; as in the harness, but for the shares."""

    price: int = 1_000_003
    shares: tuple[int, ...] = SHARES
    host_discount_bps: int = 2_000
    consumer_recruiter_sunset_days: int = 100
    provider_recruiter_sunset_days: int = 200
    good_until: int = 1_800_000_000
    consumer_recruited_at: int = 0
    provider_recruited_at: int = 0
    consumer_is_host: bool = False
    hosts_present: bool = True

    def arguments(self):
        price, shares, *others = astuple(self)
        return price, in_one_word(shares), *others

    def packed(self):
        """The word, from the highest bits down."""
        word = self.price
        days = self.consumer_recruiter_sunset_days, self.provider_recruiter_sunset_days
        for part in (*self.shares[1:], self.host_discount_bps, *days):
            word = word << 16 | part
        return word << 40 | self.good_until

    def answer(self, at):
        """Fee, shares and last instant, by a model that knows nothing of words."""
        fee = self.price
        if self.consumer_is_host:
            fee -= self.price * self.host_discount_bps // 10_000
        _, coordinator, *others = self.shares
        recruitments = (
            (self.consumer_recruited_at, self.consumer_recruiter_sunset_days),
            (self.provider_recruited_at, self.provider_recruiter_sunset_days),
        )
        takers = self.hosts_present, *(since != 0 and at < since + days * DAY_SECONDS for since, days in recruitments)
        kept = [coordinator, *(share if there else 0 for share, there in zip(others, takers, strict=True))]
        return fee, in_one_word((10_000 - sum(kept), *kept)), self.good_until


def in_one_word(shares):
    word = 0
    for share in shares:
        word = word << 16 | share
    return word


@pytest.fixture(scope="module")
def types(PackedTypesHarness, council):
    return PackedTypesHarness.deploy({"from": council})


@pytest.fixture
def check(types):
    """Hold quotes against twin and model, and return how many different answers there were: a function of them."""

    def compare(quoted):
        packed, short, plain, at = types.quotes([one.arguments() for one in quoted])
        answers = [tuple(answer) for answer in short]
        assert list(packed) == [one.packed() for one in quoted]
        assert answers == [tuple(answer) for answer in plain] == [one.answer(at) for one in quoted]
        return len(set(answers))

    return compare


def drawn(draw, now):
    """Any quote: shares that are whole, and admissions near the end of their sunsets as often as not."""
    cuts = sorted(draw.randint(0, 10_000) for _ in range(4))
    days = [draw.choice([0, 1, draw.randint(0, MOST_DAYS), draw.randint(0, 1_000)]) for _ in range(2)]
    recruited = [
        draw.choice([0, draw.randint(1, now), max(1, now - span * DAY_SECONDS + draw.randint(-2, 2))]) for span in days
    ]
    return Quoted(
        draw.choice([draw.randint(0, MOST_PRICE), draw.randint(1, 10**7), MOST_PRICE - draw.randint(0, 99)]),
        tuple(high - low for low, high in zip([0, *cuts], [*cuts, 10_000], strict=True)),
        draw.randint(0, 10_000),
        *days,
        draw.randint(0, 2**40 - 1),
        *recruited,
        draw.random() < 0.5,
        draw.random() < 0.5,
    )


def test_h091_quotes_as_twin_and_model_do_when_everything_is_random(check, chain):
    draw = random.Random(104)
    now = chain[-1].timestamp
    quoted = [drawn(draw, now) for _ in range(RANDOM_QUOTES)]

    different = sum(check(quoted[at : at + QUOTES_A_CALL]) for at in range(0, RANDOM_QUOTES, QUOTES_A_CALL))

    assert different > RANDOM_QUOTES * 9 // 10


@pytest.mark.parametrize("hosts_present", [True, False])
@pytest.mark.parametrize("consumer_is_host", [True, False])
def test_gives_a_missing_share_to_the_provider_for_every_choice_of_takers(
    check, chain, hosts_present, consumer_is_host
):
    now = chain[-1].timestamp
    quoted = [
        Quoted(
            shares=shares,
            consumer_recruited_at=consumer_recruited_at,
            provider_recruited_at=provider_recruited_at,
            consumer_is_host=consumer_is_host,
            hosts_present=hosts_present,
        )
        for shares in (SHARES, (1, 2499, 2500, 2500, 2500), (9996, 1, 1, 1, 1))
        for consumer_recruited_at in (0, now)
        for provider_recruited_at in (0, now)
    ]

    assert check(quoted) == len(quoted)


@pytest.mark.parametrize("recruited", ["consumer", "provider"])
@pytest.mark.parametrize("days", [0, 1, 365, 20_000])
def test_ends_a_recruiters_share_with_the_second_of_its_sunset(check, chain, recruited, days):
    now = chain[-1].timestamp
    last, then, later = (
        Quoted(
            **{
                f"{recruited}_recruiter_sunset_days": days,
                f"{recruited}_recruited_at": now - days * DAY_SECONDS + left,
            }
        )
        for left in (1, 0, -1)
    )

    assert check([last, then]) == 2
    assert check([then, later]) == 1


def test_is_exact_at_the_bounds(check):
    lowest = Quoted(0, WHOLE, 0, 0, 0, 0, 0, 0, consumer_is_host=False, hosts_present=False)
    highest = Quoted(
        MOST_PRICE, (2_000,) * 5, 10_000, MOST_DAYS, MOST_DAYS, 2**40 - 1, MOST_INSTANT, MOST_INSTANT, True, True
    )
    quoted = [
        lowest,
        highest,
        replace(highest, host_discount_bps=9_999),
        replace(highest, host_discount_bps=1),
        replace(highest, consumer_is_host=False),
        replace(highest, price=1, host_discount_bps=9_999),
        *(replace(highest, shares=tuple(10_000 * (one == place) for place in range(5))) for one in range(5)),
    ]

    check(quoted)


def test_h089_takes_the_discount_alike_whatever_the_tokens_decimals(check):
    quoted = [Quoted(price=1_234 * 10**decimals, consumer_is_host=True) for decimals in (0, 6, 18, 24)]

    assert check(quoted) == len(quoted)

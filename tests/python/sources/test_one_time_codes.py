"""Signing in by a one-time code: what a right answer gives, and that nothing else gives anything."""

from __future__ import annotations

import asyncio
import hmac
import secrets

import pytest

from consentry.sources import (
    AmbiguousPerson,
    AmbiguousRecord,
    Authenticator,
    Challenge,
    ChallengeExpired,
    ChallengeId,
    ChallengeLocked,
    ChallengeUnknown,
    Channel,
    CodeRefused,
    CodeRules,
    Contact,
    ContactUnusable,
    CourierError,
    OneTimeCodes,
    OutboxUnusable,
    PersonNotFound,
    RecordKey,
    RecordNotFound,
    Sessions,
    SourceTimeout,
    SourceUnavailable,
    TooManyChallenges,
)
from tests.python.sources.conftest import NOW

pytestmark = pytest.mark.asyncio

ZOE = RecordKey("record of zoe")
CONTACT = Contact(Channel.SMS, "+33639980001")


class Directory:
    """A system of record that knows one person, unless told otherwise."""

    def __init__(self):
        self.finds = {"zoe": ZOE, "ZOE": ZOE}
        self.contacts = {ZOE: CONTACT}

    async def find(self, sign_in_identifier):
        found = self.finds.get(sign_in_identifier.strip(), PersonNotFound())
        if isinstance(found, Exception):
            raise found
        return found

    async def contact(self, key):
        found = self.contacts[key]
        if isinstance(found, Exception):
            raise found
        return found

    async def read(self, key, schema_urn, attributes):
        raise AssertionError("signing in reads no attributes")


class Pigeons:
    """A courier that remembers what it brought."""

    def __init__(self):
        self.brought = []

    async def send(self, contact, message):
        self.brought.append((contact, message))

    @property
    def code(self):
        """The code that was brought last."""
        return self.brought[-1][1].code


@pytest.fixture
def directory():
    return Directory()


@pytest.fixture
def pigeons():
    return Pigeons()


@pytest.fixture
def codes(directory, pigeons, clock):
    return OneTimeCodes(directory, pigeons, sender="Northern Bank", clock=clock)


def wrong(code):
    """A code of the same length that is not the right one."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}}"


async def test_the_code_sent_to_the_contact_in_the_record_signs_the_person_in(codes, pigeons):
    challenge = await codes.begin("zoe")
    ((contact, message),) = pigeons.brought
    assert contact == CONTACT
    assert (message.sender, message.expires_at) == ("Northern Bank", NOW + 300)
    assert challenge.expires_at == NOW + 300
    assert len(message.code) == 6
    assert message.code.isdigit()
    assert message.code in message.text
    assert await codes.complete(challenge.challenge_id, message.code) == ZOE


async def test_a_code_keeps_its_leading_zeros(codes, pigeons, monkeypatch):
    monkeypatch.setattr(secrets, "randbelow", lambda limit: 7)
    challenge = await codes.begin("zoe")
    assert pigeons.code == "000007"
    with pytest.raises(CodeRefused):
        await codes.complete(challenge.challenge_id, "7")
    assert await codes.complete(challenge.challenge_id, "000007") == ZOE


async def test_a_code_is_drawn_from_all_there_are(codes, monkeypatch):
    limits = []
    monkeypatch.setattr(secrets, "randbelow", lambda limit: limits.append(limit) or 1)
    await codes.begin("zoe")
    assert limits == [10**6]


async def test_a_code_may_be_longer(directory, pigeons):
    codes = OneTimeCodes(directory, pigeons, sender="Northern Bank", rules=CodeRules(digits=9))
    challenge = await codes.begin("zoe")
    assert len(pigeons.code) == 9
    assert await codes.complete(challenge.challenge_id, pigeons.code) == ZOE


async def test_a_code_may_be_typed_with_spaces(codes, pigeons):
    challenge = await codes.begin("zoe")
    code = pigeons.code
    assert await codes.complete(challenge.challenge_id, f" {code[:3]} {code[3:]}\n") == ZOE


# -------------------------------------------------------------------- single use, few tries, a short life


async def test_a_code_signs_in_once(codes, pigeons):
    challenge = await codes.begin("zoe")
    await codes.complete(challenge.challenge_id, pigeons.code)
    with pytest.raises(ChallengeUnknown):
        await codes.complete(challenge.challenge_id, pigeons.code)


async def test_a_code_signs_in_once_when_answered_twice_at_once(codes, pigeons):
    challenge = await codes.begin("zoe")
    answers = [codes.complete(challenge.challenge_id, pigeons.code) for _ in range(2)]
    first, second = await asyncio.gather(*answers, return_exceptions=True)
    assert first == ZOE
    assert isinstance(second, ChallengeUnknown)


async def test_the_third_wrong_code_locks_the_right_one_out_too(codes, pigeons):
    challenge = await codes.begin("zoe")
    for tries_left in (2, 1):
        with pytest.raises(CodeRefused) as refused:
            await codes.complete(challenge.challenge_id, wrong(pigeons.code))
        assert refused.value.tries_left == tries_left
    for answer in (wrong(pigeons.code), pigeons.code):
        with pytest.raises(ChallengeLocked):
            await codes.complete(challenge.challenge_id, answer)


async def test_the_last_try_may_be_the_right_one(codes, pigeons):
    challenge = await codes.begin("zoe")
    for _ in range(2):
        with pytest.raises(CodeRefused):
            await codes.complete(challenge.challenge_id, wrong(pigeons.code))
    assert await codes.complete(challenge.challenge_id, pigeons.code) == ZOE


@pytest.mark.parametrize(
    "answer", ["", "1", "1234567", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "\ud800", "9" * 10**6]
)
async def test_refuses_what_is_no_code(codes, answer):
    challenge = await codes.begin("zoe")
    with pytest.raises(CodeRefused):
        await codes.complete(challenge.challenge_id, answer)


async def test_a_code_is_good_until_it_expires(codes, pigeons, clock):
    first = await codes.begin("zoe")
    code = pigeons.code
    second = await codes.begin("zoe")
    clock.now = NOW + 299
    assert await codes.complete(first.challenge_id, code) == ZOE
    clock.now = NOW + 300
    with pytest.raises(ChallengeExpired) as refused:
        await codes.complete(second.challenge_id, pigeons.code)
    assert refused.value.expired_at == NOW + 300


async def test_an_expired_challenge_is_forgotten_after_a_while(codes, pigeons, clock):
    challenge = await codes.begin("zoe")
    clock.now = NOW + 599
    await codes.begin("zoe")
    with pytest.raises(ChallengeExpired):
        await codes.complete(challenge.challenge_id, pigeons.code)
    clock.now = NOW + 600
    await codes.begin("zoe")
    with pytest.raises(ChallengeUnknown):
        await codes.complete(challenge.challenge_id, pigeons.code)


async def test_a_code_answers_no_other_challenge(codes, pigeons, monkeypatch):
    first = await codes.begin("zoe")
    code = pigeons.code
    monkeypatch.setattr(secrets, "randbelow", lambda limit: int(wrong(code)))
    second = await codes.begin("zoe")
    with pytest.raises(CodeRefused):
        await codes.complete(second.challenge_id, code)
    assert await codes.complete(first.challenge_id, code) == ZOE


async def test_refuses_a_challenge_that_was_never_begun(codes):
    with pytest.raises(ChallengeUnknown):
        await codes.complete(ChallengeId("guessed"), "123456")


async def test_another_institution_knows_nothing_of_a_challenge(codes, directory, pigeons, clock):
    challenge = await codes.begin("zoe")
    other = OneTimeCodes(directory, pigeons, sender="Prairie Savings", clock=clock)
    with pytest.raises(ChallengeUnknown):
        await other.complete(challenge.challenge_id, pigeons.code)


# -------------------------------------------------------------------- how codes are kept and compared


async def test_a_code_is_kept_as_a_keyed_hash_only(codes, pigeons, directory, clock, monkeypatch):
    monkeypatch.setattr(secrets, "randbelow", lambda limit: 424_242)
    monkeypatch.setattr(secrets, "token_urlsafe", lambda size: "same")
    await codes.begin("zoe")
    other = OneTimeCodes(directory, pigeons, sender="Northern Bank", clock=clock)
    await other.begin("zoe")
    kept, kept_by_other = codes._open["same"], other._open["same"]
    assert "424242" not in repr(kept)
    assert len(kept.code_hash) == 32
    assert kept.code_hash != kept_by_other.code_hash


async def test_identifiers_are_not_kept(codes):
    await codes.begin("zoe")
    await codes.begin("somebody else")
    assert all(isinstance(asker, bytes) and len(asker) == 32 for asker in codes._unused)


async def test_codes_are_compared_in_constant_time(codes, pigeons, monkeypatch):
    compared = []
    compare = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda one, other: compared.append((one, other)) or compare(one, other))
    challenge = await codes.begin("zoe")
    with pytest.raises(CodeRefused):
        await codes.complete(challenge.challenge_id, wrong(pigeons.code))
    await codes.complete(challenge.challenge_id, pigeons.code)
    assert [one == other for one, other in compared] == [False, True]


# -------------------------------------------------------------------- whoever begins learns nothing


@pytest.mark.parametrize(
    "change",
    [
        lambda directory: directory.finds.clear(),
        lambda directory: directory.finds.update(zoe=AmbiguousPerson()),
        lambda directory: directory.contacts.update({ZOE: ContactUnusable("sms")}),
        lambda directory: directory.contacts.update({ZOE: RecordNotFound()}),
        lambda directory: directory.contacts.update({ZOE: AmbiguousRecord("home")}),
    ],
    ids=["nobody", "several", "no contact", "no record", "several rows"],
)
async def test_nobody_is_signed_in_and_nothing_tells_that_nobody_could_be(
    codes, directory, pigeons, monkeypatch, change
):
    change(directory)
    monkeypatch.setattr(secrets, "randbelow", lambda limit: 123_456)
    challenge = await codes.begin("zoe")
    assert challenge.expires_at == NOW + 300
    assert pigeons.brought == []
    for answer, refusal in (("123456", CodeRefused), ("123456", CodeRefused), ("123456", ChallengeLocked)):
        with pytest.raises(refusal):
            await codes.complete(challenge.challenge_id, answer)


async def test_no_two_challenges_have_one_id(codes):
    begun = [await codes.begin(f"somebody {number}") for number in range(50)]
    assert len({challenge.challenge_id for challenge in begun}) == 50


@pytest.mark.parametrize("identifier", ["zoe", "nobody"])
async def test_the_sixth_code_within_an_hour_must_wait(codes, clock, identifier):
    for second in range(5):
        clock.now = NOW + second
        await codes.begin(identifier)
    with pytest.raises(TooManyChallenges) as refused:
        await codes.begin(identifier)
    assert refused.value.retry_at == NOW + 3_600
    clock.now = NOW + 3_599
    with pytest.raises(TooManyChallenges):
        await codes.begin(identifier)
    clock.now = NOW + 3_600
    await codes.begin(identifier)
    with pytest.raises(TooManyChallenges):
        await codes.begin(identifier)


@pytest.mark.parametrize("spellings", [("zoe", "ZOE", " zoe "), ("nobody", "NoBody", "nobody ")])
async def test_codes_are_counted_together_however_the_identifier_is_written(codes, spellings):
    for number in range(5):
        await codes.begin(spellings[number % 3])
    with pytest.raises(TooManyChallenges):
        await codes.begin(spellings[2])


async def test_codes_that_were_used_do_not_count(codes, pigeons):
    for _ in range(20):
        challenge = await codes.begin("zoe")
        await codes.complete(challenge.challenge_id, pigeons.code)


async def test_wrong_codes_do_not_make_a_code_used(codes, pigeons):
    for _ in range(5):
        challenge = await codes.begin("zoe")
        for _ in range(2):
            with pytest.raises(CodeRefused):
                await codes.complete(challenge.challenge_id, wrong(pigeons.code))
        with pytest.raises(ChallengeLocked):
            await codes.complete(challenge.challenge_id, wrong(pigeons.code))
    with pytest.raises(TooManyChallenges):
        await codes.begin("zoe")


async def test_others_may_begin_while_one_must_wait(codes):
    for _ in range(5):
        await codes.begin("nobody")
    await codes.begin("zoe")


async def test_nothing_is_kept_of_whoever_signed_in(codes, pigeons):
    challenge = await codes.begin("zoe")
    await codes.complete(challenge.challenge_id, pigeons.code)
    await codes.begin("nobody")
    assert (len(codes._open), len(codes._unused)) == (1, 1)


async def test_nothing_is_kept_of_whom_no_longer_counts(codes, clock):
    for number in range(100):
        await codes.begin(f"somebody {number}")
    clock.now = NOW + 3_600
    await codes.begin("zoe")
    assert (len(codes._open), len(codes._unused)) == (1, 1)


async def test_a_code_outlives_the_period_in_which_it_counts(directory, pigeons, clock):
    rules = CodeRules(code_seconds=100, period_seconds=10)
    codes = OneTimeCodes(directory, pigeons, sender="Northern Bank", rules=rules, clock=clock)
    challenge = await codes.begin("zoe")
    code = pigeons.code
    clock.now = NOW + 50
    await codes.begin("nobody")
    assert await codes.complete(challenge.challenge_id, code) == ZOE


# -------------------------------------------------------------------- what else can fail


async def test_a_courier_that_fails_opens_no_challenge(codes, pigeons):
    async def fail(contact, message):
        raise OutboxUnusable("outbox", "No space left on device")

    pigeons.send = fail
    with pytest.raises(CourierError):
        await codes.begin("zoe")
    assert codes._open == {}


@pytest.mark.parametrize("failure", [SourceUnavailable("locked"), SourceTimeout(5.0)])
@pytest.mark.parametrize("step", ["finds", "contacts"])
async def test_a_system_of_record_that_cannot_be_read_is_said_to_be(codes, directory, failure, step):
    getattr(directory, step).update({"zoe": failure, ZOE: failure})
    with pytest.raises(type(failure)):
        await codes.begin("zoe")


@pytest.mark.parametrize(
    "rules",
    [
        {"digits": 5},
        {"digits": 13},
        {"code_seconds": 0},
        {"tries": 0},
        {"unused_codes": 0},
        {"period_seconds": 0},
    ],
)
async def test_refuses_rules_that_protect_nobody(rules):
    with pytest.raises(ValueError, match=r"digits|at least 1"):
        CodeRules(**rules)


async def test_a_bank_may_plug_in_its_own_sign_in(clock):
    class Badge:
        """Signs people in by a badge."""

        async def begin(self, sign_in_identifier):
            return Challenge(ChallengeId(sign_in_identifier), NOW + 60)

        async def complete(self, challenge_id, answer):
            if answer != "badge":
                raise CodeRefused(0)
            return RecordKey(challenge_id)

    authenticator: Authenticator = Badge()
    sessions = Sessions(clock=clock)
    challenge = await authenticator.begin("17")
    session = sessions.open(await authenticator.complete(challenge.challenge_id, "badge"))
    sessions.bind(session.session_id, bytes(32))
    assert sessions.record_for(bytes(32)) == "17"

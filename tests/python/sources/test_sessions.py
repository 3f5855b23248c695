"""A session binds one consent and a consent one session; nothing else leads from a consent to a record."""

from __future__ import annotations

import pytest

from consentry.sources import (
    AuthenticationError,
    ConsentBoundElsewhere,
    ConsentIdInvalid,
    ConsentNotBound,
    RecordKey,
    SessionBoundElsewhere,
    SessionExpired,
    SessionId,
    Sessions,
    SessionUnknown,
)
from tests.python.sources.conftest import NOW

ZOE = RecordKey("zoe")
WEI = RecordKey("wei")
CONSENT = bytes([1]) * 32
OTHER_CONSENT = bytes([2]) * 32


@pytest.fixture
def sessions(clock):
    return Sessions(session_seconds=600, clock=clock)


def test_a_consent_is_about_the_record_of_the_person_who_presented_it(sessions):
    zoe, wei = sessions.open(ZOE), sessions.open(WEI)
    sessions.bind(wei.session_id, OTHER_CONSENT)
    sessions.bind(zoe.session_id, CONSENT)
    assert sessions.record_for(CONSENT) == ZOE
    assert sessions.record_for(OTHER_CONSENT) == WEI


def test_a_session_says_when_it_is_over(sessions):
    assert sessions.open(ZOE).expires_at == NOW + 600


def test_binding_again_changes_nothing(sessions):
    session = sessions.open(ZOE)
    sessions.bind(session.session_id, CONSENT)
    sessions.bind(session.session_id, CONSENT)
    assert sessions.record_for(CONSENT) == ZOE


def test_each_session_has_an_id_that_cannot_be_guessed(sessions):
    ids = {sessions.open(ZOE).session_id for _ in range(100)}
    assert len(ids) == 100
    assert min(len(one) for one in ids) >= 43  # 32 bytes


def test_a_session_does_not_show_its_id(sessions):
    session = sessions.open(ZOE)
    assert session.session_id not in repr(session)


# -------------------------------------------------------------------- a consent selects a record in no other way


def test_a_consent_that_nobody_presented_selects_no_record(sessions):
    sessions.open(ZOE)
    with pytest.raises(ConsentNotBound) as refused:
        sessions.record_for(CONSENT)
    assert refused.value.consent_id == CONSENT


@pytest.mark.parametrize("session_id", ["", "guessed", "None"])
def test_refuses_a_consent_in_nobodys_session(sessions, session_id):
    with pytest.raises(SessionUnknown):
        sessions.bind(SessionId(session_id), CONSENT)
    with pytest.raises(ConsentNotBound):
        sessions.record_for(CONSENT)


def test_refuses_a_consent_in_another_customers_session(sessions):
    zoe, wei = sessions.open(ZOE), sessions.open(WEI)
    sessions.bind(zoe.session_id, CONSENT)
    with pytest.raises(ConsentBoundElsewhere) as refused:
        sessions.bind(wei.session_id, CONSENT)
    assert refused.value.consent_id == CONSENT
    assert sessions.record_for(CONSENT) == ZOE


def test_refuses_a_second_consent_in_one_session(sessions):
    session = sessions.open(ZOE)
    sessions.bind(session.session_id, CONSENT)
    with pytest.raises(SessionBoundElsewhere):
        sessions.bind(session.session_id, OTHER_CONSENT)
    assert sessions.record_for(CONSENT) == ZOE
    with pytest.raises(ConsentNotBound):
        sessions.record_for(OTHER_CONSENT)


def test_a_refused_consent_leaves_the_session_free(sessions):
    zoe, wei = sessions.open(ZOE), sessions.open(WEI)
    sessions.bind(zoe.session_id, CONSENT)
    with pytest.raises(ConsentBoundElsewhere):
        sessions.bind(wei.session_id, CONSENT)
    sessions.bind(wei.session_id, OTHER_CONSENT)
    assert sessions.record_for(OTHER_CONSENT) == WEI


def test_a_second_session_of_the_same_person_does_not_take_a_consent_over(sessions):
    first, second = sessions.open(ZOE), sessions.open(ZOE)
    sessions.bind(first.session_id, CONSENT)
    with pytest.raises(ConsentBoundElsewhere):
        sessions.bind(second.session_id, CONSENT)


@pytest.mark.parametrize("size_bytes", [0, 31, 33, 64])
def test_refuses_what_is_no_id_of_a_consent(sessions, size_bytes):
    session = sessions.open(ZOE)
    with pytest.raises(ConsentIdInvalid) as refused:
        sessions.bind(session.session_id, bytes(size_bytes))
    assert refused.value.size_bytes == size_bytes


# -------------------------------------------------------------------- sessions end


def test_a_session_is_good_until_it_expires(sessions, clock):
    first, second = sessions.open(ZOE), sessions.open(WEI)
    clock.now = NOW + 599
    sessions.bind(first.session_id, CONSENT)
    assert sessions.record_for(CONSENT) == ZOE
    clock.now = NOW + 600
    with pytest.raises(SessionExpired) as refused:
        sessions.bind(second.session_id, OTHER_CONSENT)
    assert refused.value.expired_at == NOW + 600
    with pytest.raises(SessionExpired):
        sessions.record_for(CONSENT)


def test_a_session_ends_when_the_person_signs_out(sessions):
    session = sessions.open(ZOE)
    sessions.bind(session.session_id, CONSENT)
    sessions.end(session.session_id)
    with pytest.raises(SessionUnknown):
        sessions.record_for(CONSENT)
    with pytest.raises(SessionUnknown):
        sessions.bind(session.session_id, CONSENT)


def test_signing_out_twice_changes_nothing(sessions):
    session, other = sessions.open(ZOE), sessions.open(WEI)
    sessions.end(session.session_id)
    sessions.end(session.session_id)
    sessions.bind(other.session_id, CONSENT)
    assert sessions.record_for(CONSENT) == WEI


@pytest.mark.parametrize("seconds", [600, 1_200, 10**6])
def test_a_consent_whose_session_is_over_never_becomes_another_persons(sessions, clock, seconds):
    zoe = sessions.open(ZOE)
    sessions.bind(zoe.session_id, CONSENT)
    clock.now = NOW + seconds
    wei = sessions.open(WEI)
    with pytest.raises(ConsentBoundElsewhere):
        sessions.bind(wei.session_id, CONSENT)
    with pytest.raises(AuthenticationError):
        sessions.record_for(CONSENT)


def test_sessions_that_were_over_long_ago_are_forgotten(sessions, clock):
    first = sessions.open(ZOE)
    clock.now = NOW + 1_199
    sessions.open(WEI)
    with pytest.raises(SessionExpired):
        sessions.bind(first.session_id, CONSENT)
    clock.now = NOW + 1_200
    sessions.open(WEI)
    with pytest.raises(SessionUnknown):
        sessions.bind(first.session_id, CONSENT)
    assert len(sessions._open) == 2


def test_a_restart_ends_all_sessions(sessions, clock):
    session = sessions.open(ZOE)
    sessions.bind(session.session_id, CONSENT)
    with pytest.raises(ConsentNotBound):
        Sessions(clock=clock).record_for(CONSENT)


def test_refuses_sessions_of_no_time():
    with pytest.raises(ValueError, match="at least a second"):
        Sessions(session_seconds=0)

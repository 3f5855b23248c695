"""The charter, invitations, and applications for membership."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from consentry.charter import AGREEMENT, CHARTER, document_hash
from consentry.client.charter import Invitation, Phase
from consentry.client.errors import (
    ApplicationRefused,
    ArgumentInvalid,
    IdentityRegistryNotApplied,
    NetworkCharterInvitationExpired,
    NetworkCharterInviterInvalid,
    NetworkCharterNonceUsed,
    NetworkCharterSignatureInvalid,
    NetworkCharterSigned,
    NetworkCharterVersionUnknown,
)
from consentry.client.identities import Admission, Role, Status
from consentry.client.signing import Signature
from consentry.demo.bring_up import admission_of
from consentry.demo.cast import BANK, CHANNEL_PARTNER, FOUNDERS, LICENCE_OFFICE, RENTAL_AGENCY, SECOND_BANK, STRANGER
from consentry.devchain import development_account

APPLICANT = development_account(24)
ADMISSION = Admission(
    APPLICANT.address, Role.CONSUMER | Role.HOST, "FR", keccak(text="register"), CHANNEL_PARTNER.identity
)
ALONE = replace(ADMISSION, recruiter=None)
DAY = 86_400
DOCUMENT = keccak(text="second edition")


@pytest.fixture
def charter(network):
    """The charter."""
    return network.charter


# ------------------------------------------------------------- the charter


@pytest.mark.asyncio
async def test_tells_the_version_in_force(charter):
    first = await charter.version(1)

    assert await charter.in_force() == await charter.version() == first
    assert (first.number, first.document, first.phase, first.seat_cap) == (1, document_hash(CHARTER), Phase.PILOT, 3)
    assert first.sign_until is None
    assert first.in_force_at is not None
    assert await charter.unsigned(1) == ()
    assert await charter.has_signed(1, BANK.identity)
    assert not await charter.has_signed(1, SECOND_BANK.identity)
    assert await charter.agreement() == document_hash(AGREEMENT)


@pytest.mark.asyncio
async def test_knows_no_version_that_was_not_proposed(network, charter):
    for number in (0, 2):
        with pytest.raises(NetworkCharterVersionUnknown) as raised:
            await charter.sign(
                replace(await charter.version(), number=number), BANK.identity, BANK.key, STRANGER
            )
        assert raised.value.values == {"version": number}


@pytest.mark.asyncio
async def test_comes_into_force_when_every_seat_has_signed(network, charter, carry_out):
    carry_out(charter.propose_version(DOCUMENT, Phase.GROWTH, 7, DAY))
    second = await charter.version()
    assert (second.number, second.phase, second.seat_cap, second.in_force_at) == (2, Phase.GROWTH, 7, None)
    assert second.sign_until == await network.now() + DAY
    for position, founder in enumerate(FOUNDERS):
        assert (await charter.in_force()).number == 1
        assert await charter.unsigned(2) == tuple(other.identity for other in FOUNDERS[position:])
        await charter.sign(second, founder.identity, founder.key, STRANGER)

    assert (await charter.in_force()).number == 2
    assert await charter.unsigned(2) == ()
    with pytest.raises(NetworkCharterSigned):
        await charter.sign(second, BANK.identity, BANK.key, STRANGER)


@pytest.mark.asyncio
async def test_refuses_a_signature_on_another_text_and_of_another_key(charter, carry_out):
    carry_out(charter.propose_version(DOCUMENT, Phase.GROWTH, 7, DAY))
    second = await charter.version()
    for version, key in (
        (replace(second, document=keccak(text="another")), BANK.key),
        (replace(second, phase=Phase.OPEN), BANK.key),
        (replace(second, seat_cap=6), BANK.key),
        (second, LICENCE_OFFICE.key),
    ):
        with pytest.raises(NetworkCharterSignatureInvalid):
            await charter.sign(version, BANK.identity, key, STRANGER)


# ------------------------------------------------------------- applications


@pytest.mark.asyncio
async def test_applies_with_an_invitation(network, charter):
    expires_at = await network.now() + DAY
    invitation = charter.invite(ADMISSION, expires_at, 7, CHANNEL_PARTNER.key)

    await charter.apply(ADMISSION, APPLICANT, STRANGER, invitation)

    assert (await network.identities.participant(APPLICANT.address)).status is Status.INVITED
    assert await network.identities.application_of(APPLICANT.address) == ADMISSION
    assert (await network.identities.members())[-1].identity == APPLICANT.address
    with pytest.raises(NetworkCharterNonceUsed) as raised:
        await charter.apply(ADMISSION, APPLICANT, STRANGER, invitation)
    assert raised.value.values == {"signer": CHANNEL_PARTNER.identity, "nonce": 7}


@pytest.mark.asyncio
async def test_applies_without_an_invitation(network, charter, carry_out):
    await charter.apply(ALONE, APPLICANT, STRANGER)
    assert await network.identities.application_of(APPLICANT.address) == ALONE

    carry_out(network.identities.admit(ALONE))

    assert (await network.identities.participant(APPLICANT.address)).recruiter is None
    with pytest.raises(ApplicationRefused, match="has no application before the council; it applies first"):
        await network.identities.application_of(APPLICANT.address)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "change",
    [
        {"roles": Role.CONSUMER},
        {"jurisdiction": "DE"},
        {"legal_id": keccak(text="another")},
        {"recruiter": BANK.identity},
    ],
    ids=lambda change: next(iter(change)),
)
async def test_admits_nobody_on_other_terms(network, charter, change):
    await charter.apply(ALONE, APPLICANT, STRANGER)
    action = network.identities.admit(replace(ALONE, **change))

    with pytest.raises(IdentityRegistryNotApplied):
        await network.council.propose([action], "on other terms", BANK.key)


@pytest.mark.asyncio
async def test_knows_no_application_of_who_did_not_apply(network):
    for identity in (STRANGER.address, BANK.identity):
        with pytest.raises(ApplicationRefused, match=f"{identity} has no application"):
            await network.identities.application_of(identity)


@pytest.mark.asyncio
async def test_remembers_the_application_that_was_made_last(network, charter):
    await charter.apply(ALONE, APPLICANT, STRANGER)
    other = replace(ALONE, roles=Role.PROVIDER, jurisdiction="DE")
    await charter.apply(other, APPLICANT, STRANGER)

    assert await network.identities.application_of(APPLICANT.address) == other


@pytest.mark.asyncio
async def test_refuses_an_application_whose_inviter_and_invitation_do_not_match(network, charter):
    invitation = charter.invite(ADMISSION, await network.now() + DAY, 1, CHANNEL_PARTNER.key)
    for admission, brought in ((ADMISSION, None), (ALONE, invitation)):
        with pytest.raises(ApplicationRefused, match="names its inviter and brings the invitation, or neither"):
            await charter.apply(admission, APPLICANT, STRANGER, brought)
    for change in ({"roles": Role.HOST}, {"jurisdiction": "DE"}, {"identity": BANK.identity}):
        with pytest.raises(ApplicationRefused, match="the invitation is for another applicant, other roles or another"):
            await charter.apply(replace(ADMISSION, **change), APPLICANT, STRANGER, invitation)
    with pytest.raises(ApplicationRefused, match="an invitation names who invites"):
        charter.invite(ALONE, 0, 1, CHANNEL_PARTNER.key)
    with pytest.raises(ArgumentInvalid, match="not a jurisdiction: two upper-case letters"):
        charter.invite(replace(ADMISSION, jurisdiction="fr"), 0, 1, CHANNEL_PARTNER.key)


@pytest.mark.asyncio
async def test_refuses_an_invitation_that_is_late_forged_or_of_who_may_not_invite(network, charter):
    now = await network.now()
    late = charter.invite(ADMISSION, now - 1, 1, CHANNEL_PARTNER.key)
    with pytest.raises(NetworkCharterInvitationExpired) as raised:
        await charter.apply(ADMISSION, APPLICANT, STRANGER, late)
    assert raised.value.values == {"expiresAt": now - 1}
    forged = charter.invite(ADMISSION, now + DAY, 1, STRANGER)
    with pytest.raises(NetworkCharterSignatureInvalid):
        await charter.apply(ADMISSION, APPLICANT, STRANGER, forged)
    by_consumer = replace(ADMISSION, recruiter=RENTAL_AGENCY.identity)
    invitation = charter.invite(by_consumer, now + DAY, 1, RENTAL_AGENCY.key)
    with pytest.raises(NetworkCharterInviterInvalid) as raised:
        await charter.apply(by_consumer, APPLICANT, STRANGER, invitation)
    assert raised.value.values == {"inviter": RENTAL_AGENCY.identity}


@pytest.mark.asyncio
async def test_refuses_an_agreement_that_another_key_signed(charter):
    with pytest.raises(NetworkCharterSignatureInvalid):
        await charter.apply(ALONE, STRANGER, STRANGER)


@pytest.mark.asyncio
async def test_applicants_sign_the_agreement_that_was_set_last(network, charter, carry_out):
    carry_out(charter.set_agreement(DOCUMENT))
    assert await charter.agreement() == DOCUMENT

    await charter.apply(ALONE, APPLICANT, STRANGER)

    kept = await network.ask(charter.contract.function("agreementOf", APPLICANT.address).call())
    assert bytes(kept) == DOCUMENT


# ------------------------------------------------------------- invitations as text

ADMISSIONS = st.builds(
    Admission,
    st.sampled_from([APPLICANT.address, BANK.identity]),
    st.integers(1, 63).map(Role),
    st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=2, max_size=2),
    st.binary(min_size=32, max_size=32),
    st.sampled_from([CHANNEL_PARTNER.identity, BANK.identity]),
)
INVITATIONS = st.builds(
    Invitation,
    ADMISSIONS,
    st.integers(0, 2**48 - 1),
    st.integers(0, 2**256 - 1),
    st.binary(min_size=1, max_size=200).map(Signature),
)
FIELDS = ["invitee", "roles", "jurisdiction", "legal_id", "inviter", "expires_at", "nonce", "signature"]


def test_every_member_of_the_story_was_admitted_on_terms_that_can_be_written():
    admission = admission_of(RENTAL_AGENCY)
    assert Invitation.from_json(Invitation(admission, 1, 2, Signature(b"\1")).to_json()).admission == admission


@given(INVITATIONS)
def test_reads_back_every_invitation_that_it_writes(invitation):
    assert Invitation.from_json(invitation.to_json()) == invitation


@given(st.one_of(st.text(), st.recursive(st.none() | st.text(), st.lists, max_leaves=20).map(json.dumps)))
def test_refuses_any_text_that_is_no_invitation(text):
    with pytest.raises(ApplicationRefused, match="the invitation"):
        Invitation.from_json(text)


@given(
    INVITATIONS,
    st.sampled_from(FIELDS),
    st.one_of(st.none(), st.booleans(), st.text(max_size=5), st.lists(st.none() | st.text() | st.lists(st.text()))),
)
def test_names_the_field_of_an_invitation_that_is_wrong(invitation, field, value):
    document = json.loads(invitation.to_json())
    if field == "roles" and isinstance(value, list) and value and {str(name) for name in value} <= {"host"}:
        value = []
    if (field == "nonce" and str(value).isdecimal()) or (field == "jurisdiction" and isinstance(value, str)):
        value = "?"
    with pytest.raises(ApplicationRefused, match=f"the invitation's field '{field}'"):
        Invitation.from_json(json.dumps({**document, field: value}))


@pytest.mark.parametrize("field", FIELDS)
def test_names_the_field_of_an_invitation_that_is_missing(field):
    document = json.loads(Invitation(ADMISSION, 1, 2, Signature(b"\1")).to_json())
    del document[field]
    with pytest.raises(ApplicationRefused, match=f"the invitation's field '{field}'"):
        Invitation.from_json(json.dumps(document))


@pytest.mark.parametrize("field", ["invitee", "inviter"])
def test_refuses_an_invitation_with_a_mistyped_address(field):
    document = json.loads(Invitation(ADMISSION, 1, 2, Signature(b"\1")).to_json())
    document[field] = document[field][:-1] + ("a" if document[field][-1] != "a" else "b")
    with pytest.raises(ApplicationRefused, match=f"the invitation's field '{field}' is not an address, or has a wrong"):
        Invitation.from_json(json.dumps(document))

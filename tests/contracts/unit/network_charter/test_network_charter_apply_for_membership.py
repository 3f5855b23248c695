"""NetworkCharter.applyForMembership: with the agreement signed, and the invitation where somebody invited."""

import pytest
from eth_utils.crypto import keccak

from tests.helpers import network
from tests.helpers.network import ACTIVE, CHANNEL_PARTNER, CONSUMER, COORDINATOR, INVITED, PROVIDER


@pytest.fixture
def applicant(unused_account):
    """Somebody whom the network does not know."""
    return unused_account()


@pytest.fixture
def invited(application_of, applicant, channel_partner):
    """An application that `channel_partner` invited."""
    return application_of(applicant, inviter=channel_partner)


def test_applies_when_it_was_invited(system, charter, invited, applicant, channel_partner, relayer, told_by):
    tx = charter.applyForMembership(*invited.arguments(), {"from": relayer})

    agreement = charter.agreement()
    enrolled = {
        "identity": applicant,
        "roles": CONSUMER,
        "jurisdiction": network.JURISDICTION,
        "recruiter": channel_partner,
        "legalId": network.legal_id_of(applicant),
    }
    applied = {
        "identity": applicant,
        "inviter": channel_partner,
        "agreement": bytes(agreement),
        "invitationNonce": invited.fields["invitation_nonce"],
    }
    used = [
        ("NonceUsed", {"signer": channel_partner, "nonce": invited.fields["invitation_nonce"]}),
        ("NonceUsed", {"signer": applicant, "nonce": invited.fields["nonce"]}),
    ]
    assert told_by(tx) == [*used, ("MembershipApplied", applied), ("ParticipantInvited", enrolled)]
    assert system.identities.participantOf(applicant).dict()["status"] == INVITED
    assert charter.agreementOf(applicant) == agreement
    assert charter.isNonceUsed(channel_partner, invited.fields["invitation_nonce"]) is True
    assert charter.isNonceUsed(applicant, invited.fields["nonce"]) is True


def test_is_admitted_with_its_inviter_for_good_when_the_council_votes(
    system, charter, votes, invited, applicant, channel_partner, relayer
):
    charter.applyForMembership(*invited.arguments(), {"from": relayer})

    votes.carry((system.identities, "admit", invited.admission()))

    record = system.identities.participantOf(applicant).dict()
    assert (record["status"], record["recruiter"], record["roles"]) == (ACTIVE, channel_partner, CONSUMER)


def test_applies_when_nobody_invited_it(system, charter, application_of, applicant, relayer):
    charter.applyForMembership(*application_of(applicant).arguments(), {"from": relayer})

    assert system.identities.participantOf(applicant).dict()["status"] == INVITED


def test_applies_when_a_coordinator_invited_it(
    system, charter, application_of, applicant, coordinator, council, relayer
):
    application = application_of(applicant, inviter=coordinator)
    charter.applyForMembership(*application.arguments(), {"from": relayer})

    system.identities.admit(application.admission(), {"from": council})

    assert system.identities.participantOf(applicant).dict()["recruiter"] == coordinator


def test_applies_when_contracts_sign_for_applicant_and_inviter(
    ContractWallet, system, charter, application_of, channel_partner, stranger, relayer
):
    wallet, inviters_wallet = (ContractWallet.deploy(stranger, {"from": stranger}) for _ in range(2))
    system.identities.changeOwner(channel_partner, inviters_wallet, {"from": channel_partner})
    application = application_of(wallet, inviter=channel_partner, owner=stranger, inviter_key=stranger)

    charter.applyForMembership(*application.arguments(), {"from": relayer})

    assert system.identities.participantOf(wallet).dict()["status"] == INVITED


def test_signs_the_agreement_in_force_when_the_council_changed_it(
    charter, application_of, applicant, council, relayer, reverts_with
):
    application = application_of(applicant)
    former = application.agreement()
    charter.setAgreement(b"\7" * 32, {"from": council})

    with reverts_with("NetworkCharterSignatureInvalid", applicant, ...):
        charter.applyForMembership(application.values(), b"", former, {"from": relayer})
    charter.applyForMembership(*application.arguments(), {"from": relayer})

    assert bytes(charter.agreementOf(applicant)) == b"\7" * 32


# ---------------------------------------------------------------- the applicant's signature


@pytest.mark.parametrize("changed", ["roles", "jurisdiction", "legal_id", "inviter"])
def test_h018_reverts_when_the_agreement_was_signed_for_other_terms(
    charter, application_of, applicant, coordinator, relayer, changed, reverts_with
):
    application = application_of(applicant)
    other = {
        "roles": CONSUMER | PROVIDER,
        "jurisdiction": b"FR",
        "legal_id": keccak(text="somebody else's"),
        "inviter": coordinator,
    }
    changes = {changed: other[changed]}
    if changed == "inviter":
        changed_application = application_of(applicant, inviter=coordinator, nonce=application.fields["nonce"])
    else:
        changed_application = application.but(**changes)

    with reverts_with("NetworkCharterSignatureInvalid", applicant, ...):
        arguments = changed_application.values(), changed_application.invitation(), application.agreement()
        charter.applyForMembership.call(*arguments, {"from": relayer})


def test_h001_reverts_when_the_application_was_carried_before(
    system, charter, application_of, applicant, council, stranger, bring_to, reverts_with
):
    application = application_of(applicant)
    charter.applyForMembership(*application.arguments(), {"from": stranger})
    used = ("NetworkCharterNonceUsed", applicant, application.fields["nonce"])

    with reverts_with(*used):
        charter.applyForMembership(*application.arguments(), {"from": stranger})
    system.identities.admit(application.admission(), {"from": council})
    bring_to(applicant, "removed")
    # Nor does it bring a removed participant back.
    with reverts_with(*used):
        charter.applyForMembership(*application.arguments(), {"from": stranger})

    assert system.identities.participantOf(applicant).dict()["status"] == network.REMOVED


def test_reverts_when_somebody_else_signed_the_agreement(
    charter, application_of, applicant, stranger, relayer, reverts_with
):
    application = application_of(applicant)
    for signature in (b"", bytes(65), application.but(owner=stranger).agreement()):
        with reverts_with("NetworkCharterSignatureInvalid", applicant, ...):
            charter.applyForMembership.call(application.values(), b"", signature, {"from": relayer})


def test_h038_reverts_when_the_applicant_cannot_sign(system, charter, application_of, stranger, relayer, reverts_with):
    for contract in (system.council, system.timelock, system.credit):
        application = application_of(contract.address, owner=stranger)
        with reverts_with("NetworkCharterSignatureInvalid", contract, ...):
            charter.applyForMembership.call(*application.arguments(), {"from": relayer})


# ---------------------------------------------------------------- the invitation


def test_h001_reverts_when_the_invitation_was_used(charter, invited, channel_partner, relayer, reverts_with):
    charter.applyForMembership(*invited.arguments(), {"from": relayer})
    again = invited.but(nonce=invited.fields["nonce"] + 1_000)

    with reverts_with("NetworkCharterNonceUsed", channel_partner, invited.fields["invitation_nonce"]):
        charter.applyForMembership(*again.arguments(), {"from": relayer})


def test_h014_takes_the_invitation_until_its_last_second(
    charter, application_of, unused_account, channel_partner, relayer, travel_to, reverts_with
):
    first, second = (application_of(unused_account(), inviter=channel_partner) for _ in range(2))
    first, second = (each.but(expires_at=second.fields["expires_at"]) for each in (first, second))
    expires_at = second.fields["expires_at"]
    travel_to(expires_at)
    charter.applyForMembership(*first.arguments(), {"from": relayer})
    assert charter.agreementOf(first.fields["identity"]) == charter.agreement()

    travel_to(expires_at + 1)
    with reverts_with("NetworkCharterInvitationExpired", expires_at):
        charter.applyForMembership(*second.arguments(), {"from": relayer})


@pytest.mark.parametrize(
    ("term", "other"),
    [("identity", None), ("roles", PROVIDER), ("jurisdiction", b"FR"), ("expires_at", 2**40), ("invitation_nonce", 9)],
)
def test_h018_reverts_when_the_invitation_is_for_something_else(
    charter, invited, unused_account, channel_partner, relayer, term, other, reverts_with
):
    invitation = invited.invitation()
    if term == "identity":
        somebody = unused_account()
        used = invited.but(identity=somebody, owner=somebody, legal_id=network.legal_id_of(somebody))
    else:
        used = invited.but(**{term: other})

    with reverts_with("NetworkCharterSignatureInvalid", channel_partner, ...):
        charter.applyForMembership.call(used.values(), invitation, used.agreement(), {"from": relayer})


def test_reverts_when_somebody_else_signed_the_invitation(
    charter, invited, channel_partner, coordinator, stranger, relayer, reverts_with
):
    for forged in (b"", *(invited.but(inviter_key=key).invitation() for key in (stranger, coordinator))):
        with reverts_with("NetworkCharterSignatureInvalid", channel_partner, ...):
            charter.applyForMembership.call(invited.values(), forged, invited.agreement(), {"from": relayer})


def test_a01_h036_reverts_when_the_inviter_may_not_invite(
    charter, application_of, applicant, participant_in, provider, stranger, relayer, reverts_with
):
    former = [participant_in(standing, CHANNEL_PARTNER | COORDINATOR) for standing in ("suspended", "removed")]
    for inviter in (provider, stranger, *former, applicant):
        application = application_of(applicant, inviter=inviter)
        with reverts_with("NetworkCharterInviterInvalid", inviter):
            charter.applyForMembership.call(*application.arguments(), {"from": relayer})


def test_h034_reverts_when_the_inviter_handed_its_key_on(
    charter, invited, channel_partner, rotate_owner, relayer, reverts_with
):
    arguments = invited.arguments()
    owner = rotate_owner(channel_partner)

    with reverts_with("NetworkCharterSignatureInvalid", owner, ...):
        charter.applyForMembership(*arguments, {"from": relayer})


def test_reverts_when_the_inviter_voided_it(charter, invited, channel_partner, relayer, reverts_with):
    nonce = invited.fields["invitation_nonce"]
    charter.invalidateNonces(nonce >> 8, 1 << (nonce & 0xFF), {"from": channel_partner})

    with reverts_with("NetworkCharterNonceUsed", channel_partner, nonce):
        charter.applyForMembership(*invited.arguments(), {"from": relayer})


def test_uses_nothing_up_when_the_registry_refuses(
    system, charter, invited, channel_partner, guardian, relayer, reverts_with
):
    tx = system.identities.pauseAdmissions({"from": guardian})

    with reverts_with("IdentityRegistryAdmissionsPaused", tx.timestamp + 72 * 3_600):
        charter.applyForMembership(*invited.arguments(), {"from": relayer})

    assert charter.isNonceUsed(channel_partner, invited.fields["invitation_nonce"]) is False
    assert charter.isNonceUsed(invited.fields["identity"], invited.fields["nonce"]) is False


# ---------------------------------------------------------------- again


def test_keeps_its_first_recruiter_when_it_comes_back_through_another(
    system, charter, application_of, consumer, channel_partner, coordinator, bring_to, council, relayer
):
    bring_to(consumer, "removed")
    application = application_of(consumer, inviter=coordinator)
    charter.applyForMembership(*application.arguments(), {"from": relayer})

    system.identities.admit(application.admission(), {"from": council})

    assert system.identities.participantOf(consumer).dict()["recruiter"] == channel_partner


def test_reverts_when_it_is_a_member(charter, application_of, consumer, bring_to, relayer, reverts_with):
    for status in (ACTIVE, network.SUSPENDED):
        if status != ACTIVE:
            bring_to(consumer, "suspended")
        with reverts_with("IdentityRegistryStatusInvalid", consumer, status):
            charter.applyForMembership(*application_of(consumer).arguments(), {"from": relayer})

"""NetworkCharter views: versions, digests and what it is wired to."""

from tests.helpers import network
from tests.helpers.votes import PILOT


def test_stands_on_its_first_version_when_the_founders_signed(system, charter):
    document, phase, seat_cap, sign_until, in_force_at = charter.versionOf(1)

    assert bytes(document) == system.parameters.charter.document
    assert (phase, seat_cap, sign_until) == (PILOT, 3, 0)
    assert in_force_at > 0
    assert (charter.isInForce(), charter.currentVersion(), charter.latestVersion()) == (True, 1, 1)
    assert bytes(charter.agreement()) == system.parameters.charter.agreement
    assert tuple(charter.wiring()) == (system.identities, system.council)


def test_knows_of_no_phase_that_it_grants_when_nobody_has_signed(unfounded):
    assert (unfounded.isInForce(), unfounded.currentVersion(), unfounded.seatCap()) == (False, 0, 0)


def test_digests_what_is_signed_when_it_is_asked(system, charter, application_of, unused_account, channel_partner):
    application = application_of(unused_account(), inviter=channel_partner)
    fields, domain = application.fields, network.charter_domain(system)
    document, phase, seat_cap, _, _ = charter.versionOf(1)
    signer = fields["identity"]
    terms = (fields["identity"], fields["roles"], fields["jurisdiction"])
    digests = {
        "Charter": (
            charter.hashCharter(1, signer),
            {"document": bytes(document), "phase": phase, "seats": seat_cap, "version": 1, "signer": signer},
        ),
        "Agreement": (
            charter.hashAgreement(bytes(document), *terms, fields["legal_id"], fields["inviter"], 7, signer),
            {
                "document": bytes(document),
                "participant": terms[0],
                "roles": terms[1],
                "jurisdiction": terms[2],
                "legalId": fields["legal_id"],
                "inviter": fields["inviter"],
                "nonce": 7,
                "signer": signer,
            },
        ),
        "Invitation": (
            charter.hashInvitation(*terms, fields["inviter"], 2**40, 8, signer),
            {
                "invitee": terms[0],
                "roles": terms[1],
                "jurisdiction": terms[2],
                "inviter": fields["inviter"],
                "expiresAt": 2**40,
                "nonce": 8,
                "signer": signer,
            },
        ),
    }
    for type_name, (digest, message) in digests.items():
        assert bytes(digest) == domain.digest(type_name, message)


def test_reverts_when_there_is_no_such_version(charter, reverts_with):
    for version in (0, 2):
        with reverts_with("NetworkCharterVersionUnknown", version):
            charter.versionOf(version)

"""NetworkCharter views: versions, digests and what it is wired to."""

from tests.helpers import events, network
from tests.helpers.votes import GROWTH, PILOT


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


def test_a19_events_rebuild_it_when_versions_came_and_lapsed(
    charter, application_of, pending, sign_all, unused_account, channel_partner, votes, council, relayer, mine_at
):
    application = application_of(unused_account(), inviter=channel_partner)
    signers = (channel_partner, application.fields["identity"])
    nonces = (application.fields["invitation_nonce"], application.fields["nonce"])
    charter.applyForMembership(*application.arguments(), {"from": relayer})
    charter.invalidateNonces(0, 5, {"from": channel_partner})
    sign_all(charter, 2, *votes.seats[:2])
    mine_at(pending + 1)
    charter.proposeVersion(b"" * 32, GROWTH, 6, 86_400, {"from": council})
    sign_all(charter, 3, *votes.seats)
    charter.setAgreement(b"\4" * 32, {"from": council})

    versions, current, signed, agreement, agreements, voided = {}, 0, set(), None, {}, set()
    for name, values in events.ever_told_by(charter):
        if name == "CharterProposed":
            terms = (bytes(values["document"]), values["phase"], values["seatCap"], values["signUntil"])
            versions[values["version"]] = terms
        elif name == "CharterSigned":
            signed.add((values["version"], values["identity"]))
        elif name == "CharterInForce":
            current = values["version"]
        elif name == "AgreementSet":
            agreement = bytes(values["document"])
        elif name == "MembershipApplied":
            agreements[values["identity"]] = bytes(values["agreement"])
        elif name == "NonceUsed":
            voided.add((values["signer"], values["nonce"]))
        elif name == "NoncesInvalidated":
            bits = (bit for bit in range(256) if values["mask"] >> bit & 1)
            voided |= {(values["signer"], values["word"] * 256 + bit) for bit in bits}

    assert (charter.currentVersion(), charter.latestVersion()) == (current, max(versions)) == (3, 3)
    for version, terms in versions.items():
        document, *rest = charter.versionOf(version)
        assert (bytes(document), *rest[:3]) == terms
    assert all(charter.hasSigned(*each) for each in signed)
    assert len(signed) == 3 + 2 + 3
    assert bytes(charter.agreement()) == agreement
    assert [bytes(charter.agreementOf(each)) for each in agreements] == [*agreements.values()]
    assert all(charter.isNonceUsed(*each) for each in voided)
    assert {*zip(signers, nonces, strict=True)} <= voided


def test_reverts_when_there_is_no_such_version(charter, reverts_with):
    for version in (0, 2):
        with reverts_with("NetworkCharterVersionUnknown", version):
            charter.versionOf(version)

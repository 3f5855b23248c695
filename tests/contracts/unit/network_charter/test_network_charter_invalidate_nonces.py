"""NetworkCharter.invalidateNonces: a signer voids invitations and applications of its own."""


def test_a06_h016_voids_nonces_when_their_signer_says_so(charter, channel_partner, stranger, told_by):
    tx = charter.invalidateNonces(3, 1 << 5 | 1, {"from": channel_partner})

    told = {"signer": channel_partner, "word": 3, "mask": 33}
    assert told_by(tx) == [("NoncesInvalidated", told)]
    used = [nonce for nonce in range(3 * 256 - 1, 3 * 256 + 8) if charter.isNonceUsed(channel_partner, nonce)]
    assert used == [3 * 256, 3 * 256 + 5]
    assert charter.isNonceUsed(stranger, 3 * 256) is False


def test_revives_none_when_other_bits_are_given(charter, channel_partner):
    charter.invalidateNonces(0, 1, {"from": channel_partner})

    for mask in (2, 0):
        charter.invalidateNonces(0, mask, {"from": channel_partner})

    assert [charter.isNonceUsed(channel_partner, nonce) for nonce in range(3)] == [True, True, False]


def test_voids_an_application_when_its_signer_says_so(
    charter, application_of, unused_account, relayer, reverts_with
):
    applicant = unused_account()
    application = application_of(applicant)
    nonce = application.fields["nonce"]

    charter.invalidateNonces(nonce >> 8, 1 << (nonce & 0xFF), {"from": applicant})

    with reverts_with("NetworkCharterNonceUsed", applicant, nonce):
        charter.applyForMembership(*application.arguments(), {"from": relayer})

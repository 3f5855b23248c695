"""NetworkCharter.setAgreement: which membership agreement applicants sign."""

from eth_utils.crypto import keccak

OTHER = keccak(text="another agreement")


def test_sets_it_for_later_applicants_when_the_council_says_so(
    charter, application_of, unused_account, council, relayer, told_by
):
    former, applicant = charter.agreement(), unused_account()
    charter.applyForMembership(*application_of(applicant).arguments(), {"from": relayer})

    tx = charter.setAgreement(OTHER, {"from": council})

    assert told_by(tx) == [("AgreementSet", {"document": OTHER})]
    assert bytes(charter.agreement()) == OTHER
    assert charter.agreementOf(applicant) == former


def test_reverts_when_the_document_is_missing(charter, council, reverts_with):
    with reverts_with("NetworkCharterDocumentMissing"):
        charter.setAgreement(bytes(32), {"from": council})


def test_h036_reverts_when_the_caller_has_no_vote(charter, founder, guardian, deployer, stranger, reverts_with):
    for caller in (founder, guardian, deployer, stranger):
        with reverts_with("AccessManagedUnauthorized", caller):
            charter.setAgreement.call(OTHER, {"from": caller})

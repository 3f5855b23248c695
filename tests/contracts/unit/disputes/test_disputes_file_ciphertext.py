"""Disputes.fileCiphertext: the provider's word that the arbiters have the ciphertext."""

import pytest
from eth_utils.crypto import keccak

from tests.helpers.events import told_by


def is_filed(disputes, case):
    return disputes.caseOf(case.id)[2]


def test_takes_the_word_when_the_provider_files(disputes, disputed, provider):
    case = disputed()

    tx = disputes.fileCiphertext(*case.description(), {"from": provider})

    assert told_by(tx) == [
        ("CiphertextFiled", {"exchangeId": case.id, "ciphertextHash": keccak(text="ciphertext")}),
    ]
    assert is_filed(disputes, case)


def test_takes_the_word_when_it_was_submitted_before(disputes, disputed, submit, file):
    case = disputed()
    submit(case)

    file(case)

    assert is_filed(disputes, case)


def test_keeps_the_word_when_it_is_submitted_after(disputes, arbitrator, disputed, submit, file):
    case = disputed()
    file(case)

    dispute_id = submit(case)

    assert tuple(disputes.caseOf(case.id)) == (arbitrator, dispute_id, True, False, 0)


def test_takes_the_word_when_a_delivery_delegate_files(disputes, disputed, provider, add_delegates):
    case, delegates = disputed(), add_delegates(provider)

    disputes.fileCiphertext(*case.description(), {"from": delegates["delivery"]})

    assert is_filed(disputes, case)


@pytest.mark.parametrize("standing", ["suspended", "removed"])
def test_takes_the_word_when_the_provider_is_no_longer_active(disputes, disputed, provider, bring_to, file, standing):
    case = disputed()
    bring_to(provider, standing)

    file(case)

    assert is_filed(disputes, case)


def test_listens_to_the_owner_when_the_key_was_handed_on(disputes, disputed, provider, rotate_owner, reverts_with):
    case, owner = disputed(), rotate_owner(provider)
    with reverts_with("IdentityRegistryNotActor", provider, b"delivery", provider):
        disputes.fileCiphertext(*case.description(), {"from": provider})

    disputes.fileCiphertext(*case.description(), {"from": owner})

    assert is_filed(disputes, case)


def test_takes_the_word_to_the_last_second(disputes, disputed, file, travel_to):
    case = disputed()
    travel_to(case.evidence_until)

    file(case)

    assert is_filed(disputes, case)


def test_reverts_when_the_time_for_evidence_is_over(disputes, disputed, file, travel_to, reverts_with):
    case = disputed()
    travel_to(case.evidence_until + 1)

    with reverts_with("DisputesEvidenceTooLate", case.id, case.evidence_until):
        file(case)

    assert not is_filed(disputes, case)


def test_reverts_when_it_was_filed(disputed, file, reverts_with):
    case = disputed()
    file(case)

    with reverts_with("DisputesCiphertextFiled", case.id):
        file(case)


def test_reverts_when_another_calls(
    disputes, disputed, provider, consumer, coordinator, council, stranger, add_delegates, reverts_with
):
    case, delegates = disputed(), add_delegates(provider)
    del delegates["delivery"]

    for caller in (consumer, coordinator, council, stranger, *delegates.values()):
        with reverts_with("IdentityRegistryNotActor", provider, b"delivery", caller):
            disputes.fileCiphertext.call(*case.description(), {"from": caller})


def test_h098_reverts_when_it_is_not_disputed_or_is_another(
    disputes, described, disputed, provider, stranger, reverts_with
):
    undisputed, case = described(), disputed()
    exchange, *others = case.description()
    for given in (
        undisputed.description(),
        ((*exchange[:2], stranger.address, *exchange[3:]), *others),
        (*case.description()[:-1], case.disputed_at + 1),
    ):
        for caller in (provider, stranger):
            with reverts_with("DisputedEscrowMismatch", ...):
                disputes.fileCiphertext.call(*given, {"from": caller})

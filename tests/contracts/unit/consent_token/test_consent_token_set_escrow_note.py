"""ConsentToken.setEscrowNote: a number kept for the escrow, and handed back to it with every use."""

import pytest


@pytest.fixture
def set_note(consents, puppet, relayer):
    """Leave a note as the escrow: a function of it, and of another escrow if it is another's."""

    def leave(note, escrow=puppet):
        return escrow.perform(consents, [consents.setEscrowNote.encode_input(note)], {"from": relayer})

    return leave


@pytest.fixture
def note_with_a_use(words, fresh_subject, use, answer_in):
    """Take a use and return the note that comes with it."""
    return lambda: answer_in(use(words.give(fresh_subject())), "bytes32", "uint32", "uint8")[2]


def test_hands_the_note_back_with_every_use(set_note, note_with_a_use, told_by):
    assert note_with_a_use() == 0

    for note in (1, 255, 0):
        assert told_by(set_note(note)) == []  # the escrow tells in its own events
        assert note_with_a_use() == note


def test_hands_the_note_back_with_a_batch(words, fresh_subject, set_note, use_allotted, answer_in):
    set_note(9)

    _, count, note = answer_in(use_allotted(words.give(fresh_subject(), nonce=1)), "bytes32[]", "uint256", "uint8")

    assert (count, note) == (1, 9)


def test_changes_nothing_else_of_what_is_kept_beside_it(consents, puppet, set_note, guardian, council, chain):
    consents.pauseUses({"from": guardian})
    consents.setGrantsPausedUntil(chain[-1].timestamp + 1_000, {"from": council})
    before = [tuple(ask()) for ask in (consents.usesPause, consents.grantsPause, consents.currentEscrow)]

    set_note(255)

    assert [tuple(ask()) for ask in (consents.usesPause, consents.grantsPause, consents.currentEscrow)] == before
    assert before[2] == (puppet, 2)


def test_reverts_when_the_caller_is_no_escrow(consents, council, guardian, consumer, provider, stranger, reverts_with):
    for caller in (council, guardian, consumer, provider, stranger):
        with reverts_with("ConsentTokenNotEscrow", caller):
            consents.setEscrowNote.call(1, {"from": caller})


def test_reverts_when_the_escrow_was_replaced(puppet, list_escrow, set_note, reverts_with):
    list_escrow()

    with reverts_with("ConsentTokenNotEscrow", puppet):
        set_note(1)

"""ErasureRegister's views: what is on record, for whoever supervises."""

from consentry.client.erasures import ErasureState
from tests.helpers.network import CONSUMER, NOBODY

PAGE = 500


def test_answers_for_anything_when_nothing_is_on_record(register, consumer, stranger):
    assert tuple(register.dutyOf(bytes(32))) == (NOBODY, 0, ErasureState.NONE)
    assert (register.overdueCount(), register.overdueCountOf(consumer), register.overdueCountOf(stranger)) == (0, 0, 0)
    assert register.overdueAt(0, PAGE) == ()
    assert register.overdueAt(2**256 - 1, 2**256 - 1) == ()


def test_lists_overdue_ones_alone(register, due, overdue, confirm, consumer):
    (late,) = overdue()
    due()
    confirm(consumer, consumer, due())

    assert [tuple(entry) for entry in register.overdueAt(0, PAGE)] == [("0x" + late.id.hex(), consumer, late.due_at)]


def test_lists_those_of_each_consumer(register, overdue, participant_in, consumer):
    other = participant_in("active", CONSUMER)
    own, foreign = overdue(2), overdue(1, consumer=other)

    listed = [(bytes.fromhex(str(entry[0])[2:]), entry[1]) for entry in register.overdueAt(0, PAGE)]

    assert listed == [(own[0].id, consumer), (own[1].id, consumer), (foreign[0].id, other)]
    assert (register.overdueCountOf(consumer), register.overdueCountOf(other)) == (2, 1)


def test_h039_returns_each_once_when_they_are_read_in_pages(register, overdue):
    duties = overdue(5)

    pages = [register.overdueAt(offset, 2) for offset in (0, 2, 4, 6)]

    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert [entry[2] for page in pages for entry in page] == [duty.due_at for duty in duties]
    assert register.overdueAt(0, 0) == ()
    assert len(register.overdueAt(3, 2**256 - 1)) == 2


def test_h013_names_the_domain_in_use_when_asked(system, register):
    fields, name, version, chain_id, contract, salt, extensions = register.eip712Domain()

    wanted = ("Consentry ErasureRegister", "1", system.manifest.chain_id, register)
    assert (name, version, chain_id, contract) == wanted
    assert (int(str(fields), 16), int(str(salt), 16), tuple(extensions)) == (0x0F, 0, ())

"""Council.fileOpinion: what a regulator thinks of a proposal, and what it takes then."""

import pytest
from eth_utils.crypto import keccak

from tests.helpers import network
from tests.helpers.votes import ADVERSE, DOCUMENT, FAVOURABLE, JURISDICTION, NEUTRAL, NO_OPINION, SUCCEEDED


def test_files_it_when_an_active_regulator_says_so(council_contract, votes, action, regulator, told_by):
    proposal = votes.propose(action)

    tx = votes.opine(proposal, FAVOURABLE)

    told = {
        "proposalId": proposal.id,
        "regulator": regulator,
        "opinion": FAVOURABLE,
        "document": DOCUMENT,
        "jurisdiction": JURISDICTION,
    }
    assert told_by(tx) == [("OpinionFiled", told)]
    assert council_contract.opinionOf(proposal.id, regulator) == FAVOURABLE
    _, _, filed, adverse = council_contract.opinionsOn(proposal.id)
    assert (filed, adverse) == (1, False)


@pytest.mark.parametrize(("opinion", "required"), [(FAVOURABLE, 2), (NEUTRAL, 2), (ADVERSE, 3)])
def test_takes_all_seats_when_it_is_adverse(
    council_contract, votes, action, founder, second_founder, third_founder, opinion, required
):
    proposal = votes.propose(action)
    votes.opine(proposal, opinion)
    votes.vote(proposal, founder, second_founder)
    assert tuple(council_contract.tallyOf(proposal.id)) == (2, required)

    votes.vote(proposal, third_founder)
    votes.end(proposal)

    assert votes.state(proposal) == SUCCEEDED


def test_takes_all_seats_when_one_of_two_regulators_is_against(
    council_contract, votes, action, regulator, second_regulator
):
    for first, second in ((FAVOURABLE, ADVERSE), (ADVERSE, FAVOURABLE)):
        proposal = votes.propose(action)
        votes.opine(proposal, first, regulator)
        votes.opine(proposal, second, second_regulator)

        _, _, filed, adverse = council_contract.opinionsOn(proposal.id)
        assert (filed, adverse, council_contract.tallyOf(proposal.id)[1]) == (2, True, 3)


def test_takes_all_seats_when_none_was_filed_in_time(council_contract, votes, action, mine_at):
    proposal = votes.propose(action)
    until = council_contract.opinionsOn(proposal.id)[1]
    mine_at(until)
    assert council_contract.tallyOf(proposal.id)[1] == 2

    mine_at(until + 1)

    # Silence counts as adverse.
    assert council_contract.tallyOf(proposal.id)[1] == 3


def test_stands_when_its_regulator_is_suspended_later(council_contract, votes, action, regulator, bring_to):
    proposal = votes.propose(action)
    votes.opine(proposal, ADVERSE)

    bring_to(regulator, "suspended")

    assert council_contract.opinionOf(proposal.id, regulator) == ADVERSE
    assert council_contract.tallyOf(proposal.id)[1] == 3


def test_h014_files_it_when_it_is_the_last_second_and_no_later(
    council_contract, votes, action, regulator, second_regulator, travel_to, reverts_with
):
    proposal = votes.propose(action)
    until = council_contract.opinionsOn(proposal.id)[1]
    travel_to(until)
    votes.opine(proposal, NEUTRAL, regulator)

    travel_to(until + 1)
    with reverts_with("CouncilOpinionTooLate", proposal.id, until):
        votes.opine(proposal, ADVERSE, second_regulator)

    assert council_contract.opinionsOn(proposal.id)[3] is False


def test_reverts_when_the_regulator_has_filed_one(votes, action, regulator, reverts_with):
    proposal = votes.propose(action)
    votes.opine(proposal, FAVOURABLE)

    for opinion in (ADVERSE, FAVOURABLE):
        with reverts_with("CouncilOpinionFiled", proposal.id, regulator, FAVOURABLE):
            votes.opine(proposal, opinion)


def test_reverts_when_there_is_no_opinion_or_no_document(council_contract, votes, action, regulator, reverts_with):
    proposal = votes.propose(action)

    for opinion, document in ((NO_OPINION, DOCUMENT), (FAVOURABLE, bytes(32))):
        with reverts_with("CouncilOpinionMissing", proposal.id, regulator):
            arguments = proposal.id, regulator, opinion, document, JURISDICTION
            council_contract.fileOpinion.call(*arguments, {"from": regulator})


@pytest.mark.parametrize("jurisdiction", [b"\0\0", b"D\0", b"de", b"dE", b"D1", b"@E", b"D[", b"\xc4E"])
def test_reverts_when_the_jurisdiction_is_not_two_capitals(
    council_contract, votes, action, regulator, jurisdiction, reverts_with
):
    proposal = votes.propose(action)

    with reverts_with("CouncilJurisdictionInvalid", jurisdiction):
        arguments = proposal.id, regulator, FAVOURABLE, DOCUMENT, jurisdiction
        council_contract.fileOpinion.call(*arguments, {"from": regulator})


@pytest.mark.parametrize("jurisdiction", [b"AA", b"AZ", b"ZA", b"ZZ"])
def test_files_it_when_the_jurisdiction_is_at_the_bounds(
    council_contract, votes, action, regulator, jurisdiction, told_by
):
    proposal = votes.propose(action)

    tx = council_contract.fileOpinion(proposal.id, regulator, NEUTRAL, DOCUMENT, jurisdiction, {"from": regulator})

    ((_, told),) = told_by(tx)
    assert told["jurisdiction"] == jurisdiction


def test_reverts_when_none_is_needed(votes, exempt_action, reverts_with):
    proposal = votes.propose(exempt_action)

    with reverts_with("CouncilOpinionNotNeeded", proposal.id):
        votes.opine(proposal)


def test_reverts_when_there_is_no_such_proposal(council_contract, regulator, reverts_with):
    unknown = int.from_bytes(keccak(text="no proposal"), "big")

    with reverts_with("CouncilProposalUnknown", unknown):
        council_contract.fileOpinion(unknown, regulator, FAVOURABLE, DOCUMENT, JURISDICTION, {"from": regulator})


def test_a01_h036_reverts_when_the_caller_owns_no_active_regulator(
    council_contract, votes, action, founder, coordinator, stranger, council, regulator, participant_in, reverts_with
):
    proposal = votes.propose(action)
    given = (FAVOURABLE, DOCUMENT, JURISDICTION)
    for caller in (founder, coordinator, stranger, council):
        for named in (regulator, caller):
            with reverts_with("CouncilNotRegulator", named, caller):
                council_contract.fileOpinion.call(proposal.id, named, *given, {"from": caller})
    for standing in ("suspended", "removed"):
        former = participant_in(standing, network.REGULATOR)
        with reverts_with("CouncilNotRegulator", former, former):
            council_contract.fileOpinion.call(proposal.id, former, *given, {"from": former})


def test_h034_is_the_new_owners_word_when_the_owner_of_a_regulator_changes(
    council_contract, votes, action, regulator, rotate_owner, reverts_with
):
    proposal, owner = votes.propose(action), rotate_owner(regulator)
    arguments = proposal.id, regulator, NEUTRAL, DOCUMENT, JURISDICTION

    with reverts_with("CouncilNotRegulator", regulator, regulator):
        council_contract.fileOpinion(*arguments, {"from": regulator})
    council_contract.fileOpinion(*arguments, {"from": owner})

    assert council_contract.opinionOf(proposal.id, regulator) == NEUTRAL

"""Council.removeSeat: a seat is taken away by vote; three stay."""


def test_takes_the_seat_when_it_was_voted(council_contract, grown, founder, told_by):
    tx = grown.carry((council_contract, "removeSeat", founder))

    assert ("SeatLeft", {"seat": founder, "seats": 4, "byVote": True}) in told_by(tx)
    assert council_contract.seatedSince(founder) == 0
    assert council_contract.seatOf(founder) == "0x" + "00" * 20
    assert {*council_contract.seats()} == {*grown.seats[1:]}


def test_asks_for_fewer_votes_afterwards_when_seats_were_taken(council_contract, grown, newcomers, action):
    grown.carry(*((council_contract, "removeSeat", newcomer) for newcomer in newcomers))

    proposal = grown.propose(action)

    grown.begin(proposal)
    assert council_contract.tallyOf(proposal.id)[1] == 2


def test_a17_h113_reverts_when_fewer_than_three_would_stay(council_contract, votes, founder, reverts_with):
    with reverts_with("CouncilSeatsTooFew", 2, 3):
        votes.carry((council_contract, "removeSeat", founder))


def test_reverts_when_it_has_no_seat(council_contract, grown, stranger, reverts_with):
    with reverts_with("CouncilSeatUnknown", stranger):
        grown.carry((council_contract, "removeSeat", stranger))


def test_h036_reverts_when_it_was_not_voted(
    council_contract, founder, second_founder, guardian, deployer, stranger, reverts_with
):
    for caller in (founder, second_founder, guardian, deployer, stranger):
        with reverts_with("GovernorOnlyExecutor", caller):
            council_contract.removeSeat.call(second_founder, {"from": caller})

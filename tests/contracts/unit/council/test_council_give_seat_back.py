"""Council.giveSeatBack: a seat leaves by its own word; three stay."""


def test_leaves_when_a_seat_says_so(council_contract, grown, newcomers, told_by):
    tx = council_contract.giveSeatBack({"from": newcomers[0]})

    assert told_by(tx) == [("SeatLeft", {"seat": newcomers[0], "seats": 4, "byVote": False})]
    assert council_contract.seatedSince(newcomers[0]) == 0
    assert {*council_contract.seats()} == {*grown.seats} - {newcomers[0]}


def test_h034_leaves_when_the_new_owner_of_a_seat_says_so(
    council_contract, grown, member_seat, rotate_owner, reverts_with
):
    owner = rotate_owner(member_seat)

    with reverts_with("CouncilNotSeat", member_seat):
        council_contract.giveSeatBack({"from": member_seat})
    council_contract.giveSeatBack({"from": owner})

    assert council_contract.seatedSince(member_seat) == 0


def test_a17_h113_reverts_when_fewer_than_three_would_stay(council_contract, grown, newcomers, founder, reverts_with):
    for newcomer in newcomers:
        council_contract.giveSeatBack({"from": newcomer})

    with reverts_with("CouncilSeatsTooFew", 2, 3):
        council_contract.giveSeatBack({"from": founder})

    assert council_contract.seatCount() == 3


def test_h036_reverts_when_the_caller_has_no_seat(council_contract, council, guardian, stranger, reverts_with):
    for caller in (council, guardian, stranger):
        with reverts_with("CouncilNotSeat", caller):
            council_contract.giveSeatBack.call({"from": caller})

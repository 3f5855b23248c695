"""Council.addSeat: another identity gets a seat, within the charter's cap, once it has signed the charter."""

from tests.helpers import network
from tests.helpers.votes import charter_signature


def test_gives_a_seat_when_it_was_voted(council_contract, votes, newcomers, told_by):
    growing = votes.grow()
    growing.sign_charter(2, newcomers[0])

    tx = growing.carry((council_contract, "addSeat", newcomers[0]))

    assert ("SeatTaken", {"seat": newcomers[0], "seats": 4}) in told_by(tx)
    assert council_contract.seatedSince(newcomers[0]) == tx.timestamp
    assert [*council_contract.seats()] == [*votes.seats, newcomers[0]]
    assert council_contract.seatOf(newcomers[0]) == newcomers[0]
    assert council_contract.seatCount() == 4


def test_gives_a_seat_to_a_contract_when_its_owner_signed_the_charter(
    ContractWallet, system, council_contract, votes, stranger
):
    wallet = ContractWallet.deploy(stranger, {"from": stranger})
    growing = votes.grow()
    signature = charter_signature(system, 2, stranger, signer=wallet.address)
    system.charter.sign(2, wallet, signature, {"from": stranger})

    growing.carry((council_contract, "addSeat", wallet))

    assert council_contract.seatOf(wallet) == wallet


def test_reverts_when_the_charters_cap_is_reached(council_contract, votes, newcomers, reverts_with):
    votes.sign_charter(1, newcomers[0])
    in_the_pilot = votes.queued((council_contract, "addSeat", newcomers[0]))
    with reverts_with("CouncilSeatsTooMany", 4, 3):
        votes.execute(in_the_pilot)
    growing = votes.grow(newcomers[0], seat_cap=4)
    growing.sign_charter(2, newcomers[1])

    with reverts_with("CouncilSeatsTooMany", 5, 4):
        growing.carry((council_contract, "addSeat", newcomers[1]))


def test_reverts_when_it_has_not_signed_the_charter_in_force(council_contract, votes, newcomers, reverts_with):
    votes.sign_charter(1, newcomers[0])
    growing = votes.grow()

    with reverts_with("CouncilCharterNotSigned", newcomers[0], 2):
        growing.carry((council_contract, "addSeat", newcomers[0]))


def test_reverts_when_it_has_a_seat(council_contract, votes, founder, reverts_with):
    growing = votes.grow()

    with reverts_with("CouncilSeatTaken", founder):
        growing.carry((council_contract, "addSeat", founder))


def test_h038_reverts_when_it_is_nobody(council_contract, votes, reverts_with):
    growing = votes.grow()

    # Nobody and the council itself sign no charter.
    for nobody in (network.NOBODY, council_contract.address):
        with reverts_with("CouncilCharterNotSigned", nobody, 2):
            growing.carry((council_contract, "addSeat", nobody))


def test_h036_reverts_when_it_was_not_voted(
    council_contract, newcomers, founder, guardian, deployer, council, stranger, reverts_with
):
    for caller in (founder, guardian, deployer, stranger):
        with reverts_with("GovernorOnlyExecutor", caller):
            council_contract.addSeat.call(newcomers[0], {"from": caller})
    # Not even by the timelock, outside of a proposal that is being carried out.
    with reverts_with("Panic", 0x31):
        council_contract.addSeat.call(newcomers[0], {"from": council})

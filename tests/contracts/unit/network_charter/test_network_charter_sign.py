"""NetworkCharter.sign: founders found the network, and seats carry a new version."""

from tests.helpers import network
from tests.helpers.votes import GROWTH, PILOT


def test_is_in_force_when_every_founder_has_signed(unfounded, sign, sign_all, votes, relayer, told_by):
    first, second, third = votes.seats
    sign_all(unfounded, 1, first, second)
    assert (unfounded.isInForce(), unfounded.currentVersion(), unfounded.seatCap()) == (False, 0, 0)

    tx = unfounded.sign(1, third, sign(unfounded, 1, third), {"from": relayer})

    assert told_by(tx) == [
        ("CharterSigned", {"version": 1, "identity": third}),
        ("CharterInForce", {"version": 1, "phase": PILOT, "seatCap": 3}),
    ]
    assert (unfounded.isInForce(), unfounded.currentVersion(), unfounded.seatCap()) == (True, 1, 3)
    assert unfounded.versionOf(1)[4] == tx.timestamp
    assert [unfounded.hasSigned(1, seat) for seat in votes.seats] == [True] * 3


def test_is_in_force_when_a_founder_is_owned_by_a_contract(
    ContractWallet, system, unfounded, sign, sign_all, votes, council, stranger, relayer
):
    first, *others = votes.seats
    network.admit(system, council, first, network.COORDINATOR)
    wallet = ContractWallet.deploy(stranger, {"from": stranger})
    system.identities.changeOwner(first, wallet, {"from": first})
    sign_all(unfounded, 1, *others)

    unfounded.sign(1, first, sign(unfounded, 1, stranger, signer=wallet.address), {"from": relayer})

    assert unfounded.isInForce() is True


def test_takes_no_deadline_when_it_is_the_first(unfounded, sign_all, votes, chain, mine_at):
    mine_at(chain[-1].timestamp + 400 * 86_400)

    sign_all(unfounded, 1, *votes.seats)

    assert unfounded.isInForce() is True


def test_takes_the_signature_when_it_is_no_seats(charter, sign_all, stranger):
    sign_all(charter, 1, stranger)

    # Whoever gets a seat has signed before.
    assert charter.hasSigned(1, stranger) is True
    assert charter.currentVersion() == 1


# ---------------------------------------------------------------- a later version


def test_brings_it_into_force_when_the_last_seat_signs(charter, pending, sign, sign_all, votes, relayer):
    first, second, third = votes.seats
    sign_all(charter, 2, first, second)
    assert (charter.currentVersion(), charter.phase(), charter.seatCap()) == (1, PILOT, 3)

    charter.sign(2, third, sign(charter, 2, third), {"from": relayer})

    assert (charter.currentVersion(), charter.phase(), charter.seatCap()) == (2, GROWTH, 7)


def test_h014_signs_it_until_its_deadline_and_the_old_one_stands_after_it(
    charter, pending, sign, votes, relayer, travel_to, reverts_with
):
    first, second, third = votes.seats
    travel_to(pending)
    charter.sign(2, first, sign(charter, 2, first), {"from": relayer})
    assert charter.hasSigned(2, first) is True

    travel_to(pending + 1)
    for seat in (second, third):
        with reverts_with("NetworkCharterVersionLapsed", 2, pending):
            charter.sign(2, seat, sign(charter, 2, seat), {"from": relayer})

    assert (charter.currentVersion(), charter.phase(), charter.seatCap()) == (1, PILOT, 3)


def test_reverts_when_a_later_one_is_in_force(charter, pending, sign, sign_all, votes, stranger, reverts_with):
    sign_all(charter, 2, *votes.seats)

    with reverts_with("NetworkCharterVersionPast", 1):
        charter.sign(1, stranger, sign(charter, 1, stranger), {"from": stranger})


def test_reverts_when_there_is_no_such_version(charter, founder, reverts_with):
    for version in (0, 2, 2**32 - 1):
        with reverts_with("NetworkCharterVersionUnknown", version):
            charter.sign.call(version, founder, b"", {"from": founder})


def test_h001_reverts_when_it_has_signed(charter, sign, founder, relayer, reverts_with):
    with reverts_with("NetworkCharterSigned", 1, founder):
        charter.sign(1, founder, sign(charter, 1, founder), {"from": relayer})


# ---------------------------------------------------------------- signatures


def test_a03_h002_reverts_when_something_else_was_signed(
    system, unfounded, charter, pending, sign, founder, stranger, relayer, reverts_with
):
    digest = unfounded.hashCharter(1, founder)
    for signature in (
        b"",
        bytes(65),
        sign(unfounded, 1, stranger),
        sign(unfounded, 1, stranger, signer=founder.address),
        sign(charter, 1, founder),
        sign(charter, 2, founder),
    ):
        with reverts_with("NetworkCharterSignatureInvalid", founder, digest):
            unfounded.sign.call(1, founder, signature, {"from": relayer})


def test_h034_reverts_when_the_owner_changed_since(
    system, charter, pending, sign, founder, council, rotate_owner, relayer, reverts_with
):
    network.admit(system, council, founder, network.COORDINATOR)
    signature = sign(charter, 2, founder)
    owner = rotate_owner(founder)

    with reverts_with("NetworkCharterSignatureInvalid", owner, charter.hashCharter(2, owner)):
        charter.sign(2, founder, signature, {"from": relayer})
    charter.sign(2, founder, sign(charter, 2, owner), {"from": relayer})

    assert charter.hasSigned(2, founder) is True


def test_h122_has_a_domain_of_its_own_when_it_is_deployed_twice(charter, unfounded, system):
    for contract in (charter, unfounded):
        _, name, version, chain_id, where, _, _ = contract.eip712Domain()
        assert (name, version, chain_id) == ("Consentry NetworkCharter", "1", system.manifest.chain_id)
        assert where == contract

"""Council's constructor and views: seats, periods, quorum, and what it says it is."""

import pytest
from eth_utils.crypto import keccak

from tests.helpers import events, network
from tests.helpers.votes import FOR, NEUTRAL

PERIODS = (60, 3_600, 3_600)


@pytest.fixture
def deploy(Council, system, votes, stranger):
    """Deploy another council: a function of what shall be different."""

    def make(**changes):
        given = {
            "timelock": system.timelock,
            "identities": system.identities,
            "charter": system.charter,
            "access": system.access,
            "directory": system.directory,
            "founders": list(votes.seats),
            "periods": PERIODS,
            "exemptions": [],
        }
        return Council.deploy(*{**given, **changes}.values(), {"from": stranger})

    return make


def test_has_three_seats_when_it_is_deployed(system, council_contract, votes):
    assert [*council_contract.seats()] == [*votes.seats]
    assert council_contract.seatCount() == 3
    assert [council_contract.seatOf(seat) for seat in votes.seats] == [*votes.seats]
    assert tuple(council_contract.wiring()) == (system.identities, system.charter)
    assert council_contract.timelock() == system.timelock
    assert council_contract.proposalThreshold() == 1


def test_exempts_what_ratifies_a_guardian_and_admits_regulators_when_it_is_deployed(system, council_contract):
    exempt = {
        (name, function)
        for name, contract in system.contracts().items()
        for selector, function in contract.selectors.items()
        if council_contract.isExempt(contract, selector)
    }

    assert exempt == {
        ("IdentityRegistry", "admitRegulator"),
        ("IdentityRegistry", "ratifySuspension"),
        ("IdentityRegistry", "setAdmissionsPausedUntil"),
        ("ConsentToken", "setGrantsPausedUntil"),
        ("ConsentToken", "setUsesPausedUntil"),
    }


def test_counts_in_unix_seconds_when_it_is_asked(council_contract, chain):
    assert council_contract.CLOCK_MODE() == "mode=timestamp"
    assert council_contract.COUNTING_MODE() == "support=bravo&quorum=for"
    assert abs(council_contract.clock() - chain[-1].timestamp) <= 5


def test_names_its_own_domain_when_it_is_asked(council_contract, system):
    _, name, version, chain_id, contract, _, _ = council_contract.eip712Domain()

    assert (name, version) == ("Consentry Council", "1")
    assert (chain_id, contract) == (system.manifest.chain_id, council_contract)


def test_is_two_thirds_rounded_up_when_the_quorum_is_asked(
    council_contract, votes, unused_account, chain, mine_at
):
    before = chain[-1].timestamp
    newcomers = [unused_account() for _ in range(4)]
    votes.grow(*newcomers)
    quorums = [council_contract.quorum(chain[-1].timestamp)]
    for newcomer in newcomers:
        mine_at(chain[-1].timestamp + 10)
        tx = council_contract.giveSeatBack({"from": newcomer})
        quorums.append(council_contract.quorum(tx.timestamp))

    # Of 7, 6, 5, 4 and 3.
    assert quorums == [5, 4, 4, 3, 2]
    assert council_contract.quorum(before) == 2
    assert council_contract.quorum(2**256 - 1) == 2


def test_votes_as_one_when_it_is_asked_for_votes(council_contract, votes, stranger, chain):
    now = chain[-1].timestamp

    assert [council_contract.getVotes(seat, now) for seat in (*votes.seats, stranger)] == [1, 1, 1, 0]
    since = council_contract.seatedSince(votes.seats[0])
    assert council_contract.getVotes(votes.seats[0], since - 1) == 0


def test_reverts_when_the_proposal_is_unknown(council_contract, reverts_with):
    unknown = int.from_bytes(keccak(text="no proposal"), "big")

    with reverts_with("CouncilProposalUnknown", unknown):
        council_contract.tallyOf(unknown)
    with reverts_with("GovernorNonexistentProposal", unknown):
        council_contract.state(unknown)


def test_a17_a19_events_rebuild_it_when_seats_came_and_went(
    system, council_contract, grown, newcomers, founder, second_regulator
):
    council_contract.giveSeatBack({"from": newcomers[0]})
    four = [seat for seat in grown.seats if seat != newcomers[0]]
    periods = (61, 3_601, 3_602)
    proposal = grown.propose((council_contract, "removeSeat", founder), (council_contract, "setPeriods", periods))
    grown.opine(proposal)
    grown.opine(proposal, NEUTRAL, second_regulator)
    grown.vote(proposal, *four[:3])
    grown.end(proposal)
    grown.queue(proposal)
    grown.wait(proposal)
    grown.execute(proposal)

    seats, periods, exempt, opinions, votes_for = set(), None, set(), {}, {}
    for name, values in events.ever_told_by(council_contract):
        if name == "SeatTaken":
            seats.add(values["seat"])
            assert values["seats"] == len(seats)
        elif name == "SeatLeft":
            seats.remove(values["seat"])
            assert values["seats"] == len(seats)
        elif name == "PeriodsSet":
            periods = tuple(values["periods"][each] for each in ("votingDelay", "voting", "opinion"))
        elif name == "ExemptionSet":
            (exempt.add if values["exempt"] else exempt.discard)((values["target"], bytes(values["selector"])))
        elif name == "OpinionFiled":
            opinions[values["proposalId"], values["regulator"]] = values["opinion"]
        elif name == "VoteCast" and values["support"] == FOR:
            votes_for.setdefault(values["proposalId"], set()).add(values["voter"])

    assert {*council_contract.seats()} == seats
    assert tuple(council_contract.periods()) == periods == (61, 3_601, 3_602)
    assert len(exempt) == 5
    assert all(council_contract.isExempt(*each) for each in exempt)
    assert [council_contract.opinionOf(*key) for key in opinions] == [*opinions.values()]
    # The founder voted, and has no seat any more.
    assert council_contract.tallyOf(proposal.id)[0] == len(votes_for[proposal.id] & seats) == 2


# ---------------------------------------------------------------- constructor


@pytest.mark.parametrize("missing", ["timelock", "identities", "charter", "access", "directory"])
def test_h118_reverts_when_it_is_deployed_without_a_contract(deploy, missing, reverts_with):
    with reverts_with("CouncilAddressInvalid", network.NOBODY):
        deploy(**{missing: network.NOBODY})


def test_h118_reverts_when_it_is_deployed_with_other_than_three_founders(
    deploy, votes, newcomers, reverts_with
):
    for founders in ([], votes.seats[:2], (*votes.seats, newcomers[0])):
        with reverts_with("CouncilSeatsTooFew", len(founders), 3):
            deploy(founders=list(founders))


def test_h118_reverts_when_a_founder_is_nobody_or_named_twice(deploy, votes, reverts_with):
    with reverts_with("CouncilSeatInvalid", network.NOBODY):
        deploy(founders=[*votes.seats[:2], network.NOBODY])
    with reverts_with("CouncilSeatTaken", votes.seats[0]):
        deploy(founders=[*votes.seats[:2], votes.seats[0]])


def test_h118_reverts_when_its_periods_are_out_of_bounds(deploy, reverts_with):
    with reverts_with("CouncilPeriodsInvalid", 59, 3_600, 3_600):
        deploy(periods=(59, 3_600, 3_600))


def test_h118_reverts_when_it_would_exempt_what_could_carry_more(deploy, system, reverts_with):
    for contract in (system.timelock, system.access, system.directory):
        with reverts_with("CouncilExemptionInvalid", contract, "0x12345678"):
            deploy(exemptions=[(contract, "0x12345678")])

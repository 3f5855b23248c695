"""The council under random seats, votes, opinions and time, held against a model of its rules.

What must hold after every step, by number:

1. Every proposal stands where the rule of this moment puts it: votes of seats held without a break since voting began,
   against the larger of the thresholds for the seats then and the seats now; all seats where an opinion is adverse or
   none came in time; 30 days to execute.
2. Whatever is refused is refused with the error that the rule of this moment gives, and nothing else is refused.
3. What was carried out had, at that moment, the votes that it took, of two seats at the least.
4. The seats are those that votes and resignations left, three at the least and no more than the charter's cap.

The model knows nothing of how the contracts keep any of it. A run that did not reach every kind of step often enough
fails.
"""

from __future__ import annotations

import itertools
import os
from collections import Counter
from dataclasses import dataclass, field, replace

from eth_utils.crypto import keccak
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from consentry.client.council import Opinion, ProposalState, Support
from consentry.client.signing import TypedDomain
from consentry.deployment import load_parameters
from consentry.deployment.artifacts import load_artifact
from consentry.devchain import development_account
from tests.helpers.bare_evm import BareNetwork, Refused

RUNS = int(os.environ.get("CONSENTRY_STATEFUL_RUNS", "40"))
STEPS = 60
LEAST_OF_EACH = 5
"""How often each kind of step must have succeeded, and each been refused where it can be, in a run."""

FOUNDERS = tuple(development_account(index).address for index in (4, 5, 6))
CANDIDATES = tuple(development_account(index).address for index in range(4, 12))
REGULATORS = tuple(development_account(index).address for index in (13, 14))
STRANGER = development_account(20).address
SEAT_CAP, FEWEST_SEATS = 7, 3
NEVER = 1 << 64
DAY_SECONDS = 86_400
EXPIRY_SECONDS = 30 * DAY_SECONDS
REGULATOR_ROLE = 32
SUPPORTS = (Support.FOR, Support.FOR, Support.FOR, Support.AGAINST, Support.ABSTAIN)
NOBODY = "0x" + "00" * 20

reached: Counter[str] = Counter()
"""Steps that were taken in all runs, by kind; refusals by kind and error."""


@dataclass
class Proposal:
    """What the model knows of a proposal."""

    kind: str
    subject: str
    successor: str
    arguments: tuple
    starts_at: int
    ends_at: int
    opinion_until: int
    is_exempt: bool
    ballots: dict[str, Support] = field(default_factory=dict)
    opinions: dict[str, Opinion] = field(default_factory=dict)
    ready_at: int | None = None
    is_executed: bool = False


class CouncilMachine(RuleBasedStateMachine):
    """Drive the council and the model side by side."""

    def __init__(self):
        super().__init__()
        parameters = load_parameters()
        self.periods = parameters.council
        self.network = BareNetwork(replace(parameters, council=replace(parameters.council, founders=FOUNDERS)))
        self.numbers = itertools.count(1)
        self.proposals: dict[int, Proposal] = {}
        self.seats = dict.fromkeys(FOUNDERS, self.network.now)
        self.counts = [(self.network.now, len(FOUNDERS))]

    # ------------------------------------------------------------- the model

    def count_at(self, instant):
        return next(count for at, count in reversed(self.counts) if at <= instant)

    def votes_and_required(self, proposal):
        votes = sum(
            support is Support.FOR and self.seats.get(seat, NEVER) <= proposal.starts_at
            for seat, support in proposal.ballots.items()
        )
        larger = max(self.count_at(proposal.starts_at), len(self.seats))
        is_silent = not proposal.opinions and self.network.now > proposal.opinion_until
        takes_all = not proposal.is_exempt and (Opinion.ADVERSE in proposal.opinions.values() or is_silent)
        return votes, larger if takes_all else -(-2 * larger // 3)

    def state_of(self, proposal):
        now = self.network.now
        if proposal.is_executed:
            return ProposalState.EXECUTED
        if now <= proposal.starts_at:
            return ProposalState.PENDING
        votes, required = self.votes_and_required(proposal)
        if now <= proposal.ends_at and not (proposal.is_exempt and votes >= required):
            return ProposalState.ACTIVE
        if votes < required:
            return ProposalState.DEFEATED
        if now > proposal.ends_at + EXPIRY_SECONDS:
            return ProposalState.EXPIRED
        return ProposalState.SUCCEEDED if proposal.ready_at is None else ProposalState.QUEUED

    def refusal_of_action(self, proposal):
        """Why the action itself would be refused now, or None."""
        is_seated = proposal.subject in self.seats
        if proposal.kind == "add":
            if len(self.seats) >= SEAT_CAP:
                return "CouncilSeatsTooMany"
            return "CouncilSeatTaken" if is_seated else None
        if proposal.kind == "remove":
            if not is_seated:
                return "CouncilSeatUnknown"
            return "CouncilSeatsTooFew" if len(self.seats) == FEWEST_SEATS else None
        if proposal.kind == "replace":
            if not is_seated:
                return "CouncilSeatUnknown"
            if proposal.successor not in CANDIDATES:
                return "CouncilCharterNotSigned"
            return "CouncilSeatTaken" if proposal.successor in self.seats else None
        return None

    def change_seats(self, seat, *, is_taken):
        if is_taken:
            self.seats[seat] = self.network.now
        else:
            del self.seats[seat]
        self.counts.append((self.network.now, len(self.seats)))

    def replace_seat(self, former, successor):
        del self.seats[former]
        self.seats[successor] = self.network.now

    def attempt(self, step, expected, sender, contract, function, *values):
        """Take a step that the model expects to be refused with an error, or with None not at all."""
        answer, refusal = None, None
        try:
            answer = self.network.send(sender, contract, function, *values)
        except Refused as refused:
            refusal = refused.name
        assert refusal == expected, f"{step}: {refusal or 'carried out'}, the model says {expected or 'carried out'}"
        reached[step if refusal is None else f"{step}: {refusal}"] += 1
        return answer

    # ------------------------------------------------------------- before the first step

    @initialize()
    def found(self):
        """Sign the charter, admit two regulators, and grow to seven seats, all by the council's own ways."""
        network, domain = self.network, TypedDomain("network_charter", 1, self.network.addresses["NetworkCharter"])
        network.found(FOUNDERS)
        regulator_admissions = []
        for regulator in REGULATORS:
            key = next(key for key in map(development_account, (13, 14)) if key.address == regulator)
            agreement = bytes(network.ask("NetworkCharter", "agreement"))
            legal_id = keccak(text=f"regulator {regulator}")
            message = {
                "document": agreement,
                "participant": regulator,
                "roles": REGULATOR_ROLE,
                "jurisdiction": b"CA",
                "legalId": legal_id,
                "inviter": NOBODY,
                "nonce": 0,
                "signer": regulator,
            }
            application = (regulator, REGULATOR_ROLE, b"CA", legal_id, NOBODY, 0, 0, 0)
            signature = domain.sign(key, "Agreement", message)
            network.send(STRANGER, "NetworkCharter", "applyForMembership", application, b"", signature)
            regulator_admissions.append((regulator, REGULATOR_ROLE, b"CA", NOBODY, legal_id))
        self.carry("IdentityRegistry", "admitRegulator", [(admission,) for admission in regulator_admissions])
        self.carry(
            "NetworkCharter", "proposeVersion", [(keccak(text="growth"), 1, SEAT_CAP, DAY_SECONDS)], is_exempt=False
        )
        network.found(CANDIDATES, 2)
        assert network.ask("NetworkCharter", "currentVersion") == 2

    def carry(self, contract, function, calls, *, is_exempt=True):
        artifact, network = load_artifact(contract), self.network
        targets = [network.addresses[contract]] * len(calls)
        values, datas = [0] * len(calls), [artifact.call(function, call) for call in calls]
        description = f"before the first step {next(self.numbers)}"
        network.pass_time(1)
        (proposal_id,) = network.send(FOUNDERS[0], "Council", "propose", targets, values, datas, description)
        if not is_exempt:
            for regulator in REGULATORS:
                opinion = (proposal_id, regulator, int(Opinion.NEUTRAL), keccak(text="document"), b"CA")
                network.send(regulator, "Council", "fileOpinion", *opinion)
        network.pass_time(self.periods.voting_delay_seconds + 1)
        for founder in FOUNDERS[:2]:
            network.send(founder, "Council", "castVote", proposal_id, int(Support.FOR))
        if not is_exempt:
            network.pass_time(self.periods.voting_seconds)
        network.send(STRANGER, "Council", "queue", targets, values, datas, keccak(text=description))
        network.pass_time(self.periods.timelock_seconds)
        network.send(STRANGER, "Council", "execute", targets, values, datas, keccak(text=description))

    # ------------------------------------------------------------- steps

    @rule(seconds=st.sampled_from([1, 61, 61, 61, 1_800, 3_600, 3_600, DAY_SECONDS, 31 * DAY_SECONDS]))
    def pass_time(self, seconds):
        self.network.pass_time(seconds)
        reached["pass time"] += 1

    @rule(
        proposer=st.sampled_from((*CANDIDATES, STRANGER)),
        kind=st.sampled_from(["add", "add", "remove", "replace", "ceiling", "pause", "mixed"]),
        subject=st.sampled_from(CANDIDATES),
        successor=st.sampled_from((*CANDIDATES, STRANGER)),
    )
    def propose(self, proposer, kind, subject, successor):
        self.make_proposal(proposer, kind, subject, successor)

    @rule(
        kind=st.sampled_from(["add", "add", "add", "remove", "replace", "replace", "ceiling", "pause"]),
        subject=st.sampled_from(CANDIDATES),
        successor=st.sampled_from((*CANDIDATES, STRANGER)),
        opinion=st.sampled_from([Opinion.FAVOURABLE, Opinion.NEUTRAL, Opinion.ADVERSE]),
        absent=st.sampled_from([0, 0, 1]),
        leaver=st.sampled_from((None, None, *CANDIDATES)),
        stop=st.sampled_from(["carried", "queued", "end", "end"]),
    )
    def push_through(self, kind, subject, successor, opinion, absent, leaver, stop):
        """Take a proposal all the way, with a seat that stays away or one that leaves before the end."""
        self.take_all_the_way(kind, subject, successor, opinion, absent, leaver, stop)

    @rule(data=st.data(), absent=st.sampled_from([0, 0, 1]))
    def change_a_seat(self, data, absent):
        """Give a seat, take one away where one is to spare, or hand one on, mostly to somebody who can have it."""
        free = [candidate for candidate in CANDIDATES if candidate not in self.seats]
        kind = data.draw(st.sampled_from(["replace", "add" if len(self.seats) == FEWEST_SEATS else "remove"]))
        subject = data.draw(st.sampled_from(free if kind == "add" else list(self.seats)))
        successor = data.draw(st.sampled_from((*free, *free, subject, STRANGER)))
        self.take_all_the_way(kind, subject, successor, Opinion.FAVOURABLE, absent, None, "end")

    def take_all_the_way(self, kind, subject, successor, opinion, absent, leaver, stop):
        proposer = next((seat for seat, since in self.seats.items() if since < self.network.now), None)
        proposal_id = proposer and self.make_proposal(proposer, kind, subject, successor)
        if not proposal_id:
            return
        proposal = self.proposals[proposal_id]
        if not proposal.is_exempt:
            words = (proposal_id, REGULATORS[0], int(opinion), keccak(text="document"), b"CA")
            self.attempt("file opinion", None, REGULATORS[0], "Council", "fileOpinion", *words)
            proposal.opinions[REGULATORS[0]] = opinion
        self.network.pass_time(self.periods.voting_delay_seconds + 1)
        self.cast(proposal_id, proposal, STRANGER, Support.FOR)
        for voter in list(self.seats)[absent:]:
            self.cast(proposal_id, proposal, voter, Support.FOR)
            self.cast(proposal_id, proposal, voter, Support.AGAINST)
        self.network.pass_time(self.periods.voting_seconds)
        if leaver is not None:
            self.give_back(leaver)
        if stop == "carried":
            return
        is_carried = self.state_of(proposal) is ProposalState.SUCCEEDED
        expected = None if is_carried else "GovernorUnexpectedProposalState"
        if self.attempt("queue", expected, STRANGER, "Council", "queue", *proposal.arguments) is not None:
            proposal.ready_at = self.network.now + self.periods.timelock_seconds
            self.carry_out(proposal)
            if stop == "end":
                self.network.pass_time(self.periods.timelock_seconds)
                self.carry_out(proposal)

    def make_proposal(self, proposer, kind, subject, successor):
        number, now = next(self.numbers), self.network.now
        calls = {
            "add": [("Council", "addSeat", (subject,))],
            "remove": [("Council", "removeSeat", (subject,))],
            "replace": [("Council", "replaceSeat", (subject, successor))],
            "ceiling": [("NetworkCredit", "setCeiling", (number,))],
            "pause": [("ConsentToken", "setGrantsPausedUntil", (number,))],
            "mixed": [("ConsentToken", "setGrantsPausedUntil", (number,)), ("NetworkCredit", "setCeiling", (number,))],
        }[kind]
        targets = [self.network.addresses[contract] for contract, _, _ in calls]
        datas = [load_artifact(contract).call(function, values) for contract, function, values in calls]
        expected = None if self.seats.get(proposer, NEVER) < now else "GovernorInsufficientProposerVotes"
        words = (targets, [0] * len(calls), datas)
        answer = self.attempt("propose", expected, proposer, "Council", "propose", *words, f"proposal {number}")
        if answer is None:
            return None
        starts_at = now + self.periods.voting_delay_seconds
        self.proposals[answer[0]] = Proposal(
            kind=kind,
            subject=subject,
            successor=successor,
            arguments=(*words, keccak(text=f"proposal {number}")),
            starts_at=starts_at,
            ends_at=starts_at + self.periods.voting_seconds,
            opinion_until=now + self.periods.opinion_seconds,
            is_exempt=kind == "pause",
        )
        return answer[0]

    def some(self, data):
        """Draw a proposal: mostly one that is not over."""
        alive = [
            proposal_id
            for proposal_id, proposal in self.proposals.items()
            if self.state_of(proposal) in (ProposalState.PENDING, ProposalState.ACTIVE)
            or (self.state_of(proposal) in (ProposalState.SUCCEEDED, ProposalState.QUEUED))
        ]
        chosen = data.draw(st.sampled_from(alive if alive and data.draw(st.integers(0, 9)) else list(self.proposals)))
        return chosen, self.proposals[chosen]

    @precondition(lambda self: self.proposals)
    @rule(data=st.data(), voters=st.lists(st.sampled_from((*CANDIDATES, STRANGER)), min_size=1, unique=True))
    def vote(self, data, voters):
        proposal_id, proposal = self.some(data)
        for voter in voters:
            self.cast(proposal_id, proposal, voter, data.draw(st.sampled_from(SUPPORTS)))

    def cast(self, proposal_id, proposal, voter, support):
        if self.state_of(proposal) is not ProposalState.ACTIVE:
            expected = "GovernorUnexpectedProposalState"
        elif self.seats.get(voter, NEVER) > proposal.starts_at:
            expected = "CouncilNotSeat"
        else:
            expected = "GovernorAlreadyCastVote" if voter in proposal.ballots else None
        if self.attempt("vote", expected, voter, "Council", "castVote", proposal_id, int(support)) is not None:
            proposal.ballots[voter] = support

    @precondition(lambda self: self.proposals)
    @rule(
        data=st.data(),
        regulator=st.sampled_from((*REGULATORS, STRANGER)),
        opinion=st.sampled_from([Opinion.FAVOURABLE, Opinion.NEUTRAL, Opinion.ADVERSE, Opinion.NONE]),
    )
    def file_opinion(self, data, regulator, opinion):
        proposal_id, proposal = self.some(data)
        if regulator not in REGULATORS:
            expected = "CouncilNotRegulator"
        elif proposal.is_exempt:
            expected = "CouncilOpinionNotNeeded"
        elif self.network.now > proposal.opinion_until:
            expected = "CouncilOpinionTooLate"
        elif regulator in proposal.opinions:
            expected = "CouncilOpinionFiled"
        else:
            expected = "CouncilOpinionMissing" if opinion is Opinion.NONE else None
        words = (proposal_id, regulator, int(opinion), keccak(text="document"), b"CA")
        if self.attempt("file opinion", expected, regulator, "Council", "fileOpinion", *words) is not None:
            proposal.opinions[regulator] = opinion

    @precondition(lambda self: self.proposals)
    @rule(data=st.data())
    def queue(self, data):
        _, proposal = self.some(data)
        is_carried = self.state_of(proposal) is ProposalState.SUCCEEDED
        expected = None if is_carried else "GovernorUnexpectedProposalState"
        if self.attempt("queue", expected, STRANGER, "Council", "queue", *proposal.arguments) is not None:
            proposal.ready_at = self.network.now + self.periods.timelock_seconds

    @precondition(lambda self: self.proposals)
    @rule(data=st.data())
    def execute(self, data):
        _, proposal = self.some(data)
        self.carry_out(proposal)

    @precondition(lambda self: any(self.state_of(p) is ProposalState.SUCCEEDED for p in self.proposals.values()))
    @rule(data=st.data(), pause=st.sampled_from([0, 30, 60, 60, 60]))
    def queue_and_execute(self, data, pause):
        carried = [p for p in self.proposals.values() if self.state_of(p) is ProposalState.SUCCEEDED]
        proposal = data.draw(st.sampled_from(carried))
        self.attempt("queue", None, STRANGER, "Council", "queue", *proposal.arguments)
        proposal.ready_at = self.network.now + self.periods.timelock_seconds
        self.network.pass_time(pause)
        self.carry_out(proposal)

    def carry_out(self, proposal):
        state = self.state_of(proposal)
        if state not in (ProposalState.SUCCEEDED, ProposalState.QUEUED):
            expected = "GovernorUnexpectedProposalState"
        elif proposal.ready_at is None or self.network.now < proposal.ready_at:
            expected = "TimelockUnexpectedOperationState"
        else:
            expected = self.refusal_of_action(proposal)
        votes, required = self.votes_and_required(proposal)
        if self.attempt("execute", expected, STRANGER, "Council", "execute", *proposal.arguments) is not None:
            assert votes >= required >= 2
            proposal.is_executed = True
            reached[f"execute {proposal.kind}"] += 1
            if proposal.kind in ("add", "remove"):
                self.change_seats(proposal.subject, is_taken=proposal.kind == "add")
            elif proposal.kind == "replace":
                self.replace_seat(proposal.subject, proposal.successor)

    @rule(giver=st.sampled_from((*CANDIDATES, STRANGER)))
    def give_seat_back(self, giver):
        self.give_back(giver)

    def give_back(self, giver):
        if giver not in self.seats:
            expected = "CouncilNotSeat"
        else:
            expected = "CouncilSeatsTooFew" if len(self.seats) == FEWEST_SEATS else None
        if self.attempt("give seat back", expected, giver, "Council", "giveSeatBack") is not None:
            self.change_seats(giver, is_taken=False)

    # ------------------------------------------------------------- what must hold

    @invariant()
    def stands_where_the_rule_of_the_moment_puts_it(self):
        for proposal_id, proposal in self.proposals.items():
            assert self.network.answers("Council", "tallyOf", proposal_id) == self.votes_and_required(proposal)
            state = ProposalState(self.network.ask("Council", "state", proposal_id))
            assert state is self.state_of(proposal), (proposal, state)
            reached[f"state {state.name.lower()}"] += 1

    @invariant()
    def seats_are_those_that_are_left(self):
        found = {seat.lower() for seat in self.network.ask("Council", "seats")}
        assert found == {seat.lower() for seat in self.seats}
        assert FEWEST_SEATS <= len(found) <= SEAT_CAP


def test_a17_executes_nothing_but_what_the_rule_of_the_moment_carries():
    reached.clear()
    run_state_machine_as_test(
        CouncilMachine,
        settings=settings(
            max_examples=RUNS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=HealthCheck.all(),
            derandomize=True,
        ),
    )
    print(dict(sorted(reached.items())))
    wanted = [
        "propose", "propose: GovernorInsufficientProposerVotes", "vote", "vote: GovernorUnexpectedProposalState",
        "vote: CouncilNotSeat", "vote: GovernorAlreadyCastVote", "file opinion", "file opinion: CouncilNotRegulator",
        "file opinion: CouncilOpinionTooLate", "queue", "queue: GovernorUnexpectedProposalState", "execute",
        "execute add", "execute remove", "execute replace", "execute ceiling", "execute pause",
        "execute: GovernorUnexpectedProposalState", "execute: TimelockUnexpectedOperationState",
        "execute: CouncilSeatUnknown", "execute: CouncilSeatTaken", "execute: CouncilCharterNotSigned",
        "give seat back", "give seat back: CouncilNotSeat", "give seat back: CouncilSeatsTooFew", "state pending",
        "state active", "state defeated", "state succeeded", "state queued", "state executed", "state expired",
    ]  # fmt: skip
    assert [step for step in wanted if reached[step] < LEAST_OF_EACH] == []

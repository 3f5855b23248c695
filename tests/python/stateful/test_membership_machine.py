"""Membership under random applications, votes and guardians, held against a model, and against what the events tell.

What must hold after every step, by number:

5. A participant stands where the last decision about it put it; whatever is refused is refused with the error that its
   standing gives, and nothing else is refused.
6. The counts of roles are those of the Active participants: in the model, in the registry, and in the sets that the
   registry's events alone rebuild.
7. No single key, the deployer's, a guardian's and a founder's included, gets through to a function that is the
   council's: not to admit, promote, move money, or change a fee.
8. A recruiter never changes, and neither does the instant of the first admission.

A run that did not reach every kind of step often enough fails.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass

from eth_abi.abi import decode, encode
from eth_utils.abi import collapse_if_tuple
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from consentry.client.identities import Role, Status
from consentry.deployment import load_parameters
from consentry.deployment.artifacts import load_artifact
from consentry.deployment.plan import CONTRACTS
from consentry.deployment.verify import zero_of
from consentry.devchain import development_account
from tests.helpers.bare_evm import BareNetwork, Refused

RUNS = int(os.environ.get("CONSENTRY_STATEFUL_RUNS", "40"))
STEPS = 60
LEAST_OF_EACH = 5

DEPLOYER, GUARDIAN, TREASURER = (development_account(index).address for index in (0, 2, 3))
FOUNDERS = tuple(development_account(index).address for index in (4, 5, 6))
PEOPLE = tuple(development_account(index).address for index in range(21, 26))
RECRUITER = development_account(30).address
KEYS = (DEPLOYER, *FOUNDERS, *PEOPLE, RECRUITER, TREASURER)
"""Each is one key; the guardian's own functions are tried apart."""

NOBODY = "0x" + "00" * 20
AGREEMENT = load_parameters().charter.agreement
URGENT_SECONDS = 72 * 3_600
ROLES = st.integers(1, int(sum(Role)))
STATUS_EVENTS = {
    keccak(text=signature): name
    for name, signature in {
        "admitted": "ParticipantAdmitted(address,uint8,bytes2,address,bytes32,bool)",
        "roles": "RolesSet(address,uint8)",
        "suspended": "ParticipantSuspended(address,uint48)",
        "reinstated": "ParticipantReinstated(address,bool)",
        "removed": "ParticipantRemoved(address)",
    }.items()
}

reached: Counter[str] = Counter()
"""Steps that were taken in all runs, by kind; refusals by kind and error."""


@dataclass
class Member:
    """What the model knows of a participant."""

    status: Status = Status.NONE
    roles: int = 0
    applied: tuple | None = None
    until: int = 0
    is_spent: bool = False
    recruiter: str = NOBODY
    admitted_at: int = 0


class MembershipMachine(RuleBasedStateMachine):
    """Drive the registry and the model side by side."""

    def __init__(self):
        super().__init__()
        self.network = BareNetwork(load_parameters())
        self.council, self.charter = (self.network.addresses[name] for name in ("CouncilTimelock", "NetworkCharter"))
        self.members = {person: Member() for person in PEOPLE}
        self.active_roles: dict[str, int] = {}
        self.told: dict[str, tuple[str, int]] = {}

    @initialize()
    def found(self):
        """Let the charter be in force, and one recruiter be there."""
        self.network.found(FOUNDERS)
        admission = self.admission(RECRUITER, int(Role.CHANNEL_PARTNER), NOBODY)
        self.network.send(self.charter, "IdentityRegistry", "enrol", admission, AGREEMENT)
        self.network.send(self.council, "IdentityRegistry", "admit", admission)
        self.hear()
        self.members[RECRUITER] = Member(Status.ACTIVE, int(Role.CHANNEL_PARTNER), admitted_at=self.network.now)
        for person in PEOPLE[:3]:
            self.join(person, int(Role.CONSUMER | Role.PROVIDER), is_recruited=True)

    def admission(self, person, roles, recruiter):
        return (person, roles, b"CA", recruiter, keccak(text=f"register {person}"))

    def attempt(self, step, expected, sender, function, *values):
        refusal = None
        try:
            self.network.send(sender, "IdentityRegistry", function, *values)
        except Refused as refused:
            refusal = refused.name
        assert refusal == expected, f"{step}: {refusal or 'carried out'}, the model says {expected or 'carried out'}"
        reached[step if refusal is None else f"{step}: {refusal}"] += 1
        if refusal is None:
            self.hear()
        return refusal is None

    def hear(self):
        """Take down what the registry's events tell, and nothing else."""
        for log in self.network.evm.result.logs:
            name = STATUS_EVENTS.get(bytes.fromhex(log.topics[0].removeprefix("0x")))
            if name is None:
                continue
            identity = to_checksum_address("0x" + log.topics[1][-40:])
            data = bytes(log.data[1])
            status, roles = self.told.get(identity, ("none", 0))
            if name == "admitted":
                self.told[identity] = ("active", decode(["uint8"], data)[0])
            elif name == "roles":
                self.told[identity] = (status, decode(["uint8"], data)[0])
            elif name == "removed":
                self.told[identity] = ("removed", 0)
            else:
                self.told[identity] = ("suspended" if name == "suspended" else "active", roles)

    # ------------------------------------------------------------- steps

    @rule(seconds=st.sampled_from([1, 3_600, URGENT_SECONDS, URGENT_SECONDS]))
    def pass_time(self, seconds):
        self.network.pass_time(seconds)

    @rule(person=st.sampled_from(PEOPLE), roles=ROLES, is_recruited=st.booleans())
    def apply(self, person, roles, is_recruited):
        member, recruiter = self.members[person], RECRUITER if is_recruited else NOBODY
        expected = None
        if member.status in (Status.ACTIVE, Status.SUSPENDED):
            expected = "IdentityRegistryStatusInvalid"
        elif is_recruited and not member.admitted_at and self.members[RECRUITER].status is not Status.ACTIVE:
            expected = "IdentityRegistryRecruiterInvalid"
        admission = self.admission(person, roles, recruiter)
        if self.attempt("apply", expected, self.charter, "enrol", admission, AGREEMENT):
            member.applied = admission
            if member.status is not Status.REMOVED:
                member.status = Status.INVITED

    @rule(person=st.sampled_from(PEOPLE), is_changed=st.sampled_from([False, False, False, True]))
    def admit(self, person, is_changed):
        member = self.members[person]
        admission = member.applied or self.admission(person, int(Role.CONSUMER), NOBODY)
        if is_changed:
            admission = (admission[0], admission[1] ^ int(Role.REGULATOR) or 1, *admission[2:])
        recruiter = admission[3]
        expected = None
        if member.status in (Status.ACTIVE, Status.SUSPENDED):
            expected = "IdentityRegistryStatusInvalid"
        elif recruiter != NOBODY and not member.admitted_at and self.members[RECRUITER].status is not Status.ACTIVE:
            expected = "IdentityRegistryRecruiterInvalid"
        elif admission != member.applied:
            expected = "IdentityRegistryNotApplied"
        if self.attempt("admit", expected, self.council, "admit", admission):
            member.status, member.roles, member.applied = Status.ACTIVE, admission[1], None
            member.until, member.is_spent = 0, False
            if not member.admitted_at:
                member.recruiter, member.admitted_at = recruiter, self.network.now

    @rule(person=st.sampled_from(PEOPLE), roles=ROLES, is_recruited=st.booleans())
    def join(self, person, roles, is_recruited):
        self.apply(person, roles, is_recruited)
        self.admit(person, is_changed=False)

    @rule(person=st.sampled_from(PEOPLE), roles=ROLES)
    def leave_and_join_again(self, person, roles):
        self.remove(person)
        self.join(person, roles, is_recruited=True)

    @rule(person=st.sampled_from((*PEOPLE, RECRUITER)), roles=ROLES)
    def set_roles(self, person, roles):
        member = self.members[person]
        is_member = member.status in (Status.ACTIVE, Status.SUSPENDED)
        roles = int(Role.CHANNEL_PARTNER) if person == RECRUITER else roles
        if self.attempt(
            "set roles", None if is_member else "IdentityRegistryStatusInvalid", self.council, "setRoles", person, roles
        ):
            member.roles = roles

    @rule(person=st.sampled_from((*PEOPLE, RECRUITER)))
    def suspend(self, person):
        member = self.members[person]
        is_member = member.status in (Status.ACTIVE, Status.SUSPENDED)
        if self.attempt(
            "suspend", None if is_member else "IdentityRegistryStatusInvalid", self.council, "suspend", person
        ):
            member.status, member.until, member.is_spent = Status.SUSPENDED, 0, False

    @rule(person=st.sampled_from((*PEOPLE, RECRUITER)))
    def suspend_urgently(self, person):
        member = self.members[person]
        expected = None
        if member.status is not Status.ACTIVE:
            expected = "IdentityRegistryStatusInvalid"
        elif member.is_spent:
            expected = "IdentityRegistrySuspensionSpent"
        if self.attempt("suspend urgently", expected, GUARDIAN, "suspendUrgently", person):
            member.status, member.until, member.is_spent = Status.SUSPENDED, self.network.now + URGENT_SECONDS, True

    @rule(person=st.sampled_from((*PEOPLE, RECRUITER)), then=st.sampled_from(["ratify", "lift", "late", "again"]))
    def suspend_urgently_and(self, person, then):
        """What follows on a guardian's word: the council's, or the end of its time, after which it is spent."""
        self.suspend_urgently(person)
        if then == "ratify":
            self.ratify_suspension(person)
            return
        self.network.pass_time(URGENT_SECONDS)
        if then == "late":
            self.ratify_suspension(person)
        self.lift_suspension(person, DEPLOYER)
        if then == "again":
            self.suspend_urgently(person)

    @rule(person=st.sampled_from((*PEOPLE, RECRUITER)))
    def ratify_suspension(self, person):
        member = self.members[person]
        is_running = member.status is Status.SUSPENDED and member.until != 0
        expected = None if is_running else "IdentityRegistryNothingToRatify"
        if is_running and self.network.now >= member.until:
            expected = "IdentityRegistrySuspensionOver"
        if self.attempt("ratify", expected, self.council, "ratifySuspension", person):
            member.until, member.is_spent = 0, False

    @rule(person=st.sampled_from((*PEOPLE, RECRUITER)))
    def reinstate(self, person):
        member = self.members[person]
        expected = None if member.status is Status.SUSPENDED else "IdentityRegistryStatusInvalid"
        if self.attempt("reinstate", expected, self.council, "reinstate", person):
            member.status, member.until, member.is_spent = Status.ACTIVE, 0, False

    @rule(person=st.sampled_from((*PEOPLE, RECRUITER)), sender=st.sampled_from(KEYS))
    def lift_suspension(self, person, sender):
        member = self.members[person]
        is_over = member.until != 0 and self.network.now >= member.until
        expected = None if is_over else "IdentityRegistrySuspensionRunning"
        if self.attempt("lift", expected, sender, "liftSuspension", person):
            member.status, member.until = Status.ACTIVE, 0

    @rule(person=st.sampled_from(PEOPLE))
    def remove(self, person):
        member = self.members[person]
        is_member = member.status in (Status.ACTIVE, Status.SUSPENDED)
        if self.attempt(
            "remove", None if is_member else "IdentityRegistryStatusInvalid", self.council, "remove", person
        ):
            member.status, member.roles, member.until, member.is_spent = Status.REMOVED, 0, 0, False

    @rule(key=st.sampled_from((*KEYS, GUARDIAN)), data=st.data())
    def trespass(self, key, data):
        contract = data.draw(st.sampled_from(CONTRACTS))
        artifact = load_artifact(contract)
        own = {GUARDIAN: GUARDIANS_OWN, TREASURER: TREASURERS_OWN}.get(key, set())
        guarded = [
            function
            for function in artifact.functions()
            if artifact.selector_of(function) in artifact.privileged and function["name"] not in own
        ]
        if not guarded:
            return
        function = data.draw(st.sampled_from(guarded))
        types = [collapse_if_tuple(item) for item in function.get("inputs", ())]
        call = artifact.selector_of(function) + encode(types, [zero_of(kind) for kind in types])
        try:
            self.network.send_data(key, contract, call)
        except Refused as refused:
            outcome = refused.name
        else:
            outcome = "carried out"
        assert outcome in REFUSED_TO_IT, f"{key} at {contract}.{function['name']}: {outcome}"
        reached["trespass: refused"] += 1

    # ------------------------------------------------------------- what must hold

    @invariant()
    def stands_where_the_last_decision_put_it(self):
        for person, member in self.members.items():
            found = self.network.ask("IdentityRegistry", "participantOf", person)
            recruiter, admitted_at, _, roles, status, _ = found
            assert Status(status) is member.status
            if member.status in (Status.ACTIVE, Status.SUSPENDED):
                assert roles == member.roles
            assert (recruiter.lower(), admitted_at) == (member.recruiter.lower(), member.admitted_at)

    @invariant()
    def counts_the_roles_of_those_who_are_active(self):
        for role in Role:
            counted = self.network.ask("IdentityRegistry", "roleCount", int(role))
            modelled = [
                member for member in self.members.values() if member.status is Status.ACTIVE and member.roles & role
            ]
            told = [roles for status, roles in self.told.values() if status == "active" and roles & role]
            assert counted == len(modelled) == len(told)


GUARDIANS_OWN = {"pauseAdmissions", "suspendUrgently", "pauseGrants", "pauseUses"}
TREASURERS_OWN = {"issue", "settleRedemption"}
REFUSED_TO_IT = {
    "AccessManagedUnauthorized",
    "AccessManagerUnauthorizedAccount",
    "AccessControlUnauthorizedAccount",
    "GovernorOnlyExecutor",
}


def test_a17_counts_roles_as_the_events_tell_them():
    reached.clear()
    run_state_machine_as_test(
        MembershipMachine,
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
        "apply", "apply: IdentityRegistryStatusInvalid", "apply: IdentityRegistryRecruiterInvalid", "admit",
        "admit: IdentityRegistryNotApplied", "admit: IdentityRegistryStatusInvalid", "set roles",
        "set roles: IdentityRegistryStatusInvalid", "suspend", "suspend: IdentityRegistryStatusInvalid",
        "suspend urgently", "suspend urgently: IdentityRegistryStatusInvalid",
        "suspend urgently: IdentityRegistrySuspensionSpent", "ratify", "ratify: IdentityRegistryNothingToRatify",
        "ratify: IdentityRegistrySuspensionOver",
        "reinstate", "reinstate: IdentityRegistryStatusInvalid", "lift", "lift: IdentityRegistrySuspensionRunning",
        "remove", "remove: IdentityRegistryStatusInvalid", "trespass: refused",
    ]  # fmt: skip
    assert [step for step in wanted if reached[step] < LEAST_OF_EACH] == []

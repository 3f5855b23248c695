"""Decide by the council's own ways: propose, hear the regulator, vote, queue, wait and carry out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import brownie
from brownie.network.account import Account
from brownie.network.contract import ProjectContract
from brownie.network.transaction import TransactionReceipt
from eth_account import Account as Key
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.helpers.clock import mine_at
from tests.helpers.network import System, charter_domain, key_of

AGAINST, FOR, ABSTAIN = range(3)
"""How a seat votes."""

PENDING, ACTIVE, CANCELED, DEFEATED, SUCCEEDED, QUEUED, EXPIRED, EXECUTED = range(8)
"""How a proposal stands."""

NO_OPINION, FAVOURABLE, NEUTRAL, ADVERSE = range(4)
"""What a regulator thinks of it."""

PILOT, GROWTH, OPEN = range(3)
"""How far a network has come."""

DOCUMENT = keccak(text="a document")
JURISDICTION = b"DE"
SIGN_SECONDS = 86_400

Action = tuple[object, ...]
"""A contract, the name of its function, and its arguments."""


@dataclass(frozen=True)
class Proposal:
    """A proposal, as it was made."""

    id: int
    targets: tuple[ProjectContract, ...]
    data: tuple[str, ...]
    description: str

    def arguments(self) -> tuple[object, ...]:
        """Return what queueing, carrying out and cancelling take."""
        return list(self.targets), [0] * len(self.data), list(self.data), keccak(text=self.description)

    def batch(self, council: ProjectContract) -> tuple[object, ...]:
        """Return it as the timelock knows it."""
        own = int(council.address, 16) << 96
        salt = (own ^ int.from_bytes(keccak(text=self.description), "big")).to_bytes(32, "big")
        return (*self.arguments()[:3], bytes(32), salt)


class Votes:
    """The council of a network with the accounts that speak for its seats.

    Args:
        system: The network.
        seats: In favour of everything, unless a test says otherwise.
        regulator: Finds everything favourable, likewise.
        carrier: Sends what anyone may send.
    """

    def __init__(self, system: System, seats: Sequence[Account], regulator: Account, carrier: Account) -> None:
        self.system, self.council, self.seats = system, system.council, tuple(seats)
        self.regulator, self.carrier = regulator, carrier
        self._numbers = itertools.count(1)

    # ------------------------------------------------------------- one step

    def propose(self, *actions: Action, by: Account | None = None) -> Proposal:
        """Propose what the actions say; no two proposals are the same."""
        targets = tuple(target for target, *_ in actions)
        data = tuple(getattr(target, function).encode_input(*values) for target, function, *values in actions)
        description = f"proposal {next(self._numbers)}"
        arguments = list(targets), [0] * len(data), list(data), description
        tx = self.council.propose(*arguments, {"from": by or self.seats[0]})
        return Proposal(tx.events["ProposalCreated"]["proposalId"], targets, data, description)

    def opine(self, proposal: Proposal, opinion: int = FAVOURABLE, by: Account | None = None) -> TransactionReceipt:
        """File an opinion as a regulator."""
        regulator = by or self.regulator
        arguments = proposal.id, regulator, opinion, DOCUMENT, JURISDICTION
        return self.council.fileOpinion(*arguments, {"from": regulator})

    def begin(self, proposal: Proposal) -> None:
        """Let voting begin."""
        self._reach(self.council.proposalSnapshot(proposal.id) + 1)

    def vote(self, proposal: Proposal, *voters: Account, support: int = FOR) -> None:
        """Vote as these seats, once voting has begun."""
        self.begin(proposal)
        for voter in voters:
            self.council.castVote(proposal.id, support, {"from": voter})

    def end(self, proposal: Proposal) -> None:
        """Let voting end."""
        self._reach(self.council.proposalDeadline(proposal.id) + 1)

    def queue(self, proposal: Proposal) -> TransactionReceipt:
        """Queue what carried."""
        return self.council.queue(*proposal.arguments(), {"from": self.carrier})

    def wait(self, proposal: Proposal) -> None:
        """Let the timelock's delay pass."""
        self._reach(self.council.proposalEta(proposal.id))

    def execute(self, proposal: Proposal) -> TransactionReceipt:
        """Carry out what was queued."""
        return self.council.execute(*proposal.arguments(), {"from": self.carrier})

    def state(self, proposal: Proposal) -> int:
        """Return how a proposal stands."""
        return self.council.state(proposal.id)

    # ------------------------------------------------------------- several steps

    def voted(self, *actions: Action, opinion: int = FAVOURABLE, voters: Sequence[Account] | None = None) -> Proposal:
        """Propose, hear the regulator where an opinion is needed, and vote to the end.

        Args:
            actions: What is proposed.
            opinion: The regulator's, or NO_OPINION where it keeps silent.
            voters: Who votes in favour, or None for every seat.
        """
        proposal = self.propose(*actions)
        if opinion != NO_OPINION and not self.council.opinionsOn(proposal.id)[0]:
            self.opine(proposal, opinion)
        self.vote(proposal, *(self.seats if voters is None else voters))
        self.end(proposal)
        return proposal

    def queued(self, *actions: Action) -> Proposal:
        """Carry it as far as the end of the timelock's delay, with two thirds of the seats."""
        proposal = self.voted(*actions, voters=self.seats[: (2 * len(self.seats) + 2) // 3])
        self.queue(proposal)
        self.wait(proposal)
        return proposal

    def carry(self, *actions: Action) -> TransactionReceipt:
        """Carry it out."""
        return self.execute(self.queued(*actions))

    def sign_charter(self, version: int, *signers: Account) -> None:
        """Sign a version of the charter for identities that own themselves."""
        for signer in signers:
            signature = charter_signature(self.system, version, signer)
            self.system.charter.sign(version, signer, signature, {"from": self.carrier})

    def grow(self, *newcomers: Account, seat_cap: int = 7) -> Votes:
        """Take the network to its growth phase, give newcomers seats, and return the council that it has then."""
        charter, version = self.system.charter, self.system.charter.latestVersion() + 1
        self.carry((charter, "proposeVersion", DOCUMENT, GROWTH, seat_cap, SIGN_SECONDS))
        self.sign_charter(version, *self.seats, *newcomers)
        if newcomers:
            self.carry(*((self.council, "addSeat", newcomer) for newcomer in newcomers))
        grown = Votes(self.system, (*self.seats, *newcomers), self.regulator, self.carrier)
        grown._numbers = self._numbers
        return grown

    def _reach(self, at: int) -> None:
        if brownie.chain[-1].timestamp < at:
            mine_at(at)


def only(*states: int) -> bytes:
    """Return states as the council names those that it expected: a bit for each, in 32 bytes."""
    return sum(1 << state for state in states).to_bytes(32, "big")


def charter_signature(system: System, version: int, owner: Account, *, signer: str | None = None) -> bytes:
    """Sign a version of the charter with an account's key, in its own name or in a contract's."""
    document, phase, seat_cap, _, _ = system.charter.versionOf(version)
    message = {
        "document": bytes(document),
        "phase": phase,
        "seats": seat_cap,
        "version": version,
        "signer": signer or owner.address,
    }
    return charter_domain(system).sign(key_of(owner), "Charter", message)


def ballot_signature(
    system: System,
    account: Account,
    message: Mapping[str, object],
    *,
    chain_id: int | None = None,
    contract: str | None = None,
) -> bytes:
    """Sign a vote with an account's key, as the council takes it: with reason and params where they are given.

    Args:
        system: The network.
        account: Whose key signs.
        message: What is signed, by the names of the members.
        chain_id: Of another chain, or None for this one.
        contract: Another verifying contract, or None for the council.
    """
    members = {"proposalId": "uint256", "support": "uint8", "voter": "address", "nonce": "uint256"}
    members |= {"reason": "string", "params": "bytes"} if "reason" in message else {}
    signable = encode_typed_data(
        domain_data={
            "name": system.council.name(),
            "version": "1",
            "chainId": chain_id or system.manifest.chain_id,
            "verifyingContract": contract or system.council.address,
        },
        message_types={
            "ExtendedBallot" if "reason" in message else "Ballot": [
                {"name": name, "type": kind} for name, kind in members.items()
            ]
        },
        message_data=dict(message),
    )
    return bytes(Key.sign_message(signable, key_of(account).key).signature)

"""Every function that writes, called as everybody: who may is who stands in `docs/roles.md`, and nobody else.

All calls are `eth_call`s on one prepared network, in which each of them would succeed for the one who may: an exchange
stands in every state, deadlines are over, something waits for everybody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import brownie
import pytest
import requests
from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from consentry.client.consents import salt_of
from consentry.client.signing import TypedDomain
from tests.helpers import network
from tests.helpers.arbitration import extra_data
from tests.helpers.exchanges import NO_EXCHANGE
from tests.helpers.reverts import decode_error, revert_data
from tests.helpers.roles import ANYONE, NOBODY, PAGE, SIGNED, read_roles
from tests.helpers.running import CIPHERTEXT_HASH, REASON, Running
from tests.helpers.votes import FOR, ballot_signature

ABI = Path(__file__).resolve().parents[3] / "snapshots" / "abi"
DAY_SECONDS = 86_400
FAR = 2**48 - 1
GUARDIAN, TREASURER = 1, 2
KINDS = ("exchange", "delivery", "deposit", "sigAuth")
"""Kinds of delegate. A key of the last kind may do nothing here."""

NOT_ASKED = ("relayer", "other_channel_partner", "second_founder", "third_founder")
"""Actors who are, to every contract, what `stranger`, `channel_partner` and `founder` are."""

DONE = ("done",)
NOTHING = ("a revert without data",)
"""What became of a call; else it is the error's name and values."""

Refusal = Callable[[str], tuple]
"""What a caller gets: an error's name and values, by the caller's address. `...` is any value."""


@dataclass(frozen=True)
class Case:
    """How a function is called.

    Attributes:
        arguments: Values, or a function from the caller's address to them; None where it takes a signature alone.
        refusal: What whoever may not is refused with; None where there is no such one.
        of: Whose owner, account holder and delegates the page speaks of.
        answer: What becomes of the call of whoever may, or of some of them where anyone may.
        signed: Arguments that carry the right signature.
        unsigned: The same with another signature or none, and what they are refused with; the signer's own call apart.
        signer: Who signed, where its own call needs no signature.
    """

    arguments: tuple | Callable[[str], tuple] | None = None
    refusal: Refusal | None = None
    of: str = "consumer"
    answer: tuple = DONE
    signed: tuple | None = None
    unsigned: tuple[tuple, tuple] | None = None
    signer: str | None = None

    def arguments_of(self, caller):
        return self.arguments(caller) if callable(self.arguments) else self.arguments


@dataclass(frozen=True)
class Scene:
    """The prepared network.

    Attributes:
        contracts: By name.
        callers: Addresses of everybody, by name.
        cases: How each function is called, by contract and function.
    """

    contracts: Mapping[str, object]
    callers: Mapping[str, str]
    cases: Mapping[tuple[str, str], Case]

    def call_as_everybody(self, contract: str, function: str, arguments) -> dict[str, tuple]:
        """Call a function as everybody, in one request.

        Args:
            contract: Its name.
            function: Its name.
            arguments: A function from the caller's address to the arguments.

        Returns:
            What became of it, by the caller's name.
        """
        target = self.contracts[contract]
        calls = [
            {
                "from": address,
                "to": target.address,
                "data": getattr(target, function).encode_input(*arguments(address)),
                "gas": hex(10_000_000),
            }
            for address in self.callers.values()
        ]
        batch = [
            {"jsonrpc": "2.0", "id": number, "method": "eth_call", "params": [call, "latest"]}
            for number, call in enumerate(calls)
        ]
        answers = requests.post(brownie.web3.provider.endpoint_uri, json=batch, timeout=60).json()
        ordered = sorted(answers, key=lambda answer: answer["id"])
        return dict(zip(self.callers, map(outcome_of, ordered), strict=True))

    def means(self, phrase: str, case: Case) -> str:
        """Return whom a phrase of the page means in a case."""
        if phrase in ("the owner", "the account holder", "the proposer"):
            return case.of
        if phrase == "a seat":
            return "founder"
        if phrase.startswith("its "):
            return f"{case.of}'s {phrase.removeprefix('its ')}"
        return "council" if phrase == "whoever may call the target" else phrase.removeprefix("the ")


def outcome_of(answer: Mapping) -> tuple:
    """Return what became of a call: done, or the error's name and values."""
    if "error" not in answer:
        return DONE
    assert "revert" in answer["error"]["message"].lower(), answer["error"]
    data = revert_data(ValueError(answer["error"]))
    if data is None:
        return NOTHING
    decoded = decode_error(data)
    assert decoded is not None, f"no contract here declares 0x{data.hex()}"
    name, _, values = decoded
    return name, *values


def is_same(found: tuple, wanted: tuple) -> bool:
    return len(found) == len(wanted) and all(want in (..., value) for value, want in zip(found, wanted, strict=True))


# ---------------------------------------------------------------- what is compared


def missing_rows(who) -> list[str]:
    """Return what the page and the contracts' interfaces do not have in common."""
    functions = {(file.stem, name) for file in ABI.glob("*.json") for name in functions_of(file)}
    missing = [f"{contract}.{function} has no row" for contract, function in sorted(functions - set(who))]
    return missing + [f"there is no {contract}.{function}" for contract, function in sorted(set(who) - functions)]


def functions_of(file: Path) -> Iterator[str]:
    """Return the functions of an interface that write, and those that only refuse: pure, and they return nothing."""
    for item in json.loads(file.read_text(encoding="utf-8")):
        if item["type"] == "function":
            is_refusal = item["stateMutability"] == "pure" and not item["outputs"]
            if is_refusal or item["stateMutability"] not in ("view", "pure"):
                yield item["name"]


def wrong_rows(scene: Scene, who) -> list[str]:
    """Return every row that the contracts do not bear out, and how."""
    access_errors = {case.refusal(network.NOBODY)[0] for case in scene.cases.values() if case.refusal}
    found = []
    for (contract, function), phrases in who.items():
        case = scene.cases[contract, function]
        spoken = [phrase for phrase in phrases if not SIGNED.fullmatch(phrase)]
        faults = [
            *(spoken_faults(scene, contract, function, spoken, access_errors) if spoken else ()),
            *(signed_faults(scene, contract, function) if spoken != list(phrases) else ()),
        ]
        if (case.signed is None) != (spoken == list(phrases)):
            faults.append("is called with a signature, or is not, against the page")
        found += [f"{contract}.{function} {fault}" for fault in faults]
    return found


def spoken_faults(scene: Scene, contract, function, phrases, access_errors) -> Iterator[str]:
    """Return where calls in the callers' own names end otherwise than the page says."""
    case = scene.cases[contract, function]
    if case.arguments is None:
        yield "has no call without a signature"
        return
    outcomes = scene.call_as_everybody(contract, function, case.arguments_of)
    if phrases == [ANYONE]:
        for caller, outcome in outcomes.items():
            if outcome[0] in access_errors:
                yield f"refuses {caller} with {outcome}"
        if not any(is_same(outcome, case.answer) for outcome in outcomes.values()):
            yield f"is {case.answer} for nobody: {outcomes}"
        return
    may = {scene.means(phrase, case) for phrase in phrases} - {NOBODY}
    if case.refusal is None or not may <= set(scene.callers):
        yield f"is open to all, or {may} are not all known"
        return
    for caller, outcome in outcomes.items():
        wanted = case.answer if caller in may else case.refusal(scene.callers[caller])
        if not is_same(outcome, wanted):
            yield f"answers {caller} with {outcome}, not {wanted}"


def signed_faults(scene: Scene, contract, function) -> Iterator[str]:
    """Return where calls that carry a signature are not done for all, or are without the signature."""
    case = scene.cases[contract, function]
    if case.signed is None or case.unsigned is None:
        yield "has no call with a signature"
        return
    for caller, outcome in scene.call_as_everybody(contract, function, lambda _: case.signed).items():
        if outcome != DONE:
            yield f"answers {caller} with {outcome}, who carries the signature"
    arguments, refusal = case.unsigned
    for caller, outcome in scene.call_as_everybody(contract, function, lambda _: arguments).items():
        if caller != case.signer and not is_same(outcome, refusal):
            yield f"answers {caller} with {outcome}, who carries no signature; not {refusal}"


# ---------------------------------------------------------------- the prepared network


@pytest.fixture
def scene(
    system,
    actors,
    council,
    votes,
    words,
    signer_of,
    fresh_subject,
    unused_account,
    participant_in,
    prepay,
    issue_credit,
    funded,
    mine_at,
):
    """The network with something to do for everybody."""
    consumer, provider, host = (actors[role] for role in ("consumer", "provider", "host"))
    guardian, relayer = actors["guardian"], actors["relayer"]
    escrow, credit, consents, identities = system.escrow, system.credit, system.consents, system.identities

    def opening_of(given):
        return given.sealed.arguments(), 1, given.opened.consumer, salt_of(given.opened.seed, 0)

    def deliver(running):
        tx = escrow.deliver(*running.description(), CIPHERTEXT_HASH, provider, b"", {"from": provider})
        return replace(running, delivered_at=tx.timestamp)

    def dispute(running):
        tx = escrow.dispute(*running.delivery(), REASON, consumer, b"", {"from": consumer})
        return replace(running, bond=tx.events["ExchangeDisputed"]["bond"], disputed_at=tx.timestamp)

    def withdraw_unnoticed(running):
        given = running.funded.given
        consents.withdraw(given.sealed.arguments(), NO_EXCHANGE, words.sign_withdrawal(given), {"from": relayer})
        return running

    # What waits until its time is over: a month passes.
    prepay(consumer, 10 * words.fee)
    issue_credit(consumer, 1_000)
    credit.requestRedemption(100, {"from": consumer})
    suspended_urgently = participant_in("active", network.CONSUMER)
    identities.suspendUrgently(suspended_urgently, {"from": guardian})
    undelivered, refund_due = Running(funded()), withdraw_unnoticed(Running(funded()))
    unchallenged, disputed, settled = (deliver(Running(funded())) for _ in range(3))
    disputed = dispute(disputed)
    escrow.accept(*settled.delivery(), consumer, b"", {"from": consumer})
    overdue, due, unopened = (deliver(Running(funded())) for _ in range(3))
    for running in (overdue, due, unopened):
        escrow.accept(*running.delivery(), consumer, b"", {"from": consumer})
        withdraw_unnoticed(running)
    for running in (overdue, due):
        system.erasures.open(*opening_of(running.funded.given), {"from": relayer})
    started_at = brownie.chain[-1].timestamp
    mine_at(started_at + 27 * DAY_SECONDS)
    new_ceiling = (credit, "setCeiling", credit.ceiling() + 1)
    queued, succeeded = votes.queued(new_ceiling), votes.voted(new_ceiling)
    escrow.announceWithdrawal(consumer, 1, {"from": consumer})
    mine_at(started_at + 31 * DAY_SECONDS)

    # What is about to happen.
    newcomer, new_regulator, applicant = (unused_account() for _ in range(3))
    admissions = [
        network.admission_of(newcomer, network.CONSUMER),
        network.admission_of(new_regulator, network.REGULATOR),
    ]
    for admission in admissions:
        network.apply(system, admission, relayer)
    running, delivered = Running(funded()), deliver(Running(funded()))
    contested, submitted = (dispute(deliver(Running(funded()))) for _ in range(2))
    dispute_id = system.disputes.submit(*submitted.dispute(), {"from": relayer}).return_value
    suspended, other = participant_in("suspended", network.CONSUMER), unused_account()
    suspended_lately = participant_in("active", network.CONSUMER)
    identities.suspendUrgently(suspended_lately, {"from": guardian})
    identities.blockForErasure(host, {"from": network.account_of(system.erasures)})
    credit.approve(escrow, 10, {"from": consumer})
    credit.approve(actors["stranger"], 10, {"from": consumer})
    callers = {role.replace("_", " "): account.address for role, account in actors.items() if role not in NOT_ASKED}
    for participant, account in (("consumer", consumer), ("provider", provider)):
        for kind in KINDS:
            key = unused_account()
            identities.addDelegate(account, padded(kind), key, DAY_SECONDS, {"from": account})
            callers[f"{participant}'s {kind} delegate"] = key.address
    callers |= {
        "subject": running.funded.given.opened.subject,
        "council": council.address,
        "council contract": system.council.address,
        "charter": system.charter.address,
        "access manager": system.access.address,
        "directory": system.directory.address,
        "escrow": escrow.address,
        "consent token": consents.address,
        "relayer": relayer.address,
        "batches": system.batches.address,
        "host rewards": system.host_rewards.address,
        "disputes": system.disputes.address,
        "arbitrator": system.panel.address,
        "erasure register": system.erasures.address,
    }

    given, allotted = words.give(fresh_subject()), words.give(fresh_subject(), nonce=7)
    order = words.order()
    batch, batch_item = words.batch(relayer=relayer), words.item(allotted)
    schema_uri, purpose_urn = "urn:example:schema", "urn:example:purpose"
    pause_data = consents.setGrantsPausedUntil.encode_input(0)
    pause_selector = pause_data[:10]
    permit = sign_permit(credit, signer_of(consumer), escrow.address, 10)

    def at_once(order_signature):
        """Return what `exchange` takes beside consent and order: the provider's word, and no acceptance."""
        exchange = order.exchange(given.opened, given.id, 1, disputed.exchange.shares)
        delivery = words.sign_delivery(exchange, CIPHERTEXT_HASH, signer_of(provider))
        return CIPHERTEXT_HASH, order_signature, provider, delivery, network.NOBODY, b"", given.signature

    def managed(*arguments, **changes):
        return Case(arguments, lambda caller: ("AccessManagedUnauthorized", caller), **changes)

    def administered(*arguments):
        return Case(arguments, lambda caller: ("AccessManagerUnauthorizedAccount", caller, 0))

    def owners(*arguments):
        return Case((consumer, *arguments), lambda caller: ("IdentityRegistryNotOwner", consumer.address, caller))

    def account_holders(participant, *arguments, of="consumer", error="FeeEscrowNotAccountHolder"):
        return Case((participant, *arguments), lambda caller: (error, participant.address, caller), of=of)

    def acting(participant, kind):
        return lambda caller: ("IdentityRegistryNotActor", participant.address, hexed(padded(kind)), caller)

    def carried(type_name, **fields):
        message = {"identity": consumer.address, **fields, "nonce": 1, "deadline": FAR, "signer": consumer.address}
        domain = TypedDomain("identity_registry", system.manifest.chain_id, identities.address)
        values = tuple(message.values())
        refusal = ("IdentityRegistrySignatureInvalid", consumer.address, ...)
        return Case(
            signed=(*values, domain.sign(signer_of(consumer), type_name, message)), unsigned=((*values, b""), refusal)
        )

    def step(participant, name, kind, before, signature):
        return Case(
            lambda caller: (*before, caller, b""),
            acting(participant, kind),
            of=name,
            signed=(*before, participant, signature),
            unsigned=((*before, participant, b""), ("FeeEscrowSignatureInvalid", participant.address, ...)),
            signer=name,
        )

    def consumed(caller):
        managed = {each.address for each in system.contracts().values() if "isConsumingScheduledOp" in each.signatures}
        return ("AccessManagerUnauthorizedConsume", caller) if caller in managed else NOTHING

    def unauthorised_call(caller):
        return "AccessManagerUnauthorizedCall", caller, consents.address, pause_selector

    def not_transferable(_):
        return ("ConsentTokenNotTransferable",)

    def not_escrow(caller):
        return "ConsentTokenNotEscrow", caller

    def not_host_rewards(caller):
        return "FeeEscrowNotHostRewards", caller

    delegate_fields = {"delegateType": padded("veriKey"), "delegate": other.address}
    attribute_fields = {"name": padded("did/svc/Hub"), "value": b"https://hub.example"}
    deposit_word = acting(consumer, "deposit")
    funding = (given.opened.arguments(), order.arguments(), given.signature)
    ending = (given.sealed.arguments(), given.signature)
    withdrawal = (running.funded.given.sealed.arguments(), *running.description())
    subject = running.funded.given.opened.subject
    opening = opening_of(unopened.funded.given)
    confirmation = (consumer, [due.id], bytes(32))
    confirmed = TypedDomain("erasure_register", system.manifest.chain_id, system.erasures.address).sign(
        signer_of(consumer),
        "Confirmation",
        {"consumer": consumer.address, "exchanges": [due.id], "statement": bytes(32), "signer": consumer.address},
    )
    acceptance = words.sign_acceptance(delivered.exchange, CIPHERTEXT_HASH, signer_of(consumer))
    complaint = words.sign_dispute(delivered.exchange, CIPHERTEXT_HASH, REASON, signer_of(consumer))
    delivery = words.sign_delivery(running.exchange, CIPHERTEXT_HASH, signer_of(provider))
    refusal = words.sign_decline(running.exchange, REASON, signer_of(provider))
    open_proposal = votes.propose(new_ceiling)
    votes.begin(open_proposal)
    pending = votes.propose(new_ceiling)
    ballot = (open_proposal.id, FOR, actors["founder"].address)
    agreement = {
        "document": bytes(system.charter.agreement()),
        "participant": applicant.address,
        "roles": network.CONSUMER,
        "jurisdiction": network.JURISDICTION,
        "legalId": network.legal_id_of(applicant),
        "inviter": network.NOBODY,
        "nonce": 1,
        "signer": applicant.address,
    }
    application = (*list(agreement.values())[1:5], network.NOBODY, 0, 0, 1)
    first_charter = {
        "document": bytes(system.charter.versionOf(1)[0]),
        "phase": 0,
        "seats": 3,
        "version": 1,
        "signer": consumer.address,
    }
    charter_domain = network.charter_domain(system)

    def by_vote(*arguments):
        # Within a proposal that is being carried out, and there is none.
        return Case(arguments, lambda caller: ("GovernorOnlyExecutor", caller), answer=("Panic", 0x31))

    def by_council(role, *arguments, **changes):
        return Case(
            arguments, lambda caller: ("AccessControlUnauthorizedAccount", caller, hexed(keccak(text=role))), **changes
        )

    def by_seats(*arguments):
        return Case((open_proposal.id, FOR, *arguments), lambda caller: ("CouncilNotSeat", caller))

    def role_fixed(caller):
        if caller == council.address:
            return ("CouncilTimelockRolesFixed",)
        return "AccessControlUnauthorizedAccount", caller, hexed(bytes(32))

    def no_deposit(_):
        return ("GovernorDisabledDeposit",)

    def disabled(function):
        return lambda _: ("CouncilFunctionDisabled", function.signature)

    def voted(arguments, **more):
        fields = {
            "proposalId": open_proposal.id,
            "support": FOR,
            "voter": actors["founder"].address,
            "nonce": 0,
            **more,
        }
        unsigned = (*arguments, b"")
        return Case(
            signed=(*arguments, ballot_signature(system, actors["founder"], fields)),
            unsigned=(unsigned, ("GovernorInvalidSignature", actors["founder"].address)),
        )

    operation = (system.credit, 0, system.credit.setCeiling.encode_input(1), bytes(32), bytes(32))
    operations = ([system.credit], [0], [operation[2]], bytes(32), bytes(32))
    delay = system.parameters.council.timelock_seconds
    proposer_role = hexed(keccak(text="PROPOSER_ROLE"))
    token_sent, tokens_sent = (other, other, 1, 1, b""), (other, other, [1], [1], b"")
    cases = {
        "NetworkCharter": {
            "proposeVersion": managed(REASON, 1, 7, 3_600),
            "sign": Case(
                signed=(1, consumer, charter_domain.sign(signer_of(consumer), "Charter", first_charter)),
                unsigned=((1, consumer, b""), ("NetworkCharterSignatureInvalid", consumer.address, ...)),
            ),
            # There is no version that waits for it.
            "bringIntoForce": Case((), answer=("NetworkCharterVersionUnknown", 2)),
            "setAgreement": managed(REASON),
            "applyForMembership": Case(
                signed=(application, b"", charter_domain.sign(signer_of(applicant), "Agreement", agreement)),
                unsigned=((application, b"", b""), ("NetworkCharterSignatureInvalid", applicant.address, ...)),
            ),
            "invalidateNonces": Case((0, 1)),
        },
        "Council": {
            "propose": Case(
                ([system.credit], [0], [operation[2]], "another"),
                lambda caller: ("GovernorInsufficientProposerVotes", caller, 0, 1),
            ),
            "cancel": Case(
                pending.arguments(), lambda caller: ("GovernorUnableToCancel", pending.id, caller), of="founder"
            ),
            "castVote": by_seats(),
            "castVoteWithReason": by_seats("a reason"),
            "castVoteWithReasonAndParams": by_seats("a reason", b""),
            "castVoteBySig": voted(ballot),
            "castVoteWithReasonAndParamsBySig": voted((*ballot, "a reason", b"\1"), reason="a reason", params=b"\1"),
            "fileOpinion": Case(
                (open_proposal.id, actors["regulator"], 1, REASON, b"DE"),
                lambda caller: ("CouncilNotRegulator", actors["regulator"].address, caller),
                of="regulator",
            ),
            "queue": Case(succeeded.arguments()),
            "execute": Case(queued.arguments()),
            "addSeat": by_vote(consumer),
            "removeSeat": by_vote(actors["founder"]),
            "replaceSeat": by_vote(actors["founder"], consumer),
            "giveSeatBack": Case((), lambda caller: ("CouncilNotSeat", caller), answer=("CouncilSeatsTooFew", 2, 3)),
            "setPeriods": by_vote((60, 3_600, 3_600)),
            "setExemption": by_vote(system.credit, system.credit.setCeiling.signature, True),
            "relay": Case((system.credit, 0, operation[2]), disabled(system.council.relay)),
            "updateTimelock": Case((other,), disabled(system.council.updateTimelock)),
            "onERC721Received": Case((other, other, 1, b""), no_deposit),
            "onERC1155Received": Case(token_sent, no_deposit),
            "onERC1155BatchReceived": Case(tokens_sent, no_deposit),
        },
        "CouncilTimelock": {
            "schedule": by_council("PROPOSER_ROLE", *operation, delay),
            "scheduleBatch": by_council("PROPOSER_ROLE", *operations, delay),
            "cancel": by_council("CANCELLER_ROLE", system.timelock.hashOperationBatch(*queued.batch(system.council))),
            # What is ready was queued as a batch.
            "execute": by_council("EXECUTOR_ROLE", *operation, answer=("TimelockUnexpectedOperationState", ..., ...)),
            "executeBatch": by_council("EXECUTOR_ROLE", *queued.batch(system.council)),
            "updateDelay": Case((60,), lambda caller: ("TimelockUnauthorizedCaller", caller)),
            "grantRole": Case((proposer_role, other), role_fixed),
            "revokeRole": Case((proposer_role, system.council), role_fixed),
            "renounceRole": Case(lambda caller: (proposer_role, caller), lambda _: ("CouncilTimelockRolesFixed",)),
            "onERC721Received": Case((other, other, 1, b"")),
            "onERC1155Received": Case(token_sent),
            "onERC1155BatchReceived": Case(tokens_sent),
        },
        "NetworkAccess": {
            "grantRole": administered(GUARDIAN, other, 0),
            "revokeRole": administered(GUARDIAN, guardian),
            "renounceRole": Case(lambda caller: (GUARDIAN, caller)),
            "labelRole": administered(GUARDIAN, "guardian"),
            "setRoleAdmin": administered(GUARDIAN, TREASURER),
            "setRoleGuardian": administered(GUARDIAN, TREASURER),
            "setGrantDelay": administered(GUARDIAN, 5),
            "setTargetFunctionRole": administered(consents, [pause_selector], TREASURER),
            "setTargetAdminDelay": administered(consents, 5),
            "setTargetClosed": administered(consents, True),
            "updateAuthority": administered(consents, system.access),
            "execute": Case((consents, pause_data), unauthorised_call),
            "multicall": Case(([],)),
            "schedule": Case((consents, pause_data, 0), unauthorised_call),
            "cancel": Case(lambda caller: (caller, consents, pause_data), lambda _: ("AccessManagerNotScheduled", ...)),
            "consumeScheduledOp": Case(lambda caller: (caller, pause_data), consumed),
        },
        "NetworkDirectory": {"set": managed(padded("Another"), escrow)},
        "IdentityRegistry": {
            "changeOwner": owners(other),
            "addDelegate": owners(padded("veriKey"), other, DAY_SECONDS),
            "revokeDelegate": owners(padded("veriKey"), other),
            "setAttribute": owners(*attribute_fields.values(), DAY_SECONDS),
            "revokeAttribute": owners(*attribute_fields.values()),
            "setPayoutAddress": owners(other),
            "deactivate": owners(),
            "changeOwnerSigned": carried("ChangeOwner", newOwner=other.address),
            "addDelegateSigned": carried("AddDelegate", **delegate_fields, validity=DAY_SECONDS),
            "revokeDelegateSigned": carried("RevokeDelegate", **delegate_fields),
            "setAttributeSigned": carried("SetAttribute", **attribute_fields, validity=DAY_SECONDS),
            "revokeAttributeSigned": carried("RevokeAttribute", **attribute_fields),
            "setPayoutAddressSigned": carried("SetPayoutAddress", payoutAddress=other.address),
            "deactivateSigned": carried("Deactivate"),
            "invalidateNonces": Case((0, 1)),
            "enrol": Case(
                (network.admission_of(other, network.CONSUMER), network.AGREEMENT),
                lambda caller: ("IdentityRegistryNotCharter", caller),
            ),
            "admit": managed(admissions[0]),
            "admitRegulator": managed(admissions[1]),
            "ratifySuspension": managed(suspended_lately),
            "setCharter": managed(system.charter),
            "setRoles": managed(host, network.HOST | network.CONSUMER),
            "suspend": managed(host),
            "suspendUrgently": managed(host),
            "reinstate": managed(suspended),
            "liftSuspension": Case((suspended_urgently,)),
            "remove": managed(host),
            "recoverOwner": managed(consumer, other),
            "pauseAdmissions": managed(),
            "setAdmissionsPausedUntil": managed(0),
            "blockForErasure": managed(provider),
            "unblockForErasure": Case(
                (host,), lambda caller: ("IdentityRegistryErasureNotOverdue", host.address, caller)
            ),
        },
        "ErasureRegister": {
            "open": Case(opening),
            # There is no batch that used it.
            "openForBatch": Case(
                (opening[0], *opening[2:], 1, REASON, []),
                answer=("ErasureRegisterProofInvalid", hexed(unopened.funded.given.id), hexed(REASON)),
            ),
            "confirm": Case(
                lambda caller: (*confirmation, caller, b""),
                acting(consumer, "exchange"),
                signed=(*confirmation, consumer, confirmed),
                unsigned=((*confirmation, consumer, b""), ("ErasureRegisterSignatureInvalid", consumer.address, ...)),
                signer="consumer",
            ),
            "report": Case((overdue.id,)),
        },
        "SchemaRegistry": {
            "registerSchema": managed(keccak(text=schema_uri), REASON, schema_uri, ["given_name"]),
            "registerPurpose": managed(keccak(text=purpose_urn), purpose_urn),
            "accreditProvider": managed(given.opened.schema, provider, 1, FAR),
            "accreditConsumer": managed(given.opened.schema, given.opened.purpose, consumer, FAR),
            "withdrawProviderAccreditation": managed(given.opened.schema, provider),
            "withdrawConsumerAccreditation": managed(given.opened.schema, given.opened.purpose, consumer),
        },
        "ConsentToken": {
            "grant": Case(
                signed=ending,
                unsigned=((ending[0], b""), ("ConsentTokenSignatureInvalid", hexed(given.id), given.opened.subject)),
            ),
            "withdraw": Case(
                (*withdrawal, b""),
                lambda caller: ("ConsentTokenNotSubject", subject, caller),
                signed=(*withdrawal, words.sign_withdrawal(running.funded.given)),
                unsigned=((*withdrawal, given.signature), ("ConsentTokenSignatureInvalid", ..., subject)),
            ),
            "useConsent": Case((given.signature, given.opened.provider, given.opened.arguments()), not_escrow),
            "useAllotted": Case((batch.arguments(), [batch_item.arguments()]), not_escrow),
            "setEscrowNote": Case((0,), not_escrow),
            "addEscrow": managed(council, answer=("ConsentTokenEscrowInvalid", council.address)),
            "pauseGrants": managed(),
            "setGrantsPausedUntil": managed(0),
            "pauseUses": managed(),
            "setUsesPausedUntil": managed(0),
            "approve": Case((other, 1), not_transferable),
            "setApprovalForAll": Case((other, True), not_transferable),
            "transferFrom": Case((consumer, other, 1), not_transferable),
            "safeTransferFrom": Case((consumer, other, 1, b""), not_transferable),
        },
        "FeeSchedule": {
            "publish": managed((10_000 << 64, 0, 0, 0), [(given.opened.schema, 1, 1)]),
        },
        "FeeEscrow": {
            "deposit": Case((consumer, 1)),
            "depositOwn": Case((consumer, 1), deposit_word),
            "depositWithPermit": Case((consumer, 1, *permit), deposit_word),
            "announceWithdrawal": account_holders(consumer, 1),
            "withdrawPrepaid": account_holders(consumer),
            "withdrawEarned": account_holders(provider, of="provider"),
            "fund": Case(
                lambda caller: (*funding[:1], replace(order, signer=caller).arguments(), *funding[2:], b""),
                acting(consumer, "exchange"),
                signed=(*funding, words.sign_order(order, given, signer_of(consumer))),
                unsigned=((*funding, b""), ("FeeEscrowSignatureInvalid", consumer.address, ...)),
                signer="consumer",
            ),
            "exchange": Case(
                lambda caller: (funding[0], replace(order, signer=caller).arguments(), *at_once(b"")),
                acting(consumer, "exchange"),
                signed=(*funding[:2], *at_once(words.sign_order(order, given, signer_of(consumer)))),
                unsigned=((*funding[:2], *at_once(b"")), ("FeeEscrowSignatureInvalid", consumer.address, ...)),
                signer="consumer",
            ),
            "settleBatch": Case(
                (batch.arguments(), [batch_item.arguments()]), lambda caller: ("FeeEscrowNotBatches", caller)
            ),
            "deliver": step(provider, "provider", "delivery", (*running.description(), CIPHERTEXT_HASH), delivery),
            "decline": step(provider, "provider", "delivery", (*running.description(), REASON), refusal),
            "accept": step(consumer, "consumer", "exchange", delivered.delivery(), acceptance),
            "dispute": step(consumer, "consumer", "exchange", (*delivered.delivery(), REASON), complaint),
            "settleUnchallenged": Case(unchallenged.delivery()),
            "refundUndelivered": Case(undelivered.description()),
            "refundWithdrawn": Case(refund_due.withdrawal()),
            "resolve": Case(
                (*disputed.dispute(), 10_000, True), lambda caller: ("FeeEscrowNotDisputes", caller)
            ),
            "creditRecruiter": Case((consumer,)),
            "onConsentWithdrawn": Case(
                (running.id, *running.description()), lambda caller: ("FeeEscrowNotConsentToken", caller)
            ),
            "creditHost": Case((host, 1), not_host_rewards),
            "setHostsPresent": Case((True,), not_host_rewards),
        },
        "ExchangeBatches": {
            "exchangeBatch": Case(
                (
                    batch.arguments(),
                    [batch_item.arguments()],
                    *((one, words.sign_batch(batch, [batch_item], signer_of(one))) for one in (consumer, provider)),
                ),
                lambda caller: ("ExchangeBatchesNotRelayer", relayer.address, caller),
            ),
        },
        "HostRewards": {
            "setWeight": managed(host, 5),
            "resign": account_holders(host, of="host", error="HostRewardsNotAccountHolder"),
            "claim": Case((host,)),
            "setValidator": account_holders(host, other, of="host", error="HostRewardsNotAccountHolder"),
        },
        "Disputes": {
            "submit": Case(contested.dispute()),
            "fileCiphertext": Case(contested.dispute(), acting(provider, "delivery"), of="provider"),
            "submitEvidence": Case((*contested.dispute(), consumer, "urn:evidence"), acting(consumer, "exchange")),
            "rule": Case((dispute_id, 1), lambda caller: ("DisputesUnknown", caller, dispute_id)),
            "execute": Case(disputed.dispute()),
            "setArbitrator": managed(system.directory),
        },
        "ArbitrationPanel": {
            # Some of everybody are contracts.
            "createDispute": Case((1, extra_data([]))),
            "vote": Case(
                (dispute_id, actors["founder"], 1),
                lambda caller: ("ArbitrationPanelNotSeat", actors["founder"].address, caller),
            ),
            # Nobody has voted yet.
            "give": Case((dispute_id,), answer=("ArbitrationPanelNoMajority", dispute_id, 0, 2)),
            "appeal": Case((dispute_id, b""), lambda _: ("ArbitrationPanelNoAppeal", dispute_id)),
        },
        "NetworkCredit": {
            "issue": managed(consumer, 1, REASON),
            "settleRedemption": managed(consumer, 1, REASON),
            "setCeiling": managed(5),
            "setNetworkContract": managed(system.directory, True),
            "recoverBalance": managed(consumer, provider),
            "requestRedemption": Case((1,)),
            "reclaimRedemption": Case(()),
            "transfer": Case((provider, 1)),
            "transferFrom": Case((consumer, provider, 1)),
            "approve": Case((other, 1)),
            "permit": Case(
                signed=(consumer, escrow, 10, *permit),
                unsigned=((consumer, other, 10, *permit), ("ERC2612InvalidSigner", ..., consumer.address)),
            ),
        },
    }
    for contract, functions in cases.items():
        if "setAuthority" in system.contracts()[contract].signatures:
            functions["setAuthority"] = managed(system.access)
    flat = {(contract, function): case for contract, those in cases.items() for function, case in those.items()}
    return Scene(system.contracts(), callers, flat)


def sign_permit(credit, holder, spender, amount):
    """Sign an ERC-2612 permit: deadline, v, r, s."""
    members = {"owner": "address", "spender": "address", "value": "uint256", "nonce": "uint256", "deadline": "uint256"}
    signed = Account.sign_message(
        encode_typed_data(
            domain_data={
                "name": credit.name(),
                "version": "1",
                "chainId": brownie.web3.eth.chain_id,
                "verifyingContract": credit.address,
            },
            message_types={"Permit": [{"name": name, "type": kind} for name, kind in members.items()]},
            message_data={"owner": holder.address, "spender": spender, "value": amount, "nonce": 0, "deadline": FAR},
        ),
        holder.key,
    )
    return FAR, signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")


def padded(text: str) -> bytes:
    return text.encode().ljust(32, b"\0")


def hexed(octets: bytes) -> str:
    return "0x" + octets.hex()


# ---------------------------------------------------------------- the tests


def test_every_function_has_a_row_when_the_page_is_read():
    roles = read_roles()

    assert missing_rows(roles.who) == []
    phrases = {"anyone with the … signature" if SIGNED.fullmatch(p) else p for row in roles.who.values() for p in row}
    assert phrases == roles.explained


@pytest.mark.parametrize(
    ("row", "instead", "fault"),
    [
        ("| `publish` | the council |", "| `print` | the council |", "FeeSchedule.publish has no row"),
        ("| `publish` | the council |", "| `quote` | the council |", "there is no FeeSchedule.quote"),
    ],
)
def test_finds_it_when_page_and_functions_differ(row, instead, fault):
    text = PAGE.read_text(encoding="utf-8")
    assert text.count(row) == 1

    assert fault in missing_rows(read_roles(text.replace(row, instead)).who)


def test_h030_h036_a18_a24_refuses_everybody_whom_the_page_does_not_name(scene):
    who = read_roles().who
    assert set(scene.cases) == set(who)

    assert wrong_rows(scene, who) == []


def test_finds_it_when_a_row_is_wrong(scene):
    who = read_roles().who
    named_wrongly = {
        ("FeeSchedule", "publish"): ("the guardian",),  # the council alone
        ("FeeEscrow", "withdrawEarned"): ("anyone",),  # the account holder alone
        ("FeeEscrow", "accept"): ("the consumer", "anyone with the consumer's signature"),  # its delegate too
        ("FeeEscrow", "deliver"): ("the provider", "its delivery delegate"),  # with a signature too
        ("HostRewards", "claim"): ("the account holder",),  # anyone
        ("ConsentToken", "approve"): ("the subject",),  # nobody
        ("ConsentToken", "grant"): ("anyone",),  # with a signature alone
    }
    for key, phrases in named_wrongly.items():
        assert wrong_rows(scene, {key: who[key]}) == []
        assert wrong_rows(scene, {key: phrases}), f"{key} was named {phrases} and nothing was found"

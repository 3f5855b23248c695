"""IdentityRegistry's constructor and views: ERC-1056, records, pages, and that the events tell all of it."""

import random
from collections import Counter
from dataclasses import dataclass, field

from eth_abi.abi import encode
from eth_utils.abi import event_abi_to_log_topic
from eth_utils.crypto import keccak

from tests.helpers.network import (
    ACTIVE,
    CHANNEL_PARTNER,
    CONSUMER,
    COORDINATOR,
    HOST,
    INVITED,
    NOBODY,
    NONE,
    PROVIDER,
    REGULATOR,
    REMOVED,
    SUSPENDED,
    legal_id_of,
)
from tests.helpers.states import write_storage

ROLES = (CONSUMER, PROVIDER, COORDINATOR, HOST, CHANNEL_PARTNER, REGULATOR)
OWNER_CHANGED, DEACTIVATED, READMITTED, ERASURE_OVERDUE = 1, 2, 4, 8
EXCHANGE, DELIVERY = (kind.ljust(32, b"\0") for kind in (b"exchange", b"delivery"))
ENDPOINT = b"did/svc/ConsentryNode".ljust(32, b"\0")
URL = b"https://node.example"
DAY_SECONDS = 86_400
URGENT_SECONDS = 72 * 3_600
REGISTERED_SLOT = 13
LONGEST_PAGE = 500
TENTH_OF_A_BLOCK = 3_000_000

ERC_1056_EVENTS = (
    "DIDOwnerChanged(address,address,uint256)",
    "DIDDelegateChanged(address,bytes32,address,uint256,uint256)",
    "DIDAttributeChanged(address,bytes32,bytes,uint256,uint256)",
)
ERC_1056_SELECTORS = {
    "identityOwner": "0x8733d4e8",
    "changed": "0xf96d0f9f",
    "validDelegate": "0x622b2a3c",
    "changeOwner": "0xf00d4b5d",
    "addDelegate": "0xa7068d66",
    "revokeDelegate": "0x80b29f7c",
    "setAttribute": "0x7ad4b0a4",
    "revokeAttribute": "0x00c023da",
}


# ---------------------------------------------------------------- the registry itself


def test_h118_reverts_when_the_authority_is_no_contract(IdentityRegistry, system, council, stranger, reverts_with):
    for nobody in (NOBODY, stranger.address):
        with reverts_with("IdentityRegistryAddressInvalid", nobody):
            IdentityRegistry.deploy(nobody, system.charter, {"from": council})


def test_h118_reverts_when_there_is_no_charter(IdentityRegistry, system, council, reverts_with):
    with reverts_with("IdentityRegistryAddressInvalid", NOBODY):
        IdentityRegistry.deploy(system.access, NOBODY, {"from": council})


def test_a19_tells_what_it_was_made_with_when_it_is_deployed(IdentityRegistry, system, stranger, told_by):
    registry = IdentityRegistry.deploy(system.access, system.charter, {"from": stranger})

    told = [("AuthorityUpdated", {"authority": system.access}), ("CharterSet", {"charter": system.charter})]
    assert told_by(registry.tx) == told
    assert (registry.authority(), registry.charter()) == (system.access, system.charter)


def test_h013_names_the_domain_in_use_when_asked(identities, domain):
    fields, name, version, chain_id, contract, salt, extensions = identities.eip712Domain()

    assert (name, version) == ("Consentry IdentityRegistry", "1")
    assert (chain_id, contract) == (domain.chain_id, identities.address)
    assert (int(str(fields), 16), int(str(salt), 16), tuple(extensions)) == (0x0F, 0, ())


# ---------------------------------------------------------------- ERC-1056


def test_tells_and_answers_as_erc_1056_when_a_resolver_reads_it(identities, consumer, delegate, unused_account):
    transactions = (
        identities.changeOwner(consumer, consumer, {"from": consumer}),
        identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer}),
        identities.setAttribute(consumer, ENDPOINT, URL, DAY_SECONDS, {"from": consumer}),
    )

    for tx, signature in zip(transactions, ERC_1056_EVENTS, strict=True):
        (log,) = tx.logs
        assert [bytes(topic) for topic in log.topics] == [
            keccak(text=signature),
            bytes.fromhex(consumer.address[2:]).rjust(32, b"\0"),
        ]
    assert {name: identities.signatures[name] for name in ERC_1056_SELECTORS} == ERC_1056_SELECTORS


def test_a09_points_back_rightly_when_an_identity_changes_three_times_in_one_block(
    identities, consumer, delegate, unused_account, mine_together, told_by
):
    earlier = identities.setAttribute(consumer, ENDPOINT, URL, DAY_SECONDS, {"from": consumer})
    owner = unused_account()

    receipts = mine_together(
        (consumer, identities.addDelegate, (consumer, EXCHANGE, delegate, DAY_SECONDS)),
        (consumer, identities.setAttribute, (consumer, ENDPOINT, URL + b"/2", DAY_SECONDS)),
        (consumer, identities.changeOwner, (consumer, owner)),
    )
    last = identities.setAttribute(consumer, ENDPOINT, URL + b"/3", DAY_SECONDS, {"from": owner})

    told = [told_by(tx) for tx in (earlier, *receipts, last)]
    block = receipts[0].block_number
    previous = [values["previousChange"] for ((_, values),) in told]
    assert previous == [0, earlier.block_number, block, block, block]
    assert identities.changed(consumer) == last.block_number
    # A resolver goes on to the smallest block named that is below the one it stands on.
    blocks = [tx.block_number for tx in (earlier, *receipts, last)]
    at, visited = identities.changed(consumer), []
    while at:
        visited.append(at)
        named = [before for where, before in zip(blocks, previous, strict=True) if where == at]
        at = min((before for before in named if before < at), default=0)
    assert visited == [last.block_number, block, earlier.block_number]


# ---------------------------------------------------------------- records


def test_answers_for_anybody_when_it_was_never_registered(identities, stranger, delegate, reverts_with):
    record = identities.participantOf(stranger).dict()
    assert (record.pop("recruiter"), bytes(record.pop("jurisdiction"))) == (NOBODY, bytes(2))
    assert set(record.values()) == {0}
    for identity in (stranger.address, NOBODY):
        assert identities.identityOwner(identity) == identity
        assert identities.accountHolderOf(identity) == identity
        assert identities.payoutAddressOf(identity) == identity
        assert (identities.changed(identity), identities.memberSinceOf(identity)) == (0, 0)
        assert identities.hasActiveRole(identity, 255) is False
        assert identities.validDelegate(identity, EXCHANGE, delegate) is False
        assert tuple(identities.suspensionOf(identity)) == (0, False)
        assert identities.erasureBlocksOf(identity) == 0
        assert identities.isBlockedForErasure(identity, delegate) is False
        with reverts_with("IdentityRegistryNotActor", identity, EXCHANGE, NOBODY):
            identities.checkActor(identity, EXCHANGE, NOBODY)
    assert identities.holderOf(legal_id_of(stranger)) == NOBODY
    assert [identities.roleCount(role) for role in (0, 3, 64)] == [0, 0, 0]


def test_has_a_role_when_one_of_those_asked_for_is_its_own(identities, consumer):
    asked = (CONSUMER, CONSUMER | HOST, 255, HOST, 254, 0)

    assert [identities.hasActiveRole(consumer, roles) for roles in asked] == [True, True, True, False, False, False]


def test_packs_the_records_as_told_when_read_as_slots(
    identities, consumer, provider, coordinator, stranger, bring_to, rotate_owner
):
    bring_to(provider, "suspended")
    rotate_owner(provider)

    def packed(identity):
        record = identities.participantOf(identity).dict()
        return (
            int(record["recruiter"], 16)
            | record["admittedAt"] << 160
            | int.from_bytes(bytes(record["jurisdiction"]), "big") << 208
            | record["roles"] << 224
            | record["status"] << 232
            | record["flags"] << 240
        )

    for parties in (
        (consumer, provider, coordinator),
        (provider, coordinator, consumer),
        (stranger, consumer, "0x" + "00" * 20),
    ):
        assert tuple(identities.packedExchangeParties(*parties)) == tuple(packed(party) for party in parties)


# ---------------------------------------------------------------- pages


def test_returns_all_of_them_once_when_they_are_read_in_pages(identities, actors):
    count = identities.participantCount()
    whole = list(identities.participantsAt(0, LONGEST_PAGE))

    assert len(whole) == len(set(whole)) == count
    assert {actors["consumer"], actors["provider"], actors["host"]} <= set(whole)
    pages = [list(identities.participantsAt(offset, 3)) for offset in range(0, count, 3)]
    assert [identity for page in pages for identity in page] == whole
    assert identities.participantsAt(count - 1, LONGEST_PAGE) == [whole[-1]]
    for offset, limit in ((count, 1), (2**256 - 1, 2**256 - 1), (0, 0)):
        assert identities.participantsAt(offset, limit) == ()


def test_h039_returns_one_page_within_a_tenth_of_a_block_when_ten_thousand_are_registered(identities, consumer, web3):
    write_storage(identities.address, REGISTERED_SLOT, 10_000)

    for offset, limit, length in ((0, 2**256 - 1, LONGEST_PAGE), (9_400, 10_000, LONGEST_PAGE), (9_900, 500, 100)):
        data = identities.participantsAt.encode_input(offset, limit)
        answer = web3.eth.call({"to": identities.address, "data": data, "gas": TENTH_OF_A_BLOCK})
        page = identities.participantsAt.decode_output(answer)
        assert len(page) == length
        if offset == 0:
            assert consumer in page


# ---------------------------------------------------------------- events


@dataclass
class Told:
    """What the registry's events say of one identity."""

    recruiter: str = NOBODY
    admitted_at: int = 0
    jurisdiction: bytes = bytes(2)
    roles: int = 0
    status: int = NONE
    flags: int = 0
    owner: str = NOBODY
    member_since: int = 0
    recoveries: int = 0
    payout: str = NOBODY
    suspension: tuple[int, bool] = (0, False)
    changed: int = 0
    application: bytes = bytes(32)
    blocks: set[str] = field(default_factory=set)
    delegates: dict[tuple[bytes, str], tuple[int, int, int]] = field(default_factory=dict)


class Replay:
    """The registry's state, rebuilt from its events, and from the agreement that the charter's AgreementSet tells."""

    def __init__(self, agreement):
        self.agreement = agreement
        self.identities, self.registered, self.holders, self.nonces = {}, [], {}, set()
        self.authority, self.pause, self.charter = NOBODY, (0, False), NOBODY

    def apply(self, event, at):
        """Take note of an event of a block with this timestamp."""
        values = event["args"]
        if event["event"] == "AuthorityUpdated":
            self.authority = values["authority"]
        elif event["event"] == "AdmissionsPaused":
            self.pause = (values["until"], values["urgent"])
        elif event["event"] == "CharterSet":
            self.charter = values["charter"]
        elif event["event"] == "NonceUsed":
            self.nonces.add((values["signer"], values["nonce"]))
        elif event["event"] == "NoncesInvalidated":
            bits = (bit for bit in range(256) if values["mask"] >> bit & 1)
            self.nonces |= {(values["signer"], values["word"] * 256 + bit) for bit in bits}
        else:
            told = self.identities.setdefault(values["identity"], Told(owner=values["identity"]))
            getattr(self, f"_{event['event']}")(told, values, at)
            if event["event"].startswith("DID"):
                told.changed = event["blockNumber"]

    def _ParticipantInvited(self, told, values, at):
        if told.status == NONE:
            self.registered.append(values["identity"])
        if told.status != REMOVED:
            told.status = INVITED
        fields = [values[name] for name in ("identity", "roles", "jurisdiction", "recruiter", "legalId")]
        kinds = ["address", "uint8", "bytes2", "address", "bytes32", "bytes32"]
        told.application = keccak(encode(kinds, [*fields, self.agreement]))

    def _ParticipantAdmitted(self, told, values, at):
        told.application = bytes(32)
        told.recruiter, told.jurisdiction = values["recruiter"], values["jurisdiction"]
        told.roles, told.status, told.suspension = values["roles"], ACTIVE, (0, False)
        self.holders[values["legalId"]] = values["identity"]
        if values["again"]:
            told.flags |= READMITTED
            told.member_since = at
        else:
            told.admitted_at = at

    def _RolesSet(self, told, values, at):
        told.roles = values["roles"]

    def _ParticipantSuspended(self, told, values, at):
        told.status, told.suspension = SUSPENDED, (values["until"], values["until"] != 0)

    def _ParticipantReinstated(self, told, values, at):
        told.status, told.suspension = ACTIVE, (0, not values["byVote"])

    def _ParticipantRemoved(self, told, values, at):
        told.status, told.roles, told.suspension = REMOVED, 0, (0, False)

    def _PayoutAddressSet(self, told, values, at):
        told.payout = values["payoutAddress"]

    def _DIDOwnerChanged(self, told, values, at):
        if values["owner"] == NOBODY:
            told.flags |= DEACTIVATED
        else:
            told.owner, told.flags = values["owner"], told.flags | OWNER_CHANGED

    def _DIDDelegateChanged(self, told, values, at):
        told.delegates[values["delegateType"], values["delegate"]] = (at, values["validTo"], told.recoveries)

    def _OwnerRecovered(self, told, values, at):
        told.recoveries += 1

    def _ErasureOverdueSet(self, told, values, at):
        change = told.blocks.add if values["overdue"] else told.blocks.discard
        change(values["register"])
        told.flags = told.flags & ~ERASURE_OVERDUE | (ERASURE_OVERDUE if told.blocks else 0)

    def _DIDAttributeChanged(self, told, values, at):
        pass  # nothing of it is kept but the block


def events_of(identities, web3):
    """Return everything that the registry ever told, each with the timestamp of its block."""
    contract = web3.eth.contract(address=identities.address, abi=identities.abi)
    events = {event_abi_to_log_topic(event.abi): event for event in contract.events}
    found, timestamps = [], {}
    for log in web3.eth.get_logs({"address": identities.address, "fromBlock": 0, "toBlock": "latest"}):
        event = events[bytes(log["topics"][0])]().process_log(log)
        block = log["blockNumber"]
        if block not in timestamps:
            timestamps[block] = web3.eth.get_block(block)["timestamp"]
        found.append((event, timestamps[block]))
    return found


def replayed(events, agreement, *, without=None):
    """Rebuild the registry's state from its events, leaving one kind out."""
    replay = Replay(agreement)
    for event, at in events:
        if event["event"] != without:
            replay.apply(event, at)
    return replay


def answers_of(identities, asked):
    """Return what the registry answers to every question about what is known to a rebuilt state."""
    answers = {
        "participants": list(identities.participantsAt(0, LONGEST_PAGE)),
        "authority": identities.authority(),
        "charter": identities.charter(),
        "pause": tuple(identities.admissionsPause()),
        "role counts": [identities.roleCount(role) for role in ROLES],
        "legal ids": [identities.holderOf(legal_id) for legal_id in asked.holders],
        "nonces": [
            identities.isNonceUsed(signer, each) for signer, nonce in asked.nonces for each in (nonce, nonce + 1)
        ],
    }
    for identity, known in asked.identities.items():
        record = identities.participantOf(identity).dict()
        answers[identity] = {
            **record,
            "jurisdiction": bytes(record["jurisdiction"]),
            "owner": identities.identityOwner(identity),
            "account holder": identities.accountHolderOf(identity),
            "payout address": identities.payoutAddressOf(identity),
            "member since": identities.memberSinceOf(identity),
            "suspension": tuple(identities.suspensionOf(identity)),
            "changed": identities.changed(identity),
            "application": bytes(identities.applicationOf(identity)),
            "blocks": identities.erasureBlocksOf(identity),
            "blocked by": [identities.isBlockedForErasure(identity, register) for register in sorted(known.blocks)],
            "delegates": [identities.validDelegate(identity, *delegation) for delegation in known.delegates],
        }
    return answers


def told_of(replay, asked, now):
    """Return the same as the events tell it; `now` is the timestamp of the latest block."""
    answers = {
        "participants": replay.registered,
        "authority": replay.authority,
        "charter": replay.charter,
        "pause": replay.pause,
        "role counts": [
            sum(told.status == ACTIVE and told.roles & role != 0 for told in replay.identities.values())
            for role in ROLES
        ],
        "legal ids": [replay.holders.get(legal_id, NOBODY) for legal_id in asked.holders],
        "nonces": [(signer, each) in replay.nonces for signer, nonce in asked.nonces for each in (nonce, nonce + 1)],
    }
    for identity, known in asked.identities.items():
        told = replay.identities.get(identity, Told(owner=identity))
        is_over = told.flags & DEACTIVATED != 0
        delegations = [told.delegates.get(delegation, (0, 0, 0)) for delegation in known.delegates]
        answers[identity] = {
            "recruiter": told.recruiter,
            "admittedAt": told.admitted_at,
            "jurisdiction": told.jurisdiction,
            "roles": told.roles,
            "status": told.status,
            "flags": told.flags,
            "owner": NOBODY if is_over else told.owner,
            "account holder": told.owner,
            "payout address": told.owner if told.payout == NOBODY else told.payout,
            "member since": told.member_since,
            "suspension": told.suspension,
            "changed": told.changed,
            "application": told.application,
            "blocks": len(told.blocks),
            "blocked by": [register in told.blocks for register in sorted(known.blocks)],
            "delegates": [
                valid_to >= now and not is_over and added_at >= told.member_since and recoveries == told.recoveries
                for added_at, valid_to, recoveries in delegations
            ],
        }
    return answers


def test_h041_a17_a19_events_rebuild_the_state_when_anything_has_happened(
    system,
    identities,
    sign,
    enrolled,
    unused_account,
    consumer,
    provider,
    host,
    council,
    guardian,
    delegate,
    relayer,
    registers,
    accounts,
    chain,
    web3,
    travel_to,
):
    chance, reached = random.Random(1056), Counter()
    pool = [unused_account() for _ in range(4)]

    applied_for = {}

    def apply(identity, owner):
        terms = {"roles": chance.randrange(1, 64), "jurisdiction": chance.choice([b"FR", b"CN"])}
        applied_for[identity] = enrolled(identity, **terms)

    def sign_delegate(identity, owner):
        fields = {"delegateType": DELIVERY, "delegate": delegate, "validity": DAY_SECONDS}
        sign("AddDelegate", identity, signer=owner, **fields).carry(relayer)

    def lift_suspension(identity, owner):
        travel_to(chain[-1].timestamp + URGENT_SECONDS)
        identities.liftSuspension(identity, {"from": relayer})

    by_anyone = {
        "change owner": lambda who, owner: identities.changeOwner(who, unused_account(), {"from": owner}),
        "set payout address": lambda who, owner: identities.setPayoutAddress(
            who, chance.choice([relayer, NOBODY]), {"from": owner}
        ),
        "invalidate nonces": lambda who, owner: identities.invalidateNonces(
            0, 1 << chance.randrange(9), {"from": owner}
        ),
        "recover owner": lambda who, owner: identities.recoverOwner(who, unused_account(), {"from": council}),
    }
    by_members = {
        "add delegate": lambda who, owner: identities.addDelegate(
            who, EXCHANGE, delegate, 400 * DAY_SECONDS, {"from": owner}
        ),
        "revoke delegate": lambda who, owner: identities.revokeDelegate(who, EXCHANGE, delegate, {"from": owner}),
        "set attribute": lambda who, owner: identities.setAttribute(who, ENDPOINT, URL, DAY_SECONDS, {"from": owner}),
        "sign a delegate": sign_delegate,
        "set roles": lambda who, owner: identities.setRoles(who, chance.randrange(1, 64), {"from": council}),
        "suspend": lambda who, owner: identities.suspend(who, {"from": council}),
        "remove": lambda who, owner: identities.remove(who, {"from": council}),
    }
    def admit(identity, owner):
        identities.admit(applied_for[identity], {"from": council})

    others = {
        "apply": (NONE, apply),
        "apply otherwise": (INVITED, apply),
        "apply again": (REMOVED, apply),
        "admit": (INVITED, admit),
        "admit again": (REMOVED, admit),
        "ratify suspension": (SUSPENDED, lambda who, owner: identities.ratifySuspension(who, {"from": council})),
        "suspend urgently": (ACTIVE, lambda who, owner: identities.suspendUrgently(who, {"from": guardian})),
        "reinstate": (SUSPENDED, lambda who, owner: identities.reinstate(who, {"from": council})),
        "lift suspension": (SUSPENDED, lift_suspension),
    }

    def possible(identity):
        status = identities.participantOf(identity).dict()["status"]
        until, spent = identities.suspensionOf(identity)
        steps = {name: step for name, (fitting, step) in others.items() if fitting == status}
        steps |= by_anyone if status != NONE else {}
        steps |= by_members if status in (ACTIVE, SUSPENDED) else {}
        if not any(bytes(identities.applicationOf(identity))):
            steps.pop("admit again", None)
        if spent:
            steps.pop("suspend urgently", None)
        if not until:
            steps.pop("lift suspension", None)
            steps.pop("ratify suspension", None)
        elif until <= chain[-1].timestamp + DAY_SECONDS:
            steps.pop("ratify suspension", None)  # it is over, or soon
        return steps

    for _ in range(300):
        if all(reached[name] >= 2 for name in (*others, *by_anyone, *by_members)):
            break
        identity = chance.choice(pool)
        steps = possible(identity)
        # What was rare so far comes first.
        name = min(sorted(steps), key=lambda each: (reached[each], chance.random()))
        steps[name](identity, accounts.at(identities.accountHolderOf(identity)))
        reached[name] += 1
    assert all(reached[name] >= 2 for name in (*others, *by_anyone, *by_members)), reached
    identities.pauseAdmissions({"from": guardian})
    identities.setPayoutAddress(consumer, relayer, {"from": consumer})
    identities.suspendUrgently(consumer, {"from": guardian})
    identities.setAttribute(consumer, ENDPOINT, URL, DAY_SECONDS, {"from": consumer})
    identities.deactivate(provider, {"from": provider})
    identities.addDelegate(host, DELIVERY, delegate, DAY_SECONDS, {"from": host})
    identities.recoverOwner(host, unused_account(), {"from": council})
    identities.remove(host, {"from": council})
    for register in registers:
        identities.blockForErasure(consumer, {"from": register})
        identities.blockForErasure(host, {"from": register})
    identities.unblockForErasure(consumer, {"from": registers[0]})

    events, now = events_of(identities, web3), chain[-1].timestamp
    agreement = bytes(system.charter.agreement())
    whole = replayed(events, agreement)
    answers = answers_of(identities, whole)
    assert answers == told_of(whole, whole, now)
    # There is none that could be done without.
    kinds = {event["event"] for event, _ in events}
    declared = {item["name"] for item in identities.abi if item["type"] == "event"}
    assert kinds == declared - {"EIP712DomainChanged"}
    for kind in kinds:
        assert answers != told_of(replayed(events, agreement, without=kind), whole, now), f"{kind} tells nothing"

"""IdentityRegistry.admit: a participant becomes a member, or one again."""

import pytest
from eth_utils.crypto import keccak

from tests.helpers.network import (
    ACTIVE,
    CHANNEL_PARTNER,
    CONSUMER,
    HOST,
    NOBODY,
    PROVIDER,
    SUSPENDED,
    legal_id_of,
)
from tests.helpers.states import write_storage

EXCHANGE = b"exchange".ljust(32, b"\0")
DAY_SECONDS = 86_400
READMITTED = 4
REGISTERED_SLOT = 13


@pytest.fixture
def newcomer(unused_account):
    """An account that the network does not know."""
    return unused_account()


def test_admits_when_the_council_says_so(identities, newcomer, admission_of, council, channel_partner, told_by):
    counts = {role: identities.roleCount(role) for role in (CONSUMER, PROVIDER, HOST)}
    registered = identities.participantCount()

    admission = admission_of(newcomer, roles=CONSUMER | HOST, jurisdiction=b"FR", recruiter=channel_partner)
    tx = identities.admit(admission, {"from": council})

    told = {
        "identity": newcomer,
        "roles": CONSUMER | HOST,
        "jurisdiction": b"FR",
        "recruiter": channel_partner,
        "legalId": legal_id_of(newcomer),
        "again": False,
    }
    assert told_by(tx) == [("ParticipantAdmitted", told)]
    record = identities.participantOf(newcomer).dict()
    assert bytes(record.pop("jurisdiction")) == b"FR"
    assert record == {
        "recruiter": channel_partner,
        "admittedAt": tx.timestamp,
        "roles": CONSUMER | HOST,
        "status": ACTIVE,
        "flags": 0,
    }
    assert [identities.roleCount(role) - counts[role] for role in counts] == [1, 0, 1]
    assert identities.participantCount() == registered + 1
    assert identities.participantsAt(registered, 1) == [newcomer]
    assert identities.holderOf(legal_id_of(newcomer)) == newcomer
    assert identities.identityOwner(newcomer) == newcomer
    assert (identities.memberSinceOf(newcomer), identities.changed(newcomer)) == (0, 0)


def test_admits_when_a_coordinator_or_nobody_recruited_it(
    identities, unused_account, admission_of, council, coordinator
):
    for recruiter in (coordinator, NOBODY):
        newcomer = unused_account()
        identities.admit(admission_of(newcomer, recruiter=recruiter), {"from": council})
        assert identities.participantOf(newcomer).dict()["recruiter"] == recruiter


def test_admits_when_it_is_a_contract_of_an_institution(ContractWallet, identities, stranger, admission_of, council):
    wallet = ContractWallet.deploy(stranger, {"from": stranger})

    identities.admit(admission_of(wallet), {"from": council})

    assert identities.hasActiveRole(wallet, CONSUMER) is True


# ---------------------------------------------------------------- again


def test_admits_again_when_it_was_removed(
    identities, consumer, admission_of, bring_to, council, channel_partner, coordinator, told_by
):
    first = identities.participantOf(consumer).dict()
    registered = identities.participantCount()
    bring_to(consumer, "removed")

    # Attribution never moves: who is named this time counts for nothing.
    admission = admission_of(consumer, roles=PROVIDER, jurisdiction=b"FR", recruiter=coordinator)
    tx = identities.admit(admission, {"from": council})

    told = {
        "identity": consumer,
        "roles": PROVIDER,
        "jurisdiction": b"FR",
        "recruiter": channel_partner,
        "legalId": legal_id_of(consumer),
        "again": True,
    }
    assert told_by(tx) == [("ParticipantAdmitted", told)]
    record = identities.participantOf(consumer).dict()
    assert (record["recruiter"], record["admittedAt"]) == (channel_partner, first["admittedAt"])
    assert (record["roles"], record["status"], record["flags"]) == (PROVIDER, ACTIVE, READMITTED)
    assert identities.memberSinceOf(consumer) == tx.timestamp
    assert identities.participantCount() == registered


def test_revives_no_delegate_when_it_is_admitted_again(
    identities, consumer, delegate, relayer, bring_to, chain, mine_at, reverts_with
):
    identities.addDelegate(consumer, EXCHANGE, delegate, 30 * DAY_SECONDS, {"from": consumer})
    bring_to(consumer, "removed")
    mine_at(chain[-1].timestamp + DAY_SECONDS)
    bring_to(consumer, "active")

    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False
    with reverts_with("IdentityRegistryNotActor", consumer, EXCHANGE, delegate):
        identities.checkActor(consumer, EXCHANGE, delegate)

    for key in (delegate, relayer):
        identities.addDelegate(consumer, EXCHANGE, key, DAY_SECONDS, {"from": consumer})
        assert identities.validDelegate(consumer, EXCHANGE, key) is True


def test_h033_takes_another_legal_id_when_it_is_admitted_again(identities, consumer, admission_of, bring_to, council):
    bring_to(consumer, "removed")

    identities.admit(admission_of(consumer, legal_id=keccak(text="merged")), {"from": council})

    # The former one is not free for somebody else.
    assert identities.holderOf(keccak(text="merged")) == consumer
    assert identities.holderOf(legal_id_of(consumer)) == consumer


def test_reverts_when_it_was_deactivated_before_it_was_removed(
    identities, consumer, admission_of, bring_to, council, reverts_with
):
    identities.deactivate(consumer, {"from": consumer})
    bring_to(consumer, "removed")

    with reverts_with("IdentityRegistryDeactivated", consumer):
        identities.admit(admission_of(consumer), {"from": council})


# ---------------------------------------------------------------- what is refused


def test_h033_reverts_when_the_identity_is_a_member(
    identities, consumer, admission_of, bring_to, council, reverts_with
):
    other_legal_id = keccak(text="another register number")
    for status in (ACTIVE, SUSPENDED):
        if status == SUSPENDED:
            bring_to(consumer, "suspended")
        with reverts_with("IdentityRegistryStatusInvalid", consumer, status):
            identities.admit(admission_of(consumer, legal_id=other_legal_id), {"from": council})


def test_h033_reverts_when_the_legal_id_is_taken(
    identities, consumer, newcomer, admission_of, bring_to, council, reverts_with
):
    taken = legal_id_of(consumer)
    with reverts_with("IdentityRegistryLegalIdTaken", taken, consumer):
        identities.admit(admission_of(newcomer, legal_id=taken), {"from": council})
    bring_to(consumer, "removed")

    with reverts_with("IdentityRegistryLegalIdTaken", taken, consumer):
        identities.admit(admission_of(newcomer, legal_id=taken), {"from": council})

    assert identities.participantOf(newcomer).dict()["status"] == 0


def test_reverts_when_the_legal_id_is_missing(identities, newcomer, admission_of, council, reverts_with):
    with reverts_with("IdentityRegistryLegalIdMissing"):
        identities.admit(admission_of(newcomer, legal_id=bytes(32)), {"from": council})


def test_reverts_when_the_roles_are_none_or_unknown(identities, newcomer, admission_of, council, reverts_with):
    for roles in (0, 64, 128, 255):
        with reverts_with("IdentityRegistryRolesInvalid", roles):
            identities.admit.call(admission_of(newcomer, roles=roles), {"from": council})


def test_reverts_when_the_jurisdiction_is_not_two_capitals(identities, newcomer, admission_of, council, reverts_with):
    for jurisdiction in (b"\0\0", b"D\0", b"de", b"De", b"D1", b"@A", b"A["):
        with reverts_with("IdentityRegistryJurisdictionInvalid", jurisdiction):
            identities.admit.call(admission_of(newcomer, jurisdiction=jurisdiction), {"from": council})


def test_reverts_when_the_recruiter_cannot_recruit(
    identities, newcomer, admission_of, participant_in, provider, stranger, council, reverts_with
):
    suspended, removed = (participant_in(standing, CHANNEL_PARTNER) for standing in ("suspended", "removed"))
    for recruiter in (newcomer, stranger, provider, suspended, removed):
        with reverts_with("IdentityRegistryRecruiterInvalid", recruiter):
            identities.admit.call(admission_of(newcomer, recruiter=recruiter), {"from": council})


def test_h031_the_order_decides_when_the_recruiter_is_suspended_in_the_same_block(
    identities,
    unused_account,
    admission_of,
    channel_partner,
    guardian,
    council,
    mine_together,
    raise_if_refused,
    reverts_with,
):
    early, late = unused_account(), unused_account()
    receipts = mine_together(
        (council, identities.admit, [admission_of(early, recruiter=channel_partner)]),
        (guardian, identities.suspendUrgently, [channel_partner]),
        (council, identities.admit, [admission_of(late, recruiter=channel_partner)]),
    )

    for receipt in receipts[:2]:
        raise_if_refused(receipt)
    with reverts_with("IdentityRegistryRecruiterInvalid", channel_partner):
        raise_if_refused(receipts[2])
    assert [identities.hasActiveRole(each, CONSUMER) for each in (early, late)] == [True, False]
    assert identities.participantOf(early).dict()["recruiter"] == channel_partner


def test_h036_reverts_when_the_caller_has_no_vote(identities, newcomer, admission_of, no_voters, reverts_with):
    for caller in no_voters:
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.admit.call(admission_of(newcomer), {"from": caller})


def test_h038_reverts_when_it_is_nobody_or_a_contract_of_the_network(
    identities, system, admission_of, council, reverts_with
):
    for identity in (NOBODY, *(contract.address for contract in system.contracts().values())):
        with reverts_with("IdentityRegistryIdentityInvalid", identity):
            identities.admit.call(admission_of(identity), {"from": council})


def test_h039_costs_the_same_when_ten_thousand_are_registered(identities, unused_account, admission_of, council):
    few = identities.admit(admission_of(unused_account()), {"from": council})

    write_storage(identities.address, REGISTERED_SLOT, 10_000)
    many = identities.admit(admission_of(unused_account()), {"from": council})

    assert identities.participantCount() == 10_001
    # Zero bytes of an address are cheaper: the two addresses make the only difference.
    assert abs(many.gas_used - few.gas_used) < 500

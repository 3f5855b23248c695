"""IdentityRegistry.admit: a participant becomes a member, or one again."""

import pytest
from eth_utils.crypto import keccak

from tests.helpers.network import (
    ACTIVE,
    AGREEMENT,
    CHANNEL_PARTNER,
    CONSUMER,
    HOST,
    NOBODY,
    PROVIDER,
    SUSPENDED,
    account_of,
    legal_id_of,
)

EXCHANGE = b"exchange".ljust(32, b"\0")
DAY_SECONDS = 86_400
READMITTED = 4


@pytest.fixture
def newcomer(unused_account):
    """An account that the network does not know."""
    return unused_account()


def test_admits_when_the_council_says_so(identities, newcomer, enrolled, council, channel_partner, told_by):
    admission = enrolled(newcomer, roles=CONSUMER | HOST, jurisdiction=b"FR", recruiter=channel_partner)
    counts = {role: identities.roleCount(role) for role in (CONSUMER, PROVIDER, HOST)}
    registered = identities.participantCount()

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
    assert identities.participantCount() == registered
    assert int(identities.applicationOf(newcomer).hex(), 16) == 0
    assert identities.holderOf(legal_id_of(newcomer)) == newcomer
    assert identities.identityOwner(newcomer) == newcomer
    assert (identities.memberSinceOf(newcomer), identities.changed(newcomer)) == (0, 0)


def test_admits_when_a_coordinator_or_nobody_recruited_it(identities, unused_account, enrolled, council, coordinator):
    for recruiter in (coordinator, NOBODY):
        newcomer = unused_account()
        identities.admit(enrolled(newcomer, recruiter=recruiter), {"from": council})
        assert identities.participantOf(newcomer).dict()["recruiter"] == recruiter


def test_admits_when_it_is_a_contract_of_an_institution(ContractWallet, identities, stranger, enrolled, council):
    wallet = ContractWallet.deploy(stranger, {"from": stranger})

    identities.admit(enrolled(wallet), {"from": council})

    assert identities.hasActiveRole(wallet, CONSUMER) is True


# ---------------------------------------------------------------- again


def test_admits_again_when_it_was_removed(
    identities, consumer, enrolled, bring_to, council, channel_partner, coordinator, told_by
):
    first = identities.participantOf(consumer).dict()
    registered = identities.participantCount()
    bring_to(consumer, "removed")

    # Attribution never moves: who is named this time counts for nothing.
    admission = enrolled(consumer, roles=PROVIDER, jurisdiction=b"FR", recruiter=coordinator)
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


def test_h033_takes_another_legal_id_when_it_is_admitted_again(identities, consumer, enrolled, bring_to, council):
    bring_to(consumer, "removed")

    identities.admit(enrolled(consumer, legal_id=keccak(text="merged")), {"from": council})

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
    enrolled,
    channel_partner,
    guardian,
    council,
    mine_together,
    raise_if_refused,
    reverts_with,
):
    early, late = unused_account(), unused_account()
    admissions = [enrolled(each, recruiter=channel_partner) for each in (early, late)]
    receipts = mine_together(
        (council, identities.admit, [admissions[0]]),
        (guardian, identities.suspendUrgently, [channel_partner]),
        (council, identities.admit, [admissions[1]]),
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


# ---------------------------------------------------------------- what it applied for


def test_reverts_when_it_never_applied(identities, newcomer, admission_of, council, reverts_with):
    with reverts_with("IdentityRegistryNotApplied", newcomer):
        identities.admit(admission_of(newcomer), {"from": council})


@pytest.mark.parametrize("changed", ["roles", "jurisdiction", "recruiter", "legal_id"])
def test_reverts_when_it_applied_for_something_else(
    identities, newcomer, admission_of, enrolled, coordinator, channel_partner, council, reverts_with, changed
):
    enrolled(newcomer, recruiter=channel_partner)
    other = {
        "roles": CONSUMER | PROVIDER,
        "jurisdiction": b"FR",
        "recruiter": coordinator,
        "legal_id": keccak(text="another register number"),
    }
    decided = admission_of(newcomer, **{"recruiter": channel_partner, changed: other[changed]})

    with reverts_with("IdentityRegistryNotApplied", newcomer):
        identities.admit(decided, {"from": council})


def test_admits_on_the_last_terms_alone_when_it_applied_twice(identities, newcomer, enrolled, council, reverts_with):
    first, last = enrolled(newcomer), enrolled(newcomer, roles=PROVIDER)

    with reverts_with("IdentityRegistryNotApplied", newcomer):
        identities.admit(first, {"from": council})
    identities.admit(last, {"from": council})

    assert identities.participantOf(newcomer).dict()["roles"] == PROVIDER


def test_reverts_when_it_was_admitted_on_these_terms_before(
    identities, consumer, enrolled, bring_to, council, reverts_with
):
    bring_to(consumer, "removed")
    admission = enrolled(consumer)
    identities.admit(admission, {"from": council})
    bring_to(consumer, "removed")

    # One application, one admission: a removed participant comes back by its own word only.
    with reverts_with("IdentityRegistryNotApplied", consumer):
        identities.admit(admission, {"from": council})


def test_reverts_when_its_recruiter_can_recruit_no_more(
    identities, newcomer, enrolled, channel_partner, bring_to, council, reverts_with
):
    admission = enrolled(newcomer, recruiter=channel_partner)
    bring_to(channel_partner, "suspended")

    with reverts_with("IdentityRegistryRecruiterInvalid", channel_partner):
        identities.admit(admission, {"from": council})


def test_h033_admits_one_alone_when_two_applied_with_one_legal_id(
    identities, unused_account, enrolled, council, reverts_with
):
    legal_id = keccak(text="one register number")
    first, second = (unused_account() for _ in range(2))
    admissions = [enrolled(each, legal_id=legal_id) for each in (first, second)]

    identities.admit(admissions[0], {"from": council})

    with reverts_with("IdentityRegistryLegalIdTaken", legal_id, first):
        identities.admit(admissions[1], {"from": council})


def test_reverts_when_no_charter_is_in_force(
    NetworkCharter, system, admission_of, council, unused_account, reverts_with
):
    first = NetworkCharter.deploy(
        system.access, system.identities, system.council, b"\1" * 32, b"\2" * 32, {"from": council}
    )
    system.identities.setCharter(first, {"from": council})
    newcomer = unused_account()
    system.identities.enrol(admission_of(newcomer), AGREEMENT, {"from": account_of(first)})

    # Nobody before every founder has signed.
    with reverts_with("IdentityRegistryCharterNotInForce"):
        system.identities.admit(admission_of(newcomer), {"from": council})


def test_reverts_when_another_agreement_is_in_force_since_it_applied(
    system, identities, charter, newcomer, enrolled, council, reverts_with
):
    admission, another = enrolled(newcomer), keccak(text="another agreement")
    system.charter.setAgreement(another, {"from": council})

    with reverts_with("IdentityRegistryNotApplied", newcomer):
        identities.admit(admission, {"from": council})

    identities.enrol(admission, another, {"from": charter})
    identities.admit(admission, {"from": council})
    assert identities.participantOf(newcomer).dict()["status"] == ACTIVE

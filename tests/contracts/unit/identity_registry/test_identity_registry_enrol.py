"""IdentityRegistry.enrol: the charter notes what somebody applied for."""

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from consentry.deployment.plan import CONTRACTS
from tests.helpers.network import (
    ACTIVE,
    AGREEMENT,
    CHANNEL_PARTNER,
    CONSUMER,
    HOST,
    INVITED,
    NOBODY,
    PROVIDER,
    REMOVED,
    SUSPENDED,
    legal_id_of,
)
from tests.helpers.states import write_storage

EXCHANGE = b"exchange".ljust(32, b"\0")
ENDPOINT = b"did/svc/ConsentryNode".ljust(32, b"\0")
DAY_SECONDS = 86_400
REGISTERED_SLOT = 13
ADMIN_ROLE = 0


@pytest.fixture
def newcomer(unused_account):
    """An account that the network does not know."""
    return unused_account()


def test_notes_the_terms_when_the_charter_says_so(
    system, identities, charter, newcomer, admission_of, channel_partner, told_by
):
    registered = identities.participantCount()
    admission = admission_of(newcomer, roles=CONSUMER | HOST, jurisdiction=b"FR", recruiter=channel_partner)

    tx = identities.enrol(admission, AGREEMENT, {"from": charter})

    told = {
        "identity": newcomer,
        "roles": CONSUMER | HOST,
        "jurisdiction": b"FR",
        "recruiter": channel_partner,
        "legalId": legal_id_of(newcomer),
    }
    assert told_by(tx) == [("ParticipantInvited", told)]
    fields = [newcomer.address, CONSUMER | HOST, b"FR", channel_partner.address, legal_id_of(newcomer)]
    kinds = ["address", "uint8", "bytes2", "address", "bytes32", "bytes32"]
    application = keccak(encode(kinds, [*fields, bytes(system.charter.agreement())]))
    assert bytes(identities.applicationOf(newcomer)) == application
    assert identities.participantCount() == registered + 1
    assert identities.participantsAt(registered, 1) == [newcomer]
    record = identities.participantOf(newcomer).dict()
    assert (record["status"], record["roles"], record["recruiter"], record["admittedAt"]) == (INVITED, 0, NOBODY, 0)
    assert identities.holderOf(legal_id_of(newcomer)) == NOBODY


def test_h030_gives_no_role_when_it_only_applied(identities, enrolled, newcomer):
    counts = [identities.roleCount(1 << bit) for bit in range(6)]

    enrolled(newcomer, roles=63)

    assert identities.hasActiveRole(newcomer, 63) is False
    assert [identities.roleCount(1 << bit) for bit in range(6)] == counts


def test_lets_it_write_its_document_when_it_applied(identities, enrolled, newcomer, delegate):
    enrolled(newcomer)

    identities.setAttribute(newcomer, ENDPOINT, b"https://node.example", DAY_SECONDS, {"from": newcomer})
    identities.addDelegate(newcomer, EXCHANGE, delegate, DAY_SECONDS, {"from": newcomer})

    assert identities.validDelegate(newcomer, EXCHANGE, delegate) is True


def test_takes_the_place_of_the_application_before_when_it_applies_again(identities, enrolled, newcomer):
    enrolled(newcomer)
    first, registered = identities.applicationOf(newcomer), identities.participantCount()

    enrolled(newcomer, roles=PROVIDER)

    assert identities.applicationOf(newcomer) != first
    assert identities.participantCount() == registered


# ---------------------------------------------------------------- a removed participant


def test_notes_the_terms_when_it_was_removed(identities, consumer, enrolled, bring_to):
    former = identities.participantOf(consumer).dict()
    bring_to(consumer, "removed")

    enrolled(consumer, roles=PROVIDER)

    record = identities.participantOf(consumer).dict()
    assert (record["status"], record["roles"]) == (REMOVED, 0)
    assert (record["recruiter"], record["admittedAt"]) == (former["recruiter"], former["admittedAt"])


def test_h030_writes_nothing_and_holds_nothing_when_only_its_own_word_brings_it_back(
    system, identities, consumer, provider, delegate, treasurer, enrolled, bring_to, reverts_with
):
    bring_to(consumer, "removed")

    enrolled(consumer)

    with reverts_with("IdentityRegistryNotWriter", consumer):
        identities.addDelegate(consumer, EXCHANGE, delegate, DAY_SECONDS, {"from": consumer})
    with reverts_with("NetworkCreditNotMember", consumer):
        system.credit.issue(consumer, 1, keccak(text="invoice"), {"from": treasurer})


def test_revives_nothing_when_it_is_admitted_again(
    system,
    identities,
    words,
    consumer,
    delegate,
    enrolled,
    bring_to,
    council,
    mine_at,
    chain,
    schema,
    purpose,
    fresh_subject,
):
    given = words.give(fresh_subject())
    identities.addDelegate(consumer, EXCHANGE, delegate, 30 * DAY_SECONDS, {"from": consumer})
    assert system.schemas.isConsumerAccredited(schema, purpose, consumer) is True
    assert system.consents.isConsentUsable(given.opened.arguments(), given.signature) is True
    bring_to(consumer, "removed")
    mine_at(chain[-1].timestamp + 100)
    admission = enrolled(consumer)

    mine_at(chain[-1].timestamp + 100)
    identities.admit(admission, {"from": council})

    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False
    assert system.schemas.isConsumerAccredited(schema, purpose, consumer) is False
    assert system.consents.isConsentUsable(given.opened.arguments(), given.signature) is False


# ---------------------------------------------------------------- what is refused


def test_h033_reverts_when_it_is_a_member(identities, charter, consumer, admission_of, bring_to, reverts_with):
    for status in (ACTIVE, SUSPENDED):
        if status == SUSPENDED:
            bring_to(consumer, "suspended")
        with reverts_with("IdentityRegistryStatusInvalid", consumer, status):
            identities.enrol(admission_of(consumer), AGREEMENT, {"from": charter})


def test_reverts_when_it_is_deactivated(identities, charter, deactivated, admission_of, bring_to, reverts_with):
    bring_to(deactivated, "removed")

    with reverts_with("IdentityRegistryDeactivated", deactivated):
        identities.enrol(admission_of(deactivated), AGREEMENT, {"from": charter})

    assert identities.participantOf(deactivated).dict()["status"] == REMOVED


def test_h033_reverts_when_the_legal_id_is_taken(
    identities, charter, newcomer, consumer, admission_of, reverts_with
):
    taken = legal_id_of(consumer)

    with reverts_with("IdentityRegistryLegalIdTaken", taken, consumer):
        identities.enrol(admission_of(newcomer, legal_id=taken), AGREEMENT, {"from": charter})


@pytest.mark.parametrize(
    ("term", "value", "error"),
    [
        ("roles", 0, ("IdentityRegistryRolesInvalid", 0)),
        ("roles", 64, ("IdentityRegistryRolesInvalid", 64)),
        ("jurisdiction", b"d1", ("IdentityRegistryJurisdictionInvalid", b"d1")),
        ("legal_id", bytes(32), ("IdentityRegistryLegalIdMissing",)),
    ],
)
def test_reverts_when_a_field_is_not_as_it_must_be(
    identities, charter, newcomer, admission_of, term, value, error, reverts_with
):
    with reverts_with(*error):
        identities.enrol.call(admission_of(newcomer, **{term: value}), AGREEMENT, {"from": charter})


def test_reverts_when_the_recruiter_cannot_recruit(
    identities, charter, newcomer, admission_of, participant_in, provider, stranger, reverts_with
):
    suspended = participant_in("suspended", CHANNEL_PARTNER)
    for recruiter in (newcomer, stranger, provider, suspended):
        with reverts_with("IdentityRegistryRecruiterInvalid", recruiter):
            identities.enrol.call(admission_of(newcomer, recruiter=recruiter), AGREEMENT, {"from": charter})


def test_h115_reverts_when_admissions_are_paused(
    identities, charter, newcomer, admission_of, guardian, reverts_with
):
    until = identities.pauseAdmissions({"from": guardian}).timestamp + 72 * 3_600

    with reverts_with("IdentityRegistryAdmissionsPaused", until):
        identities.enrol(admission_of(newcomer), AGREEMENT, {"from": charter})


@pytest.mark.parametrize("name", CONTRACTS)
def test_h038_reverts_when_it_is_a_contract_of_the_network(
    system, identities, charter, admission_of, name, reverts_with
):
    contract = system.contracts()[name]

    with reverts_with("IdentityRegistryIdentityInvalid", contract):
        identities.enrol(admission_of(contract), AGREEMENT, {"from": charter})


def test_h038_reverts_when_it_has_the_admin_role(
    ContractWallet, system, identities, charter, admission_of, council, stranger, reverts_with
):
    # What takes the timelock's place one day, and is no contract that the registry could know by another way.
    successor = ContractWallet.deploy(stranger, {"from": stranger})
    system.access.grantRole(ADMIN_ROLE, successor, 0, {"from": council})

    with reverts_with("IdentityRegistryIdentityInvalid", successor):
        identities.enrol(admission_of(successor), AGREEMENT, {"from": charter})
    system.access.revokeRole(ADMIN_ROLE, successor, {"from": council})
    identities.enrol(admission_of(successor), AGREEMENT, {"from": charter})

    assert identities.participantOf(successor).dict()["status"] == INVITED


def test_h033_is_free_when_its_holder_is_deactivated_and_no_member_any_more(
    identities, deactivated, enrolled, newcomer, charter, admission_of, council, bring_to, reverts_with
):
    legal_id = legal_id_of(deactivated)
    # While the council has not removed it, it is its own.
    for standing in ("active", "suspended"):
        if standing == "suspended":
            bring_to(deactivated, standing)
        with reverts_with("IdentityRegistryLegalIdTaken", legal_id, deactivated):
            identities.enrol(admission_of(newcomer, legal_id=legal_id), AGREEMENT, {"from": charter})
    bring_to(deactivated, "removed")

    identities.admit(enrolled(newcomer, legal_id=legal_id), {"from": council})

    assert identities.holderOf(legal_id) == newcomer
    assert identities.participantOf(deactivated).dict()["status"] == REMOVED
    with reverts_with("IdentityRegistryDeactivated", deactivated):
        identities.enrol(admission_of(deactivated), AGREEMENT, {"from": charter})


def test_h036_reverts_when_the_caller_is_not_the_charter(
    identities, newcomer, admission_of, council, no_voters, reverts_with
):
    for caller in (*no_voters, council, newcomer):
        with reverts_with("IdentityRegistryNotCharter", caller):
            identities.enrol.call(admission_of(newcomer), AGREEMENT, {"from": caller})


def test_h039_costs_the_same_when_ten_thousand_are_registered(identities, charter, unused_account, admission_of):
    few = identities.enrol(admission_of(unused_account()), AGREEMENT, {"from": charter})

    write_storage(identities.address, REGISTERED_SLOT, 10_000)
    many = identities.enrol(admission_of(unused_account()), AGREEMENT, {"from": charter})

    assert identities.participantCount() == 10_001
    # Zero bytes of an address are cheaper: the two addresses make the only difference.
    assert abs(many.gas_used - few.gas_used) < 500

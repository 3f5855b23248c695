"""Whoever gains or loses a power over the network is reported by role and account, and nothing else is."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from consentry.deployment import load_parameters
from consentry.deployment.access import PUBLIC_ROLE
from consentry.deployment.artifacts import load_artifact
from consentry.deployment.plan import CONTRACTS, NO_DELAY_SECONDS, addresses_of
from consentry.deployment.roles import FUNCTION_ROLES, Role, role_holders
from consentry.devchain import development_account

DAY = 86_400
DEPLOYER = development_account(0).address
STRANGER = development_account(20).address
ADDRESSES = addresses_of(DEPLOYER, 0)
HOLDERS = role_holders(load_parameters(), ADDRESSES)
FUNCTIONS = {name: [function["name"] for function in load_artifact(name).writes()] for name in CONTRACTS}
GOVERNED = [
    *((contract, functions[-1]) for contract, functions in FUNCTIONS.items()),
    *((contract, name) for contract, given in FUNCTION_ROLES.items() for names in given.values() for name in names),
]
"""A function of each contract, and each that is not the admin's."""
BY_ITS_COUNCIL = ("Council", "CouncilTimelock")
"""Ask for no role of NetworkAccess."""
ROLES_SLOT = 1
"""Of AccessManager's `_roles`; the members' mapping is the first word of a role."""


def attempts_of(role):
    """Return what is found when the deployer holds a role: every privileged function that opens to it, by name."""
    found = []
    for contract in CONTRACTS:
        artifact = load_artifact(contract)
        kept = {name: given for given, names in FUNCTION_ROLES.get(contract, {}).items() for name in names}
        for function in artifact.functions():
            name = function["name"]
            if artifact.selector_of(function) in artifact.privileged and kept.get(name, Role.ADMIN) is role:
                found.append((contract, f"{name} called by the deployer"))
    return [attempt for attempt in found if attempt[0] not in BY_ITS_COUNCIL]


@pytest.fixture
def access(act, council):
    """Call NetworkAccess as the council: a function of the function and its arguments."""
    return lambda function, *arguments: act(council, "NetworkAccess", function, *arguments)


@pytest.fixture
def set_membership(node):
    """Write into storage from when on an account holds a role: a function of role, account and instant; 0 for never."""

    def write(role, account, since):
        role_slot = keccak(encode(["uint64", "uint256"], [role, ROLES_SLOT]))
        slot = keccak(encode(["address", "bytes32"], [account, role_slot]))
        node.ask("anvil_setStorageAt", ADDRESSES["NetworkAccess"], "0x" + slot.hex(), f"0x{since:064x}")

    return write


@pytest.fixture
def now(connection):
    """Instant of the latest block."""
    return connection.eth.get_block("latest")["timestamp"]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: f"{holder.role.title} {holder.account}")
def test_reports_a_role_that_is_lost(found, set_membership, holder):
    set_membership(holder.role, holder.account, 0)
    assert found() == [("NetworkAccess", f"{holder.role.title} role of {holder.account}")]


@pytest.mark.parametrize("role", [Role.GUARDIAN, Role.TREASURER], ids=lambda role: role.title)
def test_reports_a_role_when_the_council_revokes_it(found, access, role):
    (account,) = (holder.account for holder in HOLDERS if holder.role is role)
    access("revokeRole", int(role), account)
    assert found() == [("NetworkAccess", f"{role.title} role of {account}")]


@pytest.mark.parametrize(
    "account", [DEPLOYER, STRANGER, ADDRESSES["FeeEscrow"]], ids=["deployer", "stranger", "escrow"]
)
@pytest.mark.parametrize("role", Role, ids=lambda role: role.title)
def test_reports_a_role_when_the_council_grants_it(found, access, role, account):
    access("grantRole", int(role), account, NO_DELAY_SECONDS)
    counted = [("NetworkAccess", "number of admins")] if role is Role.ADMIN else []
    carried_out = attempts_of(role) if account == DEPLOYER else []
    assert found() == [*counted, ("NetworkAccess", f"{role.title} role of {account}"), *carried_out]
    assert len(attempts_of(role)) == 1 if role is Role.ERASURE_REGISTER else len(attempts_of(role)) >= 2


def test_reports_a_role_that_the_deployer_has_without_an_event(found, set_membership, now):
    set_membership(Role.ADMIN, DEPLOYER, now)
    assert found() == [("NetworkAccess", f"admin role of {DEPLOYER}"), *attempts_of(Role.ADMIN)]


def test_reports_a_role_that_the_deployment_does_not_know(found, access):
    access("grantRole", 7, STRANGER, NO_DELAY_SECONDS)
    assert found() == [("NetworkAccess", f"number 7 role of {STRANGER}")]
    access("revokeRole", 7, STRANGER)
    assert found() == []


def test_reports_a_role_that_will_be_held(found, node, access, now):
    access("setGrantDelay", int(Role.GUARDIAN), DAY)
    grant_delay = ("NetworkAccess", "grant delay of the guardian role")
    assert found() == [grant_delay]
    node.ask("evm_mine", now + 6 * DAY)
    assert found() == [grant_delay]
    access("grantRole", int(Role.GUARDIAN), STRANGER, NO_DELAY_SECONDS)
    assert found() == [("NetworkAccess", f"guardian role of {STRANGER}"), grant_delay]
    node.ask("evm_mine", now + 8 * DAY)
    assert found() == [("NetworkAccess", f"guardian role of {STRANGER}"), grant_delay]


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda holder: holder.role.title)
def test_reports_an_execution_delay(found, access, holder):
    extra = []
    if holder.role is Role.ADMIN:
        # The last one that acts at once cannot be made to wait: another comes first.
        access("grantRole", int(Role.ADMIN), STRANGER, NO_DELAY_SECONDS)
        extra = [("NetworkAccess", "number of admins"), ("NetworkAccess", f"admin role of {STRANGER}")]
    access("grantRole", int(holder.role), holder.account, DAY)
    delay = ("NetworkAccess", f"execution delay of the {holder.role.title} role of {holder.account}")
    assert sorted(found()) == sorted([delay, *extra])


@pytest.mark.parametrize("what", ["admin", "guardian"])
@pytest.mark.parametrize("role", [Role.GUARDIAN, Role.TREASURER], ids=lambda role: role.title)
def test_reports_who_administers_a_role(found, access, role, what):
    access(f"setRole{what.title()}", int(role), int(Role.TREASURER))
    assert found() == [("NetworkAccess", f"{what} of the {role.title} role")]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_reports_a_target_that_is_closed(found, access, contract):
    closed = True
    access("setTargetClosed", ADDRESSES[contract], closed)
    assert found() == [("NetworkAccess", f"target {contract}")]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_reports_an_admin_delay_that_is_coming(found, node, access, now, contract):
    access("setTargetAdminDelay", ADDRESSES[contract], DAY)
    assert found() == [("NetworkAccess", f"admin delay of target {contract}")]


def test_reports_an_admin_delay_that_has_come(found, node, access, now):
    access("setTargetAdminDelay", ADDRESSES["FeeEscrow"], DAY)
    node.ask("evm_mine", now + 6 * DAY)
    assert found() == [("NetworkAccess", "admin delay of target FeeEscrow")]


@pytest.mark.parametrize(("contract", "function"), GOVERNED, ids=lambda value: value)
def test_reports_a_function_that_is_given_to_another_role(found, access, contract, function):
    access("setTargetFunctionRole", ADDRESSES[contract], [load_artifact(contract).selector(function)], PUBLIC_ROLE)
    attempt = (contract, f"{function} called by the deployer")
    is_open = contract != "NetworkAccess" and any(attempt in attempts_of(role) for role in Role)
    assert found() == [("NetworkAccess", f"role for {contract}.{function}"), *([attempt] if is_open else [])]


def test_reports_every_function_that_is_given_to_another_role(found, access):
    for contract in CONTRACTS:
        selectors = [load_artifact(contract).selector(name) for name in FUNCTIONS[contract]]
        access("setTargetFunctionRole", ADDRESSES[contract], selectors, PUBLIC_ROLE)
    opened = {attempt for role in Role for attempt in attempts_of(role) if attempt[0] != "NetworkAccess"}
    reported = found()
    labels = [f"role for {contract}.{name}" for contract, names in FUNCTIONS.items() for name in names]
    changed = [("NetworkAccess", label) for label in labels]
    assert reported[: len(changed)] == changed
    assert len(reported) == len(changed) + len(opened)
    assert set(reported[len(changed) :]) == opened


def test_reports_a_function_that_is_no_longer_the_guardians(found, access):
    selector = load_artifact("ConsentToken").selector("pauseUses")
    access("setTargetFunctionRole", ADDRESSES["ConsentToken"], [selector], int(Role.ADMIN))
    assert found() == [("NetworkAccess", "role for ConsentToken.pauseUses")]


def test_reports_a_selector_and_a_target_that_are_not_of_the_network(found, access, newcomer):
    access("setTargetFunctionRole", ADDRESSES["FeeEscrow"], [bytes.fromhex("deadbeef")], int(Role.GUARDIAN))
    access("setTargetFunctionRole", newcomer, [bytes.fromhex("deadbeef")], int(Role.GUARDIAN))
    assert found() == [
        ("NetworkAccess", "role for FeeEscrow.0xdeadbeef"),
        ("NetworkAccess", f"role for {newcomer}.0xdeadbeef"),
    ]


def test_finds_nothing_when_a_role_is_only_labelled(found, access):
    access("labelRole", int(Role.GUARDIAN), "guardian")
    assert found() == []

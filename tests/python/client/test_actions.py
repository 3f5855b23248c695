"""Actions as people write them: functions by name, and arguments in JSON."""

from __future__ import annotations

import json

import pytest
from eth_utils.crypto import keccak
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consentry.client.actions import WrittenAction, read_action, read_actions, write_action
from consentry.client.assurance import Assurance
from consentry.client.contract import Action
from consentry.client.council import Periods
from consentry.client.encoding import padded
from consentry.client.errors import ArgumentInvalid, ClientError, ProposalRefused
from consentry.client.exchanges import Shares
from consentry.client.fees import Price, Rates
from consentry.client.identities import Role
from consentry.demo.bring_up import IDENTITY, TENANCY
from consentry.demo.cast import BANK, RENTAL_AGENCY

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
LISTED = True


def hex_of(octets):
    """Return octets as JSON has them."""
    return "0x" + octets.hex()


def test_reads_what_the_client_would_make(network):
    identities, schemas, council = network.identities, network.schemas, network.council
    schema, purpose = keccak(text=IDENTITY), keccak(text=TENANCY)
    rates = Rates(Shares(6_000, 1_500, 1_500, 500, 500), 1, 2, 3)
    price = {"schema": hex_of(schema), "assurance": 2, "price": "5"}
    written = {
        ("IdentityRegistry.suspend", BANK.identity): identities.suspend(BANK.identity),
        ("IdentityRegistry.suspend", BANK.identity.lower()): identities.suspend(BANK.identity),
        ("IdentityRegistry.setRoles", BANK.identity, "0x20"): identities.set_roles(BANK.identity, Role.REGULATOR),
        ("SchemaRegistry.accreditProvider", hex_of(schema), BANK.identity, 2, "99"): schemas.accredit_provider(
            BANK.identity, IDENTITY, Assurance.SUBSTANTIAL, 99
        ),
        (
            "SchemaRegistry.accreditConsumer",
            hex_of(schema),
            hex_of(purpose),
            RENTAL_AGENCY.identity,
            99,
        ): schemas.accredit_consumer(RENTAL_AGENCY.identity, IDENTITY, TENANCY, 99),
        ("NetworkDirectory.set", hex_of(padded("FeeEscrow")), BANK.identity): network.directory_contract().action(
            "set", padded("FeeEscrow"), BANK.identity
        ),
        ("NetworkCredit.setNetworkContract", BANK.identity, LISTED): network.contract("NetworkCredit").action(
            "setNetworkContract", BANK.identity, LISTED
        ),
    }
    for (function, *arguments), action in written.items():
        assert read_action(network, function, arguments) == action, function
        assert_reads_back(network, action)
    periods = council.set_periods(Periods(60, 3_600, 4_000))
    by_name = {"voting": 3_600, "opinion": 4_000, "votingDelay": 60}
    assert read_action(network, "Council.setPeriods", [[60, 3_600, 4_000]]) == periods
    assert read_action(network, "Council.setPeriods", [by_name]) == periods
    published = network.fees.publish(rates, [Price(IDENTITY, Assurance.SUBSTANTIAL, 5)])
    arguments = [[rates.shares.pack(), 1, 2, 3], [list(price.values())]]
    assert read_action(network, "FeeSchedule.publish", arguments) == published
    for action in (periods, published):
        assert_reads_back(network, action)


def test_reads_several_from_a_file(network):
    document = [
        {"function": "IdentityRegistry.suspend", "arguments": [BANK.identity]},
        {"function": "IdentityRegistry.remove", "arguments": [BANK.identity]},
    ]
    expected = (network.identities.suspend(BANK.identity), network.identities.remove(BANK.identity))
    assert read_actions(network, json.dumps(document)) == expected
    assert read_actions(network, "[]") == ()


@pytest.mark.parametrize(
    ("function", "arguments", "refusal", "said"),
    [
        ("Registry.suspend", [], ProposalRefused, "the network has no contract 'Registry'; it has IdentityRegistry, "),
        ("suspend", [], ProposalRefused, "the network has no contract 'suspend'"),
        ("", [], ProposalRefused, "the network has no contract ''"),
        ("IdentityRegistry", [], ProposalRefused, "IdentityRegistry has no function '' that changes something"),
        ("IdentityRegistry.changed", [BANK.identity], ProposalRefused, "has no function 'changed' that changes"),
        ("IdentityRegistry.suspend", [], ArgumentInvalid, r"takes \(identity\), not 0 argument\(s\)"),
        ("IdentityRegistry.suspend", [1], ArgumentInvalid, "identity must be of the type address"),
        ("IdentityRegistry.suspend", ["bank"], ArgumentInvalid, "identity is not an address"),
        ("IdentityRegistry.suspend", [BANK.identity.swapcase()], ArgumentInvalid, "identity is not an address"),
        ("IdentityRegistry.setRoles", [BANK.identity, True], ArgumentInvalid, "roles must be of the type uint8"),
        ("IdentityRegistry.setRoles", [BANK.identity, 256], ArgumentInvalid, "IdentityRegistry.setRoles is of another"),
        ("IdentityRegistry.setRoles", [BANK.identity, "-1"], ArgumentInvalid, "roles must be of the type uint8"),
        ("NetworkCredit.setNetworkContract", [BANK.identity, 1], ArgumentInvalid, "must be of the type bool"),
        ("NetworkDirectory.set", ["0x00", BANK.identity], ArgumentInvalid, "NetworkDirectory.set is of another type"),
        ("NetworkDirectory.set", ["FeeEscrow", BANK.identity], ArgumentInvalid, "must be of the type bytes32"),
        ("Council.setPeriods", [[60, 3_600]], ArgumentInvalid, "must hold votingDelay, voting, opinion"),
        ("Council.setPeriods", [{"voting": 1}], ArgumentInvalid, "must hold votingDelay, voting, opinion"),
        ("Council.setPeriods", [7], ArgumentInvalid, "must hold votingDelay, voting, opinion"),
        ("FeeSchedule.publish", [[1, 2, 3, 4], 5], ArgumentInvalid, "must be a list"),
    ],
)
def test_refuses_what_the_network_does_not_have_or_take(network, function, arguments, refusal, said):
    with pytest.raises(refusal, match=said):
        read_action(network, function, arguments)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the actions cannot be read"),
        ("{}", "the actions cannot be read: they are not a JSON list"),
        ("[7]", "action 1 is not an object of 'function' and 'arguments'"),
        ('[{"function": "Council.addSeat"}]', "action 1 is not an object of 'function' and 'arguments'"),
        ('[{"function": 7, "arguments": []}]', "action 1 is not an object of 'function' and 'arguments'"),
        (b"\xff", "the actions cannot be read: "),
    ],
)
def test_refuses_a_file_that_holds_no_actions(network, text, said):
    with pytest.raises(ProposalRefused, match=said):
        read_actions(network, text)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.sampled_from(["Council.setPeriods", "FeeSchedule.publish", "IdentityRegistry.admit"]),
    st.lists(JSON, min_size=1, max_size=6),
)
def test_answers_any_arguments_with_an_action_or_the_clients_own_refusal(network, function, arguments):
    try:
        action = read_action(network, function, arguments)
    except ClientError:
        return
    assert action.name == function
    assert_reads_back(network, action)


def assert_reads_back(network, action):
    """Check that what is written of an action makes the same action."""
    made = write_action(network, action)
    function = f"{made.contract}.{made.signature.partition('(')[0]}"
    assert read_action(network, function, [argument.value for argument in made.arguments]) == action


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(
    st.binary(max_size=200) | st.binary(min_size=20, max_size=20).map(lambda octets: bytes(12) + octets),
    st.sampled_from(["IdentityRegistry.suspend(address)", "SchemaRegistry.registerPurpose(bytes32,string)"]),
)
def test_writes_arguments_of_any_data_exactly_or_not_at_all(network, data, function):
    contract, _, signature = function.partition(".")
    action = Action(
        network.addresses[contract], keccak(text=signature)[:4] + data, f"{contract}.{signature.partition('(')[0]}"
    )
    made = write_action(network, action)
    assert (made.contract, made.signature) == (contract, signature)
    if made.arguments is not None:
        assert_reads_back(network, action)


def test_writes_nothing_of_a_contract_that_is_not_the_networks(network):
    assert write_action(network, Action(BANK.identity, b"", "")) == WrittenAction(None, None, None)

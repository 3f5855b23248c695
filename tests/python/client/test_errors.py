"""One exception for each Solidity error, and one tree for everything that the client raises."""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
from importlib import resources

import pytest
from eth_abi.abi import encode
from eth_utils.abi import abi_to_signature
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

import consentry.client
from consentry.client import errors
from consentry.client.errors import (
    ClientError,
    ContractError,
    UnknownContractError,
    contract_error,
    contract_errors,
)
from consentry.errors import ConsentryError

ADDRESS = "0x52908400098527886E0F7030069857D2E4169EE7"
SAMPLES = {
    "address": ADDRESS,
    "bool": True,
    "bytes2": b"CA",
    "bytes4": b"\xca\xfe\xba\xbe",
    "bytes32": keccak(text="sample"),
    "bytes": b"\x01\x02\x03",
    "string": "Zoë",
}
BUILT_IN = {"Error": ("string",), "Panic": ("uint256",)}


def packaged_errors():
    """Return the errors of every packaged ABI as they are declared: types by name."""
    found = {}
    for entry in resources.files("consentry.contracts").iterdir():
        if entry.name.endswith(".json"):
            for item in json.loads(entry.read_text("utf-8"))["abi"]:
                if item["type"] == "error":
                    found[item["name"]] = item
    return found


DECLARED = packaged_errors()


def sample(kind, number):
    if kind.startswith("uint"):
        return min(number, (1 << int(kind[4:])) - 1)
    return SAMPLES[kind]


def data_of(name, types, values):
    return keccak(text=f"{name}({','.join(types)})")[:4] + encode(types, values)


# ------------------------------------------------------------- from the ABI to Python


def test_there_are_errors_of_every_contract():
    prefixes = ("ConsentToken", "FeeEscrow", "FeeSchedule", "HostRewards", "IdentityRegistry", "NetworkCredit")
    for prefix in (*prefixes, "NetworkDirectory", "SchemaRegistry", "AccessManager", "ERC20", "SafeERC20"):
        assert [name for name in DECLARED if name.startswith(prefix)], prefix
    assert len(DECLARED) > 150


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_every_solidity_error_is_one_class_with_its_values(name):
    inputs = DECLARED[name]["inputs"]
    types = [each["type"] for each in inputs]
    values = [sample(kind, number) for number, kind in enumerate(types, start=1)]

    error = contract_error(data_of(name, types, values))

    assert type(error) is getattr(errors, name)
    assert isinstance(error, ContractError)
    assert error.name == type(error).__name__ == name
    assert error.values == {each["name"]: value for each, value in zip(inputs, values, strict=True)}
    assert error.parameters == tuple((each["name"], each["type"]) for each in inputs)
    assert abi_to_signature(DECLARED[name]) in type(error).__doc__
    for value in values:
        assert ("0x" + value.hex() if isinstance(value, bytes) else str(value)) in str(error)


def test_every_class_is_one_solidity_error():
    classes = contract_errors()

    assert {kind.name for kind in classes} == set(DECLARED) | set(BUILT_IN)
    assert len({kind.name for kind in classes}) == len(classes)


def test_the_compilers_two_are_told_in_words():
    reason = contract_error(data_of("Error", ["string"], ["no\nmore " + "x" * 1_000]))
    panic = contract_error(data_of("Panic", ["uint256"], [0x11]))

    assert type(reason) is errors.Error
    assert str(reason).startswith("the contract refused: Error(reason=no more xxx")
    assert len(str(reason)) < 400
    assert (type(panic), panic.values) == (errors.Panic, {"code": 17})


def test_what_is_no_error_is_no_attribute():
    with pytest.raises(AttributeError, match="has no attribute ConsentTokenImagined"):
        _ = errors.ConsentTokenImagined


# ------------------------------------------------------------- what no ABI knows, and what is damaged


@pytest.mark.parametrize("data", [b"", b"\x01", b"\x01\x02\x03", b"\xde\xad\xbe\xef", b"\xde\xad\xbe\xef" * 200])
def test_keeps_the_data_when_no_abi_knows_it(data):
    error = contract_error(data)

    assert type(error) is UnknownContractError
    assert error.values == {"data": data}
    assert len(str(error)) < 400


@pytest.mark.parametrize("name", sorted(name for name in DECLARED if DECLARED[name]["inputs"]))
def test_keeps_the_data_when_it_ends_too_early(name):
    types = [each["type"] for each in DECLARED[name]["inputs"]]
    whole = data_of(name, types, [sample(kind, 1) for kind in types])
    for cut in (whole[:4], whole[:-32], whole[:-1]):
        assert contract_error(cut).values == {"data": cut}


def test_keeps_the_data_when_a_value_is_too_large_for_its_type():
    data = keccak(text="ConsentTokenExpired(bytes32,uint48)")[:4] + b"\xff" * 64

    assert type(contract_error(data)) is UnknownContractError


def test_keeps_the_data_when_a_text_is_no_text():
    data = keccak(text="Error(string)")[:4] + encode(["bytes"], [b"\xff\xfe"])

    assert type(contract_error(data)) is UnknownContractError


SELECTORS = [keccak(text=abi_to_signature(item))[:4] for item in DECLARED.values()]


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.just(b""), st.sampled_from(SELECTORS), st.binary(max_size=4)), st.binary(max_size=200))
def test_any_data_is_a_contract_error_in_one_line(selector, body):
    error = contract_error(selector + body)

    assert isinstance(error, ContractError)
    assert "\n" not in str(error)


# ------------------------------------------------------------- the tree


def test_every_exception_of_the_client_is_drawn_in_the_tree():
    drawn = set(re.findall(r"[├└]── (\w+)", errors.__doc__)) - {"ClientError"}

    assert drawn == {kind.__name__ for kind in ClientError.__subclasses__() if kind.__module__ == errors.__name__}
    assert issubclass(ClientError, ConsentryError)


def test_the_client_raises_nothing_else_of_its_own():
    for module in pkgutil.iter_modules(consentry.client.__path__, "consentry.client."):
        own = inspect.getmembers(importlib.import_module(module.name), inspect.isclass)
        for name, kind in own:
            if issubclass(kind, Exception) and kind.__module__.startswith("consentry.client"):
                assert issubclass(kind, ClientError), name

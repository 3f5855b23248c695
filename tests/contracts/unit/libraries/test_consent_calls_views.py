"""ConsentCalls: the shortcut in assembly beside its plain twin."""

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from scripts import golden_vectors

REFUSED = "0x" + "00" * 19 + "01"
SIGNATURES = (b"", b"\x01", b"\x1f" * 31, b"\x20" * 32, b"\x21" * 33, b"\x41" * 65, b"\x60" * 96)
OPENED = "(address,bytes32,bytes32,address,address,uint8,bytes32,bytes32,uint48,uint48,uint48,uint32,uint256)"


@pytest.fixture(scope="module")
def calls(ConsentCallsHarness, council):
    return ConsentCallsHarness.deploy({"from": council})


@pytest.fixture(scope="module")
def data_of(system):
    """Encode the call of a use in Python: a function of its arguments."""
    selector = bytes.fromhex(system.consents.useConsent.signature[2:])
    return lambda *arguments: selector + encode(["bytes", "address", OPENED], arguments)


@pytest.fixture(scope="module")
def openings():
    """Three opened consents, the lowest and the highest among them."""
    return [golden_vectors.parse_opened(one).arguments() for one in golden_vectors.draw_openings(3, seed=11)]


@pytest.mark.parametrize("signature", SIGNATURES, ids=len)
def test_calls_and_hears_as_its_twin_does(calls, coordinator, openings, data_of, signature):
    for opened in openings:
        short, plain = (call.call(signature, coordinator, opened) for call in (calls.short, calls.plain))

        called = keccak(data_of(signature, coordinator.address, opened))
        assert [(bytes(answer[0]), *map(int, answer[1:])) for answer in (short, plain)] == [(called, 2, 3, 4, 5, 6)] * 2


@pytest.mark.parametrize("signature", SIGNATURES, ids=len)
def test_reverts_with_what_the_token_reverts_with(calls, openings, data_of, reverts_with, signature):
    for opened in openings:
        data = data_of(signature, REFUSED, opened)
        for call in (calls.short, calls.plain):
            with reverts_with("ConsentCallsHarnessRefused", keccak(data), data):
                call.call(signature, REFUSED, opened)

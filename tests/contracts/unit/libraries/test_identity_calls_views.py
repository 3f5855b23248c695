"""IdentityCalls: the shortcut in assembly beside its plain twin."""

import pytest
from eth_abi.abi import encode

ALLOWED = "0x" + "00" * 19 + "01"
ACTORS = (
    ("0x" + "00" * 20, bytes(32), "0x" + "00" * 20),
    ("0x" + "ff" * 20, b"\xff" * 32, "0x" + "ff" * 20),
    ("0x" + "11" * 20, b"exchange".ljust(32, b"\0"), "0x" + "22" * 20),
)
EXCHANGE, DELIVERY = (kind.ljust(32, b"\0") for kind in (b"exchange", b"delivery"))


@pytest.fixture(scope="module")
def calls(IdentityCallsHarness, council):
    return IdentityCallsHarness.deploy({"from": council})


@pytest.mark.parametrize("actor", ACTORS, ids=["lowest", "highest", "different"])
def test_asks_as_its_twin_does_and_hands_on_the_refusal(system, calls, reverts_with, actor):
    selector = bytes.fromhex(system.identities.checkActor.signature[2:])
    data = selector + encode(["address", "bytes32", "address"], actor)

    for ask in (calls.short, calls.plain):
        with reverts_with("IdentityCallsHarnessRefused", data):
            ask(calls, *actor)


def test_says_nothing_when_there_is_no_objection(calls):
    for participant, kind, _ in ACTORS:
        for ask in (calls.short, calls.plain):
            ask(calls, participant, kind, ALLOWED)


def test_asks_the_registry_itself_as_its_twin_does(system, calls, consumer, delegate, stranger, reverts_with):
    system.identities.addDelegate(consumer, EXCHANGE, delegate, 1_000, {"from": consumer})

    for ask in (calls.short, calls.plain):
        ask(system.identities, consumer, EXCHANGE, consumer)
        ask(system.identities, consumer, EXCHANGE, delegate)
        for kind, signer in ((DELIVERY, delegate), (EXCHANGE, stranger)):
            with reverts_with("IdentityRegistryNotActor", consumer, kind, signer):
                ask(system.identities, consumer, kind, signer)

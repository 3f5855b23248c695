"""ExchangeDigests: each shortcut in assembly beside its plain twin, in Solidity and in Python."""

import json

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from scripts import golden_vectors

EXCHANGE = "(bytes32,address,address,address,bytes32,uint80,uint48,uint256,uint32)"
LOWEST = (bytes(32), *["0x" + "00" * 20] * 3, bytes(32), 0, 0, 0, 0)
HIGHEST = (
    b"\xff" * 32,
    *["0x" + "ff" * 20] * 3,
    b"\xff" * 32,
    2**80 - 1,
    2**48 - 1,
    2**256 - 1,
    2**32 - 1,
)


@pytest.fixture(scope="module")
def digests(DigestsHarness, council):
    return DigestsHarness.deploy({"from": council})


@pytest.fixture(scope="module")
def vectors():
    return json.loads(golden_vectors.VECTORS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def messages_of(vectors):
    """Return every vector of a type: the message's values in order, and its struct hash."""
    fields = golden_vectors.load_types()["fee_escrow"]

    def messages(type_name):
        return [
            (list(golden_vectors.parse_message(vector["message"], fields[type_name]).values()), vector["structHash"])
            for vector in vectors["messages"]
            if vector["type"] == type_name
        ]

    return messages


def test_hashes_orders_as_in_the_vectors(digests, messages_of):
    for (consent, use, *order), struct_hash in messages_of("Order"):
        unnamed = [*order[:-1], "0x" + "00" * 20]
        for brought in (order, unnamed):
            assert digests.orderStructHash(consent, use, brought, order[-1]) == struct_hash


@pytest.mark.parametrize(
    ("type_name", "function"),
    [
        ("Delivery", "deliveryStructHash"),
        ("Decline", "declineStructHash"),
        ("Acceptance", "acceptanceStructHash"),
        ("Dispute", "disputeStructHash"),
    ],
)
def test_hashes_steps_as_in_the_vectors(digests, messages_of, type_name, function):
    for message, struct_hash in messages_of(type_name):
        assert getattr(digests, function)(*message) == struct_hash


def test_h012_has_the_type_of_batches_that_the_vectors_have(digests, vectors):
    assert digests.batchTypehash() == vectors["types"]["Batch"]["typeHash"]


def test_hashes_exchanges_alike_where_they_are_made_and_where_they_are_brought(digests, system, funded):
    for exchange in (LOWEST, HIGHEST, funded().exchange.arguments()):
        plain = keccak(encode([EXCHANGE], [exchange]))

        assert tuple(bytes(one) for one in digests.hashesOf(exchange)) == (plain, plain)
        assert bytes(system.escrow.hashExchange(exchange)) == plain


def test_hashes_no_order_that_was_signed_when_a_field_has_stray_bits(digests, web3, messages_of):
    (consent, use, *order), signed = next(one for one in messages_of("Order") if one[0][1])
    clean = digests.orderStructHash.encode_input(consent, use, order, order[-1])
    for name, position in (("coordinator", 1), ("scheduleVersion", 2), ("fundBy", 4), ("deliverBy", 5)):
        start = 2 + 2 * (4 + 32 * (2 + position))
        stray = clean[:start] + "80" + clean[start + 2 :]
        assert clean[start : start + 2] == "00", name

        hashed = web3.eth.call({"to": digests.address, "data": stray})

        assert len(hashed) == 32
        assert "0x" + bytes(hashed).hex() != signed, name

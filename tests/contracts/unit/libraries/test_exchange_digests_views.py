"""ExchangeDigests: each shortcut in assembly beside its plain twin, in Solidity and in Python."""

import json

import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak

from consentry.client.exchanges import ExchangeState
from scripts import golden_vectors

EXCHANGE = "(bytes32,address,address,address,uint256,bytes32)"
ITEM = "(address,bytes32,bytes32,uint256,bytes32,bytes32,bytes32,bytes32)"
LOWEST = (bytes(32), *["0x" + "00" * 20] * 3, 0, bytes(32))
HIGHEST = (b"\xff" * 32, *["0x" + "ff" * 20] * 3, 2**256 - 1, b"\xff" * 32)
CIPHERTEXT_HASH = keccak(text="ciphertext")
LOWEST_ITEM = ("0x" + "00" * 20, bytes(32), bytes(32), 0, *[bytes(32)] * 4)
HIGHEST_ITEM = ("0x" + "ff" * 20, b"\xff" * 32, b"\xff" * 32, 2**256 - 1, *[b"\xff" * 32] * 4)


def number_item(number):
    """An item of a batch whose words tell its number and their place."""
    words = [keccak(text=f"{place} of item {number}") for place in range(8)]
    return ("0x" + words[0][12:].hex(), words[1], words[2], int.from_bytes(words[3], "big"), *words[4:])


@pytest.fixture(scope="module")
def digests(DigestsHarness, council):
    return DigestsHarness.deploy({"from": council})


@pytest.fixture(scope="module")
def vectors():
    return json.loads(golden_vectors.VECTORS.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def messages_of(vectors):
    """Return every vector of a type: the message's values in order, and its struct hash."""
    types = golden_vectors.load_types()

    def messages(type_name, domain="fee_escrow"):
        fields = types[domain][type_name]
        return [
            (list(golden_vectors.parse_message(vector["message"], fields).values()), vector["structHash"])
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


def test_h012_hashes_batches_as_in_the_vectors(digests, messages_of):
    for (*to_fee, items, relayer, deadline, nonce, signer), struct_hash in messages_of("Batch", "exchange_batches"):
        assert digests.batchStructHash((*to_fee, relayer, deadline, nonce), items, signer) == struct_hash


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_h011_hashes_items_as_its_twin_does(digests, count):
    items = [LOWEST_ITEM, HIGHEST_ITEM, *(number_item(number) for number in range(3))][:count]

    short, plain = digests.itemsHashes(items)

    assert bytes(short) == bytes(plain) == keccak(b"".join(encode([ITEM], [item]) for item in items))


def test_hashes_items_otherwise_when_any_word_differs(digests):
    item = number_item(7)
    hashed = {bytes(digests.itemsHashes([item])[0])}
    for position, _ in enumerate(item):
        hashed.add(bytes(digests.itemsHashes([(*item[:position], HIGHEST_ITEM[position], *item[position + 1 :])])[0]))
    hashed.add(bytes(digests.itemsHashes([number_item(8), item])[0]))
    hashed.add(bytes(digests.itemsHashes([item, number_item(8)])[0]))

    assert len(hashed) == len(item) + 3


def test_hashes_exchanges_alike_where_they_are_made_and_where_they_are_brought(digests, system, funded):
    for exchange in (LOWEST, HIGHEST, funded().exchange.arguments()):
        plain = keccak(encode([EXCHANGE], [exchange]))

        assert [bytes(one) for one in digests.hashesOf(exchange)] == [plain] * 3
        assert bytes(system.escrow.hashExchange(exchange)) == plain


@pytest.mark.parametrize("delivered_at", [0, 1_800_000_000, 2**48 - 1])
def test_hashes_delivered_exchanges_with_the_ciphertext_in_the_keys_place(digests, funded, delivered_at):
    for exchange in (LOWEST, HIGHEST, funded().exchange.arguments()):
        delivered = *exchange[:-1], CIPHERTEXT_HASH
        plain = keccak(encode([EXCHANGE, "uint48"], [delivered, delivered_at]))

        found = digests.deliveredHashesOf(exchange, CIPHERTEXT_HASH, delivered_at)

        assert [bytes(one) for one in found] == [plain] * 3


@pytest.mark.parametrize("number", [0, 1_800_000_000, 2**48 - 1])
def test_hashes_disputed_exchanges_as_its_twin_does(digests, number):
    for delivered, bond in ((bytes(32), 0), (b"\xff" * 32, 2**256 - 1), (CIPHERTEXT_HASH, 300_000)):
        short, plain = digests.disputedHashesOf(delivered, bond, number)

        words = encode(["bytes32", "uint256", "uint48"], [delivered, bond, number])
        assert bytes(short) == bytes(plain) == keccak(words)


def test_keeps_state_and_hash_or_instant_in_one_slot(digests):
    for state in ExchangeState:
        for hashed in (bytes(32), b"\xff" * 32, CIPHERTEXT_HASH):
            opened, ended, *states = digests.slotsOf(state, hashed, 2**48 - 1)

            assert opened == int.from_bytes(hashed[:31] + bytes([state]), "big")
            assert ended == (2**48 - 1) << 8 | state
            assert states == [state, state]


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

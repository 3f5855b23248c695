"""MerkleRoots: roots and proofs as OpenZeppelin's MerkleProof and the package have them."""

import pytest
from eth_utils.crypto import keccak

from consentry.client.batches import merkle_proof, merkle_root

MOST_LEAVES = 20
DEEPEST = 256


@pytest.fixture(scope="module")
def digests(DigestsHarness, council):
    return DigestsHarness.deploy({"from": council})


def leaves(count):
    """Ids of consents."""
    return [keccak(text=f"consent {number}") for number in range(count)]


def above(one, other):
    """The node over two, whichever comes first."""
    return keccak(min(one, other) + max(one, other))


@pytest.mark.parametrize("count", range(1, MOST_LEAVES + 1))
def test_h048_is_proved_by_openzeppelin_for_every_leaf(digests, count):
    consents = leaves(count)

    root = bytes(digests.rootOf(consents, count))

    assert root == merkle_root(consents)
    for consent in consents:
        proof = merkle_proof(consents, consent)
        assert digests.isUnder(root, consent, proof) is True
        assert digests.isUnder(root, keccak(consent), proof) is False


def test_h048_is_the_leaf_itself_when_there_is_one(digests):
    (consent,) = leaves(1)

    assert bytes(digests.rootOf([consent], 1)) == consent
    assert merkle_proof([consent], consent) == ()
    assert digests.isUnder(consent, consent, []) is True


def test_h048_raises_the_odd_one_as_it_is(digests):
    one, other, third = leaves(3)

    assert bytes(digests.rootOf([one, other, third], 3)) == above(above(one, other), third)


def test_h048_is_proved_when_a_leaf_comes_twice(digests):
    one, other, _ = leaves(3)
    consents = [one, other, one]

    root = bytes(digests.rootOf(consents, 3))

    assert root == merkle_root(consents) == above(above(one, other), one)
    assert digests.isUnder(root, one, merkle_proof(consents, one)) is True
    assert digests.isUnder(root, other, merkle_proof(consents, other)) is True


def test_h048_counts_the_first_leaves_and_no_more(digests):
    consents = leaves(9)
    for count in range(1, 10):
        assert bytes(digests.rootOf(consents, count)) == merkle_root(consents[:count])


def test_h048_is_proved_by_a_proof_of_256_nodes(digests):
    (leaf,) = leaves(1)
    proof = [keccak(text=f"node {depth}") for depth in range(DEEPEST)]
    root = leaf
    for node in proof:
        root = above(root, node)

    assert digests.isUnder(root, leaf, proof) is True
    assert digests.isUnder(root, leaf, proof[:-1]) is False
    assert digests.isUnder(root, leaf, [*proof[:-1], keccak(proof[-1])]) is False


def test_is_another_when_any_leaf_or_their_order_differs(digests):
    consents = leaves(5)
    orders = [consents, [*consents[2:4], *consents[:2], consents[4]], consents[::-1], [*consents[:4], consents[0]]]

    # Two pairs may change places, and the two of a pair: their proofs are the same.
    assert len({bytes(digests.rootOf(order, 5)) for order in orders}) == len(orders) - 1

"""WordHashes: each shortcut in assembly beside its plain twin, in Solidity and in Python."""

import pytest
from eth_utils.crypto import keccak

SIX_WORDS = (
    (bytes(32),) * 6,
    (b"\xff" * 32,) * 6,
    tuple(keccak(text=f"word {number}") for number in range(6)),
)


@pytest.fixture(scope="module")
def digests(DigestsHarness, council):
    return DigestsHarness.deploy({"from": council})


@pytest.mark.parametrize("words", SIX_WORDS, ids=["lowest", "highest", "different"])
def test_hashes_words_as_its_twin_does(digests, words):
    short, plain = digests.wordHashes(words)

    expected = [keccak(b"".join(words[:count])) for count in (3, 4, 6)]
    assert [bytes(one) for one in short] == [bytes(one) for one in plain] == expected


def test_right_aligns_addresses(digests, council):
    assert bytes(digests.wordOf(council)) == bytes(12) + bytes.fromhex(council.address[2:])

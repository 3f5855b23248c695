"""Signatures: the shortcut in assembly beside its plain twin."""

import pytest
from eth_account import Account
from eth_utils.crypto import keccak

SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
DIGEST = keccak(text="digest")
SIGNER = Account.from_key(keccak(text="signer"))
NOBODY = "0x" + "00" * 20

SIGNATURE = bytes(Account.unsafe_sign_hash(DIGEST, SIGNER.key).signature)
R, S, V = SIGNATURE[:32], SIGNATURE[32:64], SIGNATURE[64]
OTHER_FORMS = {
    "high s": R + (SECP256K1_ORDER - int.from_bytes(S, "big")).to_bytes(32, "big") + bytes([55 - V]),
    "v 0 or 1": R + S + bytes([V - 27]),
    "v 29": R + S + b"\x1d",
    "v of the other key": R + S + bytes([55 - V]),
    "compact": R + (int.from_bytes(S, "big") | (V - 27) << 255).to_bytes(32, "big"),
    "empty": b"",
    "64 bytes": R + S,
    "66 bytes": SIGNATURE + b"\x00",
    "r zero": bytes(32) + S + bytes([V]),
    "s zero": R + bytes(32) + bytes([V]),
    "all zero": bytes(65),
}


@pytest.fixture(scope="module")
def digests(DigestsHarness, council):
    return DigestsHarness.deploy({"from": council})


def parts_of(signature):
    """v, r and s of a signature of 65 bytes."""
    return signature[64], signature[:32], signature[32:64]


def test_takes_the_signers_own_signature(digests):
    assert tuple(digests.isValidPlain(SIGNER.address, DIGEST, SIGNATURE)) == (True, True)
    assert tuple(digests.isValidPlainInParts(SIGNER.address, DIGEST, *parts_of(SIGNATURE))) == (True, True)


def test_refuses_it_for_another_signer_or_digest(digests, council):
    assert tuple(digests.isValidPlain(council, DIGEST, SIGNATURE)) == (False, False)
    assert tuple(digests.isValidPlain(SIGNER.address, keccak(DIGEST), SIGNATURE)) == (False, False)
    parts = parts_of(SIGNATURE)
    assert tuple(digests.isValidPlainInParts(council, DIGEST, *parts)) == (False, False)
    assert tuple(digests.isValidPlainInParts(SIGNER.address, keccak(DIGEST), *parts)) == (False, False)


@pytest.mark.parametrize("signature", OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_h005_h006_h007_h008_refuses_other_forms_as_its_twin_does(digests, signature):
    for signer in (SIGNER.address, NOBODY):
        assert tuple(digests.isValidPlain(signer, DIGEST, signature)) == (False, False)
        if len(signature) == 65:
            assert tuple(digests.isValidPlainInParts(signer, DIGEST, *parts_of(signature))) == (False, False)

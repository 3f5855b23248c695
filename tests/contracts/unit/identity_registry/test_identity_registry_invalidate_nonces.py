"""IdentityRegistry.invalidateNonces: a signer takes back what it signed."""

import pytest

EXCHANGE = b"exchange".ljust(32, b"\0")
DAY_SECONDS = 86_400
EVERY_BIT = 2**256 - 1


@pytest.fixture
def change(sign, consumer, delegate):
    """A word of the consumer that nobody has carried yet."""
    return sign("AddDelegate", consumer, delegateType=EXCHANGE, delegate=delegate, validity=DAY_SECONDS)


def test_h016_voids_what_is_pending_when_its_signer_says_so(
    identities, consumer, change, relayer, told_by, reverts_with
):
    word, mask = change.nonce >> 8, 1 << (change.nonce & 0xFF)

    tx = identities.invalidateNonces(word, mask, {"from": consumer})

    assert told_by(tx) == [("NoncesInvalidated", {"signer": consumer, "word": word, "mask": mask})]
    assert identities.isNonceUsed(consumer, change.nonce) is True
    with reverts_with("IdentityRegistryNonceUsed", consumer, change.nonce):
        change.carry(relayer)
    change.but(nonce=change.nonce + 1).carry(relayer)


def test_h016_voids_every_nonce_of_the_word_when_the_mask_is_full(identities, consumer):
    identities.invalidateNonces(3, EVERY_BIT, {"from": consumer})

    used = [identities.isNonceUsed(consumer, nonce) for nonce in (767, 768, 800, 1023, 1024)]
    assert used == [False, True, True, True, False]


def test_h016_voids_the_last_nonce_when_its_word_is_the_last(identities, consumer):
    identities.invalidateNonces(2**248 - 1, 1 << 255, {"from": consumer})

    assert identities.isNonceUsed(consumer, 2**256 - 1) is True
    assert identities.isNonceUsed(consumer, 2**256 - 2) is False


def test_keeps_used_nonces_used_when_the_mask_leaves_them_out(identities, consumer, change, relayer):
    change.carry(relayer)

    identities.invalidateNonces(change.nonce >> 8, 0, {"from": consumer})

    assert identities.isNonceUsed(consumer, change.nonce) is True


def test_h016_voids_nobody_elses_when_a_stranger_says_so(identities, consumer, delegate, change, others, relayer):
    for other in others:
        identities.invalidateNonces(change.nonce >> 8, EVERY_BIT, {"from": other})

    assert identities.isNonceUsed(consumer, change.nonce) is False
    change.carry(relayer)
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True

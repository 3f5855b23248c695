"""ConsentToken: what it tells."""

import pytest
from eth_utils.crypto import keccak

from tests.helpers.network import NOBODY

ZERO_SALT = "0x" + "00" * 32
INTERFACES = {
    "ERC-165": "0x01ffc9a7",
    "ERC-721": "0x80ac58cd",
    "ERC-5192": "0xb45a3c0e",
    "ERC-5267": "0x84b0196e",
    "ERC-5484": "0x0489b56f",
}
NO_INTERFACES = {
    "none, by ERC-165": "0xffffffff",
    "ERC-721 metadata": "0x5b5e139f",
    "ERC-721 enumeration": "0x780e9d63",
    "ERC-1155": "0xd9b67a26",
    "ERC-4494": "0x5604e225",
}
OWNER_ONLY = 1


@pytest.fixture
def token(given, grant):
    """Token id of a granted consent."""
    grant(given)
    return int.from_bytes(given.id, "big")


# ------------------------------------------------------------- digests


def test_hashes_a_consent_opened_or_not_to_its_id(consents, given):
    assert bytes(consents.hashConsent(given.sealed.arguments())) == given.id
    assert bytes(consents.hashOpenedConsent(given.opened.arguments())) == given.id


def test_hashes_a_withdrawal_as_the_package_does(consents, words, given):
    digest = words.consents.digest("Withdrawal", {"consent": given.id, "subject": given.opened.subject})

    assert bytes(consents.hashWithdrawal(given.id, given.opened.subject)) == digest


def test_h013_tells_the_domain_that_it_hashes_under(system, consents):
    fields, name, version, chain_id, contract, salt, extensions = consents.eip712Domain()

    assert (fields, salt, tuple(extensions)) == ("0x0f", ZERO_SALT, ())
    assert (name, version) == ("Consentry ConsentToken", "1")
    assert (chain_id, contract) == (system.manifest.chain_id, consents.address)


# ------------------------------------------------------------- what is kept


def test_tells_nothing_of_a_consent_that_it_never_saw(consents, given, consumer):
    assert tuple(consents.stateOf(given.id)) == (NOBODY, 0, NOBODY, 0)
    assert consents.isWithdrawn(given.id) is False
    assert consents.isNonceSpent(consumer, given.opened.nonce) is False
    assert consents.balanceOf(given.opened.subject) == 0


def test_tells_the_escrows_by_their_index(system, consents):
    assert tuple(consents.currentEscrow()) == (system.escrow, 1)
    assert [consents.escrowAt(index) for index in (0, 1, 2, 2**16 - 1)] == [NOBODY, system.escrow, NOBODY, NOBODY]


def test_tells_its_registries_and_that_nothing_is_paused(system, consents):
    assert tuple(consents.registries()) == (system.identities, system.schemas)
    assert tuple(consents.grantsPause()) == (0, False)
    assert tuple(consents.usesPause()) == (0, False)
    assert consents.authority() == system.access


# ------------------------------------------------------------- the token


def test_tells_its_name(consents):
    assert (consents.name(), consents.symbol()) == ("Consentry Consent", "CONSENT")


def test_tells_who_owns_a_token_and_that_it_stays_there(consents, given, token, stranger):
    subject = given.opened.subject

    assert (consents.ownerOf(token), consents.balanceOf(subject)) == (subject, 1)
    assert consents.locked(token) is True
    assert consents.burnAuth(token) == OWNER_ONLY
    assert consents.getApproved(token) == NOBODY
    assert consents.isApprovedForAll(subject, stranger) is False


@pytest.mark.parametrize("question", ["ownerOf", "locked", "burnAuth", "getApproved"])
@pytest.mark.parametrize("withdrawn", [True, False])
def test_h055_reverts_when_there_is_no_token(
    consents, words, given, grant, withdraw, reverts_with, question, withdrawn
):
    if withdrawn:
        grant(given)
        withdraw(given)

    with reverts_with("ConsentTokenMissing", given.id):
        getattr(consents, question)(int.from_bytes(given.id, "big"))


def test_reverts_when_nobodys_balance_is_asked_for(consents, reverts_with):
    with reverts_with("ConsentTokenOwnerZero"):
        consents.balanceOf(NOBODY)


def test_tells_which_interfaces_it_has(consents):
    assert {name for name, each in INTERFACES.items() if consents.supportsInterface(each)} == set(INTERFACES)
    assert not {name for name, each in NO_INTERFACES.items() if consents.supportsInterface(each)}


def test_h068_has_no_list_of_a_subjects_consents(consents):
    assert "0x" + keccak(text="balanceOf(address)")[:4].hex() in consents.selectors
    for function in ("tokenOfOwnerByIndex(address,uint256)", "tokenByIndex(uint256)", "totalSupply()"):
        assert "0x" + keccak(text=function)[:4].hex() not in consents.selectors

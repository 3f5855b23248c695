"""NetworkCredit.permit (ERC-2612): an allowance by signature."""

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

CREDIT = 10**6
HOLDER_KEY = "0x" + "5e" * 32
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


@pytest.fixture
def holder():
    """An account whose key signs permits."""
    return Account.from_key(HOLDER_KEY)


@pytest.fixture
def permit(credit, holder, provider, chain, web3):
    """Sign a permit of the holder for the provider; each part can be changed."""

    def sign(value=70, nonce=0, deadline=None, key=HOLDER_KEY, contract=None, chain_id=None):
        deadline = chain[-1].timestamp + 3600 if deadline is None else deadline
        message = {
            "types": {
                "EIP712Domain": [
                    {"name": "name", "type": "string"},
                    {"name": "version", "type": "string"},
                    {"name": "chainId", "type": "uint256"},
                    {"name": "verifyingContract", "type": "address"},
                ],
                "Permit": [
                    {"name": "owner", "type": "address"},
                    {"name": "spender", "type": "address"},
                    {"name": "value", "type": "uint256"},
                    {"name": "nonce", "type": "uint256"},
                    {"name": "deadline", "type": "uint256"},
                ],
            },
            "primaryType": "Permit",
            "domain": {
                "name": "Consentry Network Credit",
                "version": "1",
                "chainId": web3.eth.chain_id if chain_id is None else chain_id,
                "verifyingContract": contract or credit.address,
            },
            "message": {
                "owner": holder.address,
                "spender": provider.address,
                "value": value,
                "nonce": nonce,
                "deadline": deadline,
            },
        }
        signed = Account.sign_message(encode_typed_data(full_message=message), key)
        return deadline, signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")

    return sign


def test_allows_the_spender_when_the_holder_signed(credit, holder, provider, permit, stranger):
    credit.permit(holder.address, provider, 70, *permit(), {"from": stranger})

    assert credit.allowance(holder.address, provider) == 70
    assert credit.nonces(holder.address) == 1


def test_h013_names_the_domain_in_use_when_asked(credit, web3):
    fields, name, version, chain_id, contract, salt, extensions = credit.eip712Domain()

    assert (name, version, chain_id, contract) == (
        "Consentry Network Credit",
        "1",
        web3.eth.chain_id,
        credit.address,
    )
    assert (int(str(fields), 16), int(str(salt), 16), tuple(extensions)) == (0x0F, 0, ())


def test_h014_allows_at_the_deadline_when_it_is_far(credit, holder, provider, permit, stranger):
    credit.permit(holder.address, provider, 70, *permit(deadline=2**256 - 1), {"from": stranger})

    assert credit.allowance(holder.address, provider) == 70


def test_h014_reverts_when_the_deadline_is_over(credit, holder, provider, permit, stranger, chain, reverts_with):
    deadline = chain[-1].timestamp - 1

    with reverts_with("ERC2612ExpiredSignature", deadline):
        credit.permit(holder.address, provider, 70, *permit(deadline=deadline), {"from": stranger})


def test_h001_reverts_when_the_signature_is_used_twice(credit, holder, provider, permit, stranger, reverts_with):
    signature = permit()
    credit.permit(holder.address, provider, 70, *signature, {"from": stranger})

    with reverts_with("ERC2612InvalidSigner", ..., holder.address):
        credit.permit(holder.address, provider, 70, *signature, {"from": stranger})

    assert credit.nonces(holder.address) == 1


def test_h002_h003_reverts_when_signed_for_another_token_or_chain(
    credit, holder, provider, permit, stranger, system, web3, reverts_with
):
    for elsewhere in ({"contract": system.credit.address}, {"chain_id": web3.eth.chain_id + 1}):
        with reverts_with("ERC2612InvalidSigner", ..., holder.address):
            credit.permit(holder.address, provider, 70, *permit(**elsewhere), {"from": stranger})


def test_h005_reverts_when_the_signature_is_malleated(credit, holder, provider, permit, stranger, reverts_with):
    deadline, v, r, s = permit()
    high_s = (SECP256K1_ORDER - int.from_bytes(s, "big")).to_bytes(32, "big")

    with reverts_with("ECDSAInvalidSignatureS", high_s):
        credit.permit(holder.address, provider, 70, deadline, 55 - v, r, high_s, {"from": stranger})


def test_h007_reverts_when_the_recovery_id_is_wrong(credit, holder, provider, permit, stranger, reverts_with):
    deadline, _, r, s = permit()

    for wrong in (0, 1, 29, 255):
        with reverts_with("ECDSAInvalidSignature"):
            credit.permit(holder.address, provider, 70, deadline, wrong, r, s, {"from": stranger})


def test_reverts_when_somebody_else_signed(credit, holder, provider, permit, stranger, reverts_with):
    other = Account.from_key("0x" + "77" * 32)

    with reverts_with("ERC2612InvalidSigner", other.address, holder.address):
        credit.permit(holder.address, provider, 70, *permit(key=other.key), {"from": stranger})

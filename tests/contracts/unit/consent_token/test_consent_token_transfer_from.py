"""ConsentToken.transferFrom and every other way in which tokens move elsewhere: all refused."""

import pytest
from eth_utils.crypto import keccak

ELSEWHERE = (
    "safeTransferFrom(address,address,uint256,uint256,bytes)",
    "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)",
    "transfer(address,uint256)",
    "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
    "permit(address,uint256,uint256,bytes)",
    "permitForAll(address,address,uint256,bytes)",
    "burn(uint256)",
)
"""What moves or lends tokens in ERC-1155, ERC-20, ERC-2612, ERC-4494 and extensions of ERC-721."""


@pytest.fixture
def owned(words, grant, unused_account, signer_of):
    """A granted consent whose subject can call: its account and its token."""
    subject = unused_account()
    given = words.give(signer_of(subject))
    grant(given)
    return subject, int.from_bytes(given.id, "big")


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("transferFrom(address,address,uint256)", ("owner", "other", "token")),
        ("safeTransferFrom(address,address,uint256)", ("owner", "other", "token")),
        ("safeTransferFrom(address,address,uint256,bytes)", ("owner", "other", "token", b"data")),
        ("approve(address,uint256)", ("other", "token")),
        ("setApprovalForAll(address,bool)", ("other", True)),
        ("setApprovalForAll(address,bool)", ("other", False)),
    ],
)
def test_h055_reverts_whoever_calls(consents, owned, stranger, council, reverts_with, function, arguments):
    owner, token = owned
    name, kinds = function.split("(")
    method = getattr(consents, name)
    if name == "safeTransferFrom":
        method = method[tuple(kinds[:-1].split(","))]
    values = [{"owner": owner, "other": stranger, "token": token}.get(value, value) for value in arguments]

    for caller in (owner, stranger, council):
        with reverts_with("ConsentTokenNotTransferable"):
            method.transact(*values, {"from": caller})

    assert consents.ownerOf(token) == owner
    assert consents.locked(token) is True
    assert int(consents.getApproved(token), 16) == 0
    assert consents.isApprovedForAll(owner, stranger) is False


def test_h055_has_no_other_function_that_could_move_a_token(consents):
    assert not {"fallback", "receive"} & {item["type"] for item in consents.abi}
    assert "0x" + keccak(text="transferFrom(address,address,uint256)")[:4].hex() in consents.selectors

    for function in ELSEWHERE:
        assert "0x" + keccak(text=function)[:4].hex() not in consents.selectors, function

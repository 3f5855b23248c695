"""The chain that the tests run on keeps the limit on code size, so that what deploys here deploys elsewhere."""

import brownie
import pytest

MOST_RUNTIME_BYTES = 24_576


@pytest.mark.parametrize(("longer_by", "is_taken"), [(0, True), (1, False)])
def test_takes_a_contract_when_it_is_no_longer_than_a_chain_takes(stranger, longer_by, is_taken):
    # PUSH2 <length> PUSH1 0 RETURN: a contract of that many zero bytes.
    creation = "0x61" + (MOST_RUNTIME_BYTES + longer_by).to_bytes(2, "big").hex() + "6000f3"
    message = {"from": stranger.address, "data": creation, "gas": hex(10_000_000), "gasPrice": hex(10**10)}
    answer = brownie.web3.provider.make_request("eth_sendTransaction", [message])

    # Ganache answers with an error where it mined a transaction that failed; anvil with its hash.
    hash_of = answer.get("result") or brownie.web3.eth.get_block("latest").transactions[0]
    receipt = brownie.web3.eth.get_transaction_receipt(hash_of)
    code = brownie.web3.eth.get_code(receipt["contractAddress"]) if receipt["status"] else b""

    assert (receipt["status"] == 1, len(code)) == (is_taken, MOST_RUNTIME_BYTES if is_taken else 0)

"""Transactions: nonces, refusals before gas is spent, and connections that are lost on the way."""

from __future__ import annotations

import asyncio

import pytest
from eth_account import Account
from eth_account.typed_transactions import TypedTransaction
from eth_utils.crypto import keccak
from hexbytes import HexBytes

from consentry.client import transactions
from consentry.client.errors import (
    ArgumentInvalid,
    ChainUnreachable,
    ConsentTokenAlreadyGranted,
    ContractError,
    FeeEscrowNothingEarned,
    NodeFailed,
    TransactionFailed,
)
from consentry.demo.cast import BANK, RENTAL_AGENCY, SECOND_BANK, STRANGER
from tests.python.client.relay import Http, refusal, result

pytestmark = pytest.mark.asyncio

KEY = RENTAL_AGENCY.key
SENDS = 20
BY_HAND, BY_ITSELF = False, True
"""Whether a chain mines by itself."""


@pytest.fixture
def mining_by_hand(ask_chain):
    """The chain mines when it is told to."""
    ask_chain("evm_setAutomine", BY_HAND)
    yield
    ask_chain("evm_setAutomine", BY_ITSELF)
    ask_chain("anvil_dropAllTransactions")


async def nonce_of(network, key=KEY):
    return await network.web3.eth.get_transaction_count(key.address)


def named_in(error):
    """Return the hash of the transaction that an exception names."""
    (named,) = [word for word in str(error).split() if word.startswith("0x")]
    return HexBytes(named)


async def wait_for_waiting(ask_chain, count):
    """Wait until transactions wait to be mined."""
    for _ in range(500):
        if int(ask_chain("txpool_status")["pending"], 16) == count:
            return
        await asyncio.sleep(0.02)
    pytest.fail(f"{ask_chain('txpool_status')} is not {count} waiting")


# ------------------------------------------------------------- nonces


@pytest.mark.parametrize("waits", [False, True], ids=["mined at once", "mined together"])
async def test_gives_out_nonces_safely_when_two_tasks_send_twenty_at_once(network, ask_chain, waits):
    if waits:
        ask_chain("evm_setAutomine", BY_HAND)
    before = await nonce_of(network)

    async def send(amounts):
        return await asyncio.gather(*(network.credit.allow(amount, KEY) for amount in amounts))

    try:
        tasks = [asyncio.create_task(send(range(start, start + SENDS // 2))) for start in (0, 100)]
        if waits:
            await wait_for_waiting(ask_chain, SENDS)
            ask_chain("evm_mine")
        mined = [each for task in tasks for each in await task]
    finally:
        ask_chain("evm_setAutomine", BY_ITSELF)

    assert await nonce_of(network) == before + SENDS
    assert len({each.transaction_hash for each in mined}) == SENDS
    assert {each.receipt["status"] for each in mined} == {1}
    assert len({each.block_number for each in mined}) == (1 if waits else SENDS)


async def test_keys_do_not_wait_for_each_other(network, ask_chain, mining_by_hand):
    sent = [asyncio.create_task(network.credit.allow(1, key)) for key in (KEY, SECOND_BANK.key)]
    await wait_for_waiting(ask_chain, 2)
    ask_chain("evm_mine")

    first, second = await asyncio.gather(*sent)
    assert first.block_number == second.block_number


async def test_tells_what_was_mined(network):
    mined = await network.credit.allow(7, KEY)

    receipt = await network.web3.eth.get_transaction_receipt(HexBytes(mined.transaction_hash))
    assert (mined.block_number, mined.gas_used) == (receipt["blockNumber"], receipt["gasUsed"])
    assert receipt["gasUsed"] > 21_000
    assert len(mined.receipt["logs"]) == 1


# ------------------------------------------------------------- refusals


async def test_names_the_error_before_gas_is_spent(relay, relayed):
    nonce, balance = await nonce_of(relayed), await relayed.web3.eth.get_balance(KEY.address)

    with pytest.raises(FeeEscrowNothingEarned) as raised:
        await relayed.exchanges.withdraw_earned(KEY.address, KEY)

    assert raised.value.values == {"participant": KEY.address}
    assert str(raised.value) == f"the contract refused: FeeEscrowNothingEarned(participant={KEY.address})"
    assert (await nonce_of(relayed), await relayed.web3.eth.get_balance(KEY.address)) == (nonce, balance)
    assert "eth_sendRawTransaction" not in relay.asked


@pytest.mark.parametrize("amount", [-1, 1 << 256, 1.5, "1", None])
async def test_sends_nothing_when_an_argument_is_not_what_its_type_can_hold(relay, relayed, amount):
    with pytest.raises(ArgumentInvalid, match=r"NetworkCredit\.approve") as raised:
        await relayed.credit.allow(amount, KEY)
    assert str(amount) not in str(raised.value).replace("NetworkCredit", "")
    assert relay.asked == []


async def test_names_the_error_when_the_state_changes_between_the_try_and_the_estimate(relay, relayed):
    relay.tell("eth_call", result("0x" + "00" * 31 + "01"))

    with pytest.raises(FeeEscrowNothingEarned):
        await relayed.exchanges.withdraw_earned(KEY.address, KEY)
    assert "eth_sendRawTransaction" not in relay.asked


async def test_names_the_error_when_it_reverts_in_its_block(parties, ask_chain, mining_by_hand):
    given = await parties.consent(await parties.request())
    sealed = given.opened.sealed()
    grants = [
        asyncio.create_task(parties.network.consents.grant(sealed, given.signature, key))
        for key in (STRANGER, BANK.key)
    ]
    await wait_for_waiting(ask_chain, 2)
    ask_chain("evm_mine")

    outcomes = await asyncio.gather(*grants, return_exceptions=True)

    (refused,) = [each for each in outcomes if isinstance(each, Exception)]
    assert isinstance(refused, ConsentTokenAlreadyGranted)
    assert refused.values == {"consentId": sealed.id(parties.network.consents.domain)}


async def test_tells_its_hash_when_it_reverts_without_saying_why(relay, relayed):
    relay.change("eth_getTransactionReceipt", lambda receipt: receipt and {**receipt, "status": "0x0"})

    with pytest.raises(TransactionFailed, match=r"transaction 0x[0-9a-f]{64} reverted in its block; look at it there"):
        await relayed.credit.allow(1, KEY)


async def test_tells_what_the_node_says_when_the_key_has_nothing_to_pay_gas_with(network):
    with pytest.raises(TransactionFailed, match=r"the node at http://.+ refused the transaction: .+ exceeds allowance"):
        await network.credit.allow(1, Account.create())


async def test_tells_what_the_node_says_when_it_takes_no_transactions(relay, relayed):
    relay.tell("eth_sendRawTransaction", refusal("only for members"))

    with pytest.raises(TransactionFailed, match="refused the transaction: only for members"):
        await relayed.credit.allow(1, KEY)
    assert await nonce_of(relayed) == int(await relayed.web3.eth.get_transaction_count(KEY.address, "pending"))


# ------------------------------------------------------------- waiting


async def test_names_the_transaction_when_it_is_not_mined_in_time(network, ask_chain, mining_by_hand, monkeypatch):
    monkeypatch.setattr(transactions, "RECEIPT_TIMEOUT_SECONDS", 0.3)

    with pytest.raises(TransactionFailed, match=r"was not mined within 0\.3 s; look for it before") as raised:
        await network.credit.allow(1, KEY)

    ask_chain("evm_mine")
    assert (await network.web3.eth.wait_for_transaction_receipt(named_in(raised.value)))["status"] == 1


async def test_waits_until_it_is_mined(network, ask_chain, mining_by_hand):
    sent = asyncio.create_task(network.credit.allow(1, KEY))
    await wait_for_waiting(ask_chain, 1)
    await asyncio.sleep(0.3)
    assert not sent.done()

    ask_chain("evm_mine")
    assert (await sent).receipt["status"] == 1


async def test_asks_at_once_and_then_less_and_less_often_until_it_is_mined(relay, relayed, monkeypatch):
    pauses = []
    times_not_mined = 9

    async def pause(seconds):
        pauses.append(seconds)

    def not_yet(request):
        is_mined = relay.asked.count("eth_getTransactionReceipt") > times_not_mined
        return relay.forward(request) if is_mined else {"jsonrpc": "2.0", "id": request["id"], "result": None}

    relay.tell("eth_getTransactionReceipt", not_yet)
    monkeypatch.setattr(transactions.asyncio, "sleep", pause)
    assert (await relayed.credit.allow(1, KEY)).receipt["status"] == 1

    assert pauses[:9] == [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.5, 0.5, 0.5]


# ------------------------------------------------------------- lost connections


async def test_sends_once_when_the_answer_is_lost(relay, relayed):
    nonce = await nonce_of(relayed)

    def lose_the_answer(request):
        relay.forward(request)

    relay.tell("eth_sendRawTransaction", lose_the_answer)
    with pytest.raises(ChainUnreachable, match=r"look for transaction 0x[0-9a-f]{64} before sending it again"):
        await relayed.credit.allow(1, KEY)
    assert await nonce_of(relayed) == nonce + 1


async def test_finds_the_transaction_when_only_the_first_answer_is_lost(relay, relayed):
    nonce = await nonce_of(relayed)

    def lose_the_first_answer(request):
        answer = relay.forward(request)
        return answer if relay.asked.count("eth_sendRawTransaction") > 1 else None

    relay.tell("eth_sendRawTransaction", lose_the_first_answer)
    mined = await relayed.credit.allow(1, KEY)

    assert relay.asked.count("eth_sendRawTransaction") == 2
    assert mined.receipt["status"] == 1
    assert await nonce_of(relayed) == nonce + 1


async def test_says_that_nobody_answers_when_the_connection_is_lost_before_it_is_sent(relay, relayed):
    nonce = await nonce_of(relayed)
    relay.tell("eth_estimateGas", lambda _: None)

    with pytest.raises(ChainUnreachable) as raised:
        await relayed.credit.allow(1, KEY)
    assert "look for transaction" not in str(raised.value)
    assert await nonce_of(relayed) == nonce


async def test_names_the_transaction_when_the_connection_is_lost_while_it_waits(relay, relayed, network):
    relay.tell("eth_getTransactionReceipt", lambda _: None)

    with pytest.raises(ChainUnreachable, match="look for transaction") as raised:
        await relayed.credit.allow(1, KEY)

    assert (await network.web3.eth.wait_for_transaction_receipt(named_in(raised.value)))["status"] == 1


async def test_names_the_transaction_when_the_node_fails_while_it_waits(relay, relayed, network):
    relay.tell("eth_getTransactionReceipt", lambda _: Http(429))

    with pytest.raises(TransactionFailed, match=r"HTTP status 429; .+; look for transaction 0x") as raised:
        await relayed.credit.allow(1, KEY)

    assert (await network.web3.eth.wait_for_transaction_receipt(named_in(raised.value)))["status"] == 1


async def test_believes_no_hash_but_its_own(relay, relayed):
    relay.change("eth_sendRawTransaction", lambda _: "0x" + "ab" * 32)

    mined = await relayed.credit.allow(1, KEY)

    assert mined.transaction_hash != b"\xab" * 32
    assert mined.receipt["status"] == 1


@pytest.mark.parametrize("method", ["eth_getTransactionCount", "eth_gasPrice", "eth_getBlockByNumber"])
async def test_fails_in_one_line_when_the_node_fails_before_it_is_sent(relay, relayed, method):
    relay.tell(method, refusal("internal error", -32603))

    with pytest.raises(NodeFailed, match="internal error"):
        await relayed.credit.allow(1, KEY)
    assert "eth_sendRawTransaction" not in relay.asked


# ------------------------------------------------------------- what it costs, and where it counts


def sent_through(relay):
    """Collect the transactions that are sent through a relay, decoded."""
    sent = []

    def keep(request):
        sent.append(HexBytes(request["params"][0]))
        return relay.forward(request)

    relay.tell("eth_sendRawTransaction", keep)
    return sent


async def test_offers_twice_the_base_fee_and_what_the_node_asks_for(relay, relayed):
    sent = sent_through(relay)
    base_fee = (await relayed.web3.eth.get_block("latest"))["baseFeePerGas"]
    asked_for = await relayed.web3.eth.gas_price

    await relayed.credit.allow(1, KEY)

    fields = TypedTransaction.from_bytes(sent[0]).as_dict()
    assert fields["maxPriorityFeePerGas"] == asked_for - base_fee > 0
    assert fields["maxFeePerGas"] == base_fee + asked_for


async def test_pays_a_plain_gas_price_on_a_chain_before_london(relay, relayed):
    sent = sent_through(relay)
    relay.change(
        "eth_getBlockByNumber", lambda block: {name: block[name] for name in block if name != "baseFeePerGas"}
    )

    mined = await relayed.credit.allow(1, KEY)

    assert sent[0][0] >= 0xC0, "a plain transaction is a list, without a type before it"
    assert mined.receipt["type"] in ("0x0", 0)


async def test_sends_without_ether_where_gas_is_free(relay, relayed, ask_chain):
    relay.change("eth_getBlockByNumber", lambda block: {**block, "baseFeePerGas": "0x0"})
    relay.tell("eth_gasPrice", result("0x0"))
    ask_chain("anvil_setBalance", KEY.address, "0x0")
    ask_chain("anvil_setNextBlockBaseFeePerGas", "0x0")

    mined = await relayed.credit.allow(1, KEY)

    assert mined.receipt["status"] == 1
    assert await relayed.web3.eth.get_balance(KEY.address) == 0


async def test_signs_for_the_chain_that_it_was_connected_to(relay, relayed):
    sent = sent_through(relay)
    relay.tell("eth_chainId", result("0x1"))

    await relayed.credit.allow(1, KEY)

    assert TypedTransaction.from_bytes(sent[0]).as_dict()["chainId"] == 31337


async def test_a_try_tells_what_a_call_would_return(network):
    call = network.credit.contract.function("approve", network.exchanges.contract.address, 1)

    assert await network.transactions.simulate(call, KEY.address) is True

    refused = network.consents.contract.function("useConsent", b"", KEY.address, _nobodys_consent())
    with pytest.raises(ContractError, match="ConsentTokenNotEscrow"):
        await network.transactions.simulate(refused, KEY.address)


def _nobodys_consent():
    word = keccak(text="nobody's")
    return (KEY.address, word, word, KEY.address, KEY.address, 2, word, word, 0, 1, 1, 1, 1 << 64)

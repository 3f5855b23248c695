"""Receipts, checked as a third party checks them: with nothing but the file and a node."""

import asyncio

import pytest

from consentry.client.receipts import verify_receipt
from consentry.devchain import start_chain
from consentry.errors import ConsentryError

SETTLED, WITHDRAWN = "receipt-rent-an-apartment.json", "receipt-withdrawn.json"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (SETTLED, "outcome     Settled (Accepted)"),
        (WITHDRAWN, "outcome     Refunded (ConsentWithdrawn)"),
        ("receipt-expired.json", "outcome     Refunded (NotDelivered)"),
    ],
)
def test_is_true_when_nothing_was_changed(run_consentry, played, tmp_path, name, said):
    alone = tmp_path / name
    alone.write_bytes((played.receipts / name).read_bytes())

    ended = run_consentry("verify-receipt", alone, "--rpc", played.rpc_url, cwd=tmp_path)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith(f"true: {name} is borne out by chain 31337\n")
    assert said in ended.stdout


@pytest.mark.parametrize("name", [SETTLED, WITHDRAWN])
def test_is_refused_when_any_one_byte_is_flipped(played, name):
    octets = (played.receipts / name).read_bytes()

    async def verdicts():
        believed = []
        for position in range(len(octets)):
            changed = bytearray(octets)
            changed[position] ^= 1 << (position % 8)
            try:
                await verify_receipt(bytes(changed), played.rpc_url)
            except ConsentryError:
                continue
            believed.append(position)
        return believed

    assert asyncio.run(verdicts()) == []


def test_is_refused_by_name_when_a_byte_is_flipped(run_consentry, played, tmp_path):
    changed = tmp_path / "changed.json"
    changed.write_bytes((played.receipts / SETTLED).read_bytes().replace(b'"fee":"2400000"', b'"fee":"2400001"', 1))
    assert changed.read_bytes() != (played.receipts / SETTLED).read_bytes()

    ended = run_consentry("verify-receipt", changed, "--rpc", played.rpc_url)

    assert ended.returncode == 1
    assert len(ended.stderr.strip().splitlines()) == 1


def test_is_refused_when_the_file_is_not_there(run_consentry, played, tmp_path):
    ended = run_consentry("verify-receipt", tmp_path / "none.json", "--rpc", played.rpc_url)

    assert ended.returncode == 1
    assert "none.json cannot be read" in ended.stderr


def test_is_refused_when_no_chain_answers(run_consentry, played):
    ended = run_consentry("verify-receipt", played.receipts / SETTLED, "--rpc", "http://127.0.0.1:9")

    assert ended.returncode == 1
    assert ended.stderr.startswith("consentry: no node answers at http://127.0.0.1:9;")


@pytest.mark.parametrize(
    ("chain_id", "said"), [(1337, "serves chain 1337, not 31337"), (31337, "no network stands at")]
)
def test_is_refused_when_it_is_the_wrong_chain(run_consentry, played, chain_id, said):
    with start_chain(chain_id=chain_id) as other:
        ended = run_consentry("verify-receipt", played.receipts / SETTLED, "--rpc", other.rpc_url)

    assert ended.returncode == 1
    assert said in ended.stderr


def test_is_a_usage_error_when_no_node_is_named(run_consentry, played):
    ended = run_consentry("verify-receipt", played.receipts / SETTLED)

    assert ended.returncode == 2
    assert "--rpc" in ended.stderr

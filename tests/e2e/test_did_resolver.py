"""A public resolver, npm's `ethr-did-resolver`, reads keys, delegates and endpoint of a participant."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from contextlib import closing
from pathlib import Path

import pytest
from eth_utils.crypto import keccak

from consentry.client import Network
from consentry.client.encoding import padded
from consentry.client.errors import ContractError
from consentry.client.identities import DELIVERY_KEY, ISSUER_KEY, SERVICE_ENDPOINT
from consentry.delivery import OneTimeKey
from consentry.demo.bring_up import KEY_VALIDITY_SECONDS, issuer_key_of
from consentry.demo.cast import BANK, CHANNEL_PARTNER, STRANGER, UTILITY
from consentry.devchain import development_account
from tests.python.client.relay import Relay

SCRIPT = Path(__file__).with_name("resolve_did.mjs")
ON, OFF = True, False
DELEGATE = development_account(21).address
OTHER_DELEGATE = development_account(22).address
NEW_OWNER = development_account(23)
DAY = 86_400

pytestmark = pytest.mark.asyncio


@pytest.fixture
def resolve(brought_up):
    """Resolve a participant's DID: a function of its address, for how it once was the number of a block, and whom to
    ask."""
    network = brought_up.network

    def ask(identity, at_block=None, rpc_url=network.web3.provider.endpoint_uri):
        did_url = network.did(identity) + ("" if at_block is None else f"?versionId={at_block}")
        registry = network.addresses["IdentityRegistry"]
        command = ["node", str(SCRIPT), rpc_url, str(network.chain_id), registry, did_url]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
        resolution = json.loads(done.stdout)
        assert "error" not in resolution["didResolutionMetadata"], resolution["didResolutionMetadata"]
        return resolution

    return ask


@pytest.fixture
def document_of(resolve):
    """Resolve a participant's DID to its document, without what is the same in all of them: a function as `resolve`."""

    def ask(identity, at_block=None):
        document = resolve(identity, at_block)["didDocument"]
        assert document.pop("@context")[0] == "https://www.w3.org/ns/did/v1"
        return document

    return ask


@pytest.fixture
def did_of(brought_up):
    """Return a participant's DID: a function of its address."""
    return brought_up.network.did


@pytest.fixture
def identities(brought_up):
    """The registry."""
    return brought_up.network.identities


def controller(did, owner):
    """Return the method of whoever owns an identity."""
    return secp256k1(did, "controller", owner)


def secp256k1(did, fragment, address):
    """Return the method of a key that is known by its address."""
    return {
        "id": f"{did}#{fragment}",
        "type": "EcdsaSecp256k1RecoveryMethod2020",
        "controller": did,
        "blockchainAccountId": f"eip155:31337:{address}",
    }


def issuer_key(did, number, member=BANK):
    """Return the method of the key with which a provider signs credentials."""
    return {
        "id": f"{did}#delegate-{number}",
        "type": "Ed25519VerificationKey2018",
        "controller": did,
        "publicKeyHex": issuer_key_of(member).public_bytes.hex(),
    }


def encryption_key(did, number, key):
    """Return the method of a key that others encrypt to."""
    return {
        "id": f"{did}#delegate-{number}",
        "type": "X25519KeyAgreementKey2019",
        "controller": did,
        "publicKeyHex": key.hex(),
    }


def endpoint(did, member=BANK):
    """Return the service of a participant's node."""
    url = f"https://{member.contact.split('@')[1]}/consentry"
    return {"id": f"{did}#service-1", "type": "ConsentryNode", "serviceEndpoint": url}


def as_brought_up(did, owner=None):
    """Return the bank's document as it is before each test."""
    return {
        "id": did,
        "verificationMethod": [controller(did, owner or BANK.identity), issuer_key(did, 1)],
        "authentication": [f"{did}#controller"],
        "assertionMethod": [f"{did}#controller", f"{did}#delegate-1"],
        "service": [endpoint(did)],
    }


async def test_resolves_the_keys_and_the_endpoint_of_a_provider(document_of, did_of):
    assert document_of(BANK.identity) == as_brought_up(did_of(BANK.identity))


@pytest.mark.parametrize("identity", [CHANNEL_PARTNER.identity, STRANGER.address], ids=["participant", "stranger"])
async def test_resolves_to_the_owner_alone_when_nothing_was_published(document_of, did_of, identity):
    did = did_of(identity)
    assert document_of(identity) == {
        "id": did,
        "verificationMethod": [controller(did, identity)],
        "authentication": [f"{did}#controller"],
        "assertionMethod": [f"{did}#controller"],
    }


async def test_resolves_the_key_to_encrypt_to(identities, document_of, did_of):
    key = OneTimeKey.generate().public_bytes
    await identities.set_attribute(BANK.identity, DELIVERY_KEY, key, DAY, BANK.key)
    did = did_of(BANK.identity)
    expected = as_brought_up(did)
    expected["verificationMethod"].append(encryption_key(did, 2, key))
    assert document_of(BANK.identity) == {**expected, "keyAgreement": [f"{did}#delegate-2"]}


async def test_resolves_delegates_that_are_published(identities, document_of, did_of):
    await identities.add_delegate(BANK.identity, "veriKey", DELEGATE, DAY, BANK.key)
    await identities.add_delegate(BANK.identity, "sigAuth", OTHER_DELEGATE, DAY, BANK.key)
    did = did_of(BANK.identity)
    expected = as_brought_up(did)
    methods = [secp256k1(did, "delegate-2", DELEGATE), secp256k1(did, "delegate-3", OTHER_DELEGATE)]
    expected["verificationMethod"] += methods
    expected["assertionMethod"] += [f"{did}#delegate-2", f"{did}#delegate-3"]
    expected["authentication"].append(f"{did}#delegate-3")
    assert document_of(BANK.identity) == expected


@pytest.mark.parametrize("kind", ["exchange", "delivery", "deposit"])
async def test_resolves_no_key_of_a_delegate_that_is_for_the_network_only(identities, document_of, did_of, kind):
    await identities.add_delegate(BANK.identity, kind, DELEGATE, DAY, BANK.key)
    assert document_of(BANK.identity) == as_brought_up(did_of(BANK.identity))


async def test_resolves_a_key_in_another_encoding(identities, document_of, did_of):
    did, key = did_of(BANK.identity), issuer_key_of(UTILITY).public_bytes
    await identities.set_attribute(BANK.identity, "did/pub/Ed25519/veriKey/base64", key, DAY, BANK.key)
    method = document_of(BANK.identity)["verificationMethod"][-1]
    assert (method["id"], method["type"]) == (f"{did}#delegate-2", "Ed25519VerificationKey2018")
    assert base64.b64decode(method["publicKeyBase64"]) == key


async def test_resolves_to_the_new_owner_when_it_was_rotated(identities, document_of, did_of):
    did = did_of(BANK.identity)
    before = (await identities.change_owner(BANK.identity, NEW_OWNER.address, BANK.key)).block_number - 1
    assert document_of(BANK.identity) == as_brought_up(did, NEW_OWNER.address)
    assert document_of(BANK.identity, before) == as_brought_up(did)
    key = OneTimeKey.generate().public_bytes
    with pytest.raises(ContractError) as refused:
        await identities.set_attribute(BANK.identity, DELIVERY_KEY, key, DAY, BANK.key)
    assert type(refused.value).__name__ == "IdentityRegistryNotOwner"
    await identities.set_attribute(BANK.identity, DELIVERY_KEY, key, DAY, NEW_OWNER)
    assert document_of(BANK.identity)["verificationMethod"][-1]["publicKeyHex"] == key.hex()


@pytest.mark.parametrize("kind", ["veriKey", "sigAuth"])
async def test_resolves_a_delegate_until_it_expires(identities, document_of, did_of, brought_up, mine_at, kind):
    added = await identities.add_delegate(BANK.identity, kind, DELEGATE, DAY, BANK.key)
    valid_to = await brought_up.network.now() + DAY
    mine_at(valid_to)
    mine_at(valid_to + 1)
    did, last_block = did_of(BANK.identity), added.block_number + 2
    for block in (added.block_number, last_block - 1):
        assert document_of(BANK.identity, block)["verificationMethod"][-1] == secp256k1(did, "delegate-2", DELEGATE)
    assert document_of(BANK.identity, last_block) == as_brought_up(did)


async def test_resolves_a_key_until_it_expires(identities, document_of, did_of, brought_up, mine_at):
    key = issuer_key_of(UTILITY).public_bytes
    published = await identities.set_attribute(BANK.identity, ISSUER_KEY, key, DAY, BANK.key)
    valid_to = await brought_up.network.now() + DAY
    mine_at(valid_to)
    mine_at(valid_to + 1)
    did, last_block = did_of(BANK.identity), published.block_number + 2
    for block in (published.block_number, last_block - 1):
        assert document_of(BANK.identity, block)["verificationMethod"][-1] == issuer_key(did, 2, UTILITY)
    assert document_of(BANK.identity, last_block) == as_brought_up(did)


@pytest.mark.parametrize("kind", ["veriKey", "sigAuth"])
async def test_resolves_no_delegate_that_was_revoked(identities, document_of, did_of, kind):
    added = await identities.add_delegate(BANK.identity, kind, DELEGATE, DAY, BANK.key)
    await identities.revoke_delegate(BANK.identity, kind, DELEGATE, BANK.key)
    did = did_of(BANK.identity)
    assert document_of(BANK.identity) == as_brought_up(did)
    at_first = document_of(BANK.identity, added.block_number)
    assert at_first["verificationMethod"][-1] == secp256k1(did, "delegate-2", DELEGATE)


async def test_resolves_no_key_and_no_endpoint_that_was_revoked(identities, document_of, did_of):
    did, key = did_of(BANK.identity), issuer_key_of(BANK).public_bytes
    other_key = issuer_key_of(UTILITY).public_bytes
    await identities.set_attribute(BANK.identity, ISSUER_KEY, other_key, DAY, BANK.key)
    revoked = await identities.revoke_attribute(BANK.identity, ISSUER_KEY, key, BANK.key)
    url = endpoint(did)["serviceEndpoint"]
    await identities.revoke_attribute(BANK.identity, SERVICE_ENDPOINT, url.encode(), BANK.key)
    assert document_of(BANK.identity) == {
        "id": did,
        "verificationMethod": [controller(did, BANK.identity), issuer_key(did, 2, UTILITY)],
        "authentication": [f"{did}#controller"],
        "assertionMethod": [f"{did}#controller", f"{did}#delegate-2"],
    }
    before = document_of(BANK.identity, revoked.block_number - 1)
    assert before["verificationMethod"][1:] == [issuer_key(did, 1), issuer_key(did, 2, UTILITY)]
    assert before["service"] == [endpoint(did)]


async def test_resolves_no_key_to_encrypt_to_that_was_revoked(identities, document_of, did_of):
    key = OneTimeKey.generate().public_bytes
    await identities.set_attribute(BANK.identity, DELIVERY_KEY, key, DAY, BANK.key)
    await identities.revoke_attribute(BANK.identity, DELIVERY_KEY, key, BANK.key)
    document = document_of(BANK.identity)
    # This release of the resolver goes on referring to a method that is no longer there.
    document.pop("keyAgreement", None)
    assert document == as_brought_up(did_of(BANK.identity))


async def test_resolves_all_of_three_changes_in_one_block(identities, brought_up, ask_chain, document_of, did_of):
    key = OneTimeKey.generate().public_bytes
    changes = [
        identities.set_attribute(BANK.identity, DELIVERY_KEY, key, DAY, BANK.key),
        identities.add_delegate(BANK.identity, "veriKey", DELEGATE, DAY, BANK.key),
        identities.change_owner(BANK.identity, NEW_OWNER.address, BANK.key),
    ]
    waiting = []
    ask_chain("evm_setAutomine", OFF)
    try:
        for change in changes:
            waiting.append(asyncio.create_task(change))
            while ask_chain("txpool_status")["pending"] != hex(len(waiting)):
                assert not any(task.done() for task in waiting)
                await asyncio.sleep(0.02)
    finally:
        ask_chain("evm_mine")
        ask_chain("evm_setAutomine", ON)
    blocks = {mined.block_number for mined in await asyncio.gather(*waiting)}
    assert len(blocks) == 1
    did = did_of(BANK.identity)
    expected = as_brought_up(did, NEW_OWNER.address)
    expected["verificationMethod"] += [encryption_key(did, 2, key), secp256k1(did, "delegate-3", DELEGATE)]
    expected["assertionMethod"].append(f"{did}#delegate-3")
    expected["keyAgreement"] = [f"{did}#delegate-2"]
    assert document_of(BANK.identity) == expected
    # What came before them is still found, and so is what comes after.
    assert document_of(BANK.identity, blocks.pop() - 1) == as_brought_up(did)
    await identities.add_delegate(BANK.identity, "sigAuth", OTHER_DELEGATE, DAY, NEW_OWNER)
    methods = [*expected["verificationMethod"], secp256k1(did, "delegate-4", OTHER_DELEGATE)]
    assert document_of(BANK.identity)["verificationMethod"] == methods


async def test_resolves_to_nothing_when_it_was_deactivated(identities, resolve, did_of):
    did = did_of(BANK.identity)
    await identities.add_delegate(BANK.identity, "veriKey", DELEGATE, KEY_VALIDITY_SECONDS, BANK.key)
    deactivated = await identities.deactivate(BANK.identity, BANK.key)
    for _ in range(2):
        resolution = resolve(BANK.identity)
        assert resolution["didDocumentMetadata"]["deactivated"] is True
        document = resolution["didDocument"]
        assert document.pop("@context")
        assert document == {"id": did, "verificationMethod": [], "authentication": [], "assertionMethod": []}
        # The reference contract lets the old key write on.
        with pytest.raises(ContractError) as refused:
            await identities.add_delegate(BANK.identity, "veriKey", OTHER_DELEGATE, DAY, BANK.key)
        assert type(refused.value).__name__ == "IdentityRegistryDeactivated"
    before = resolve(BANK.identity, deactivated.block_number - 1)
    assert "deactivated" not in before["didDocumentMetadata"]
    assert len(before["didDocument"]["verificationMethod"]) == 3


async def test_a09_resolves_many_changes(identities, document_of, did_of):
    did = did_of(BANK.identity)
    for _ in range(15):
        await identities.add_delegate(BANK.identity, "veriKey", DELEGATE, DAY, BANK.key)
        await identities.revoke_delegate(BANK.identity, "veriKey", DELEGATE, BANK.key)
    assert document_of(BANK.identity) == as_brought_up(did)
    await identities.add_delegate(BANK.identity, "veriKey", OTHER_DELEGATE, DAY, BANK.key)
    assert document_of(BANK.identity)["verificationMethod"][-1] == secp256k1(did, "delegate-32", OTHER_DELEGATE)


CHANGES, CHANGES_IN_A_BLOCK = 1_000, 40


@pytest.fixture
def changed_a_thousand_times(identities, ask_chain):
    """The bank's DID after a thousand changes: another endpoint published and revoked, and again; at last one stays."""
    values = [keccak(number.to_bytes(4, "big")) for number in range(CHANGES // 2)]
    kept = values.pop()
    calls = [
        identities.contract.action(function, BANK.identity, padded(SERVICE_ENDPOINT), value, *validity)
        for value in values
        for function, validity in (("setAttribute", (DAY,)), ("revokeAttribute", ()))
    ]
    calls += [
        identities.contract.action("setAttribute", BANK.identity, padded(DELIVERY_KEY), kept, DAY),
        identities.contract.action("addDelegate", BANK.identity, padded("sigAuth"), DELEGATE, DAY),
    ]
    assert len(calls) == CHANGES
    ask_chain("evm_setAutomine", OFF)
    try:
        for number, call in enumerate(calls, 1):
            sent = {"from": BANK.identity, "to": call.target, "data": "0x" + call.data.hex(), "gas": hex(200_000)}
            ask_chain("eth_sendTransaction", sent)
            if number % CHANGES_IN_A_BLOCK == 0:
                ask_chain("evm_mine")
    finally:
        ask_chain("evm_setAutomine", ON)
    return kept


async def test_a09_resolves_a_thousand_changes_with_one_request_for_each_block_that_has_some(
    brought_up, chain, resolve, document_of, did_of, changed_a_thousand_times
):
    did, key = did_of(BANK.identity), changed_a_thousand_times
    document = document_of(BANK.identity)
    numbers = [method["id"].rpartition("-")[2] for method in document["verificationMethod"][1:]]
    expected = as_brought_up(did)
    expected["verificationMethod"] += [
        encryption_key(did, numbers[1], key),
        secp256k1(did, f"delegate-{numbers[2]}", DELEGATE),
    ]
    expected["keyAgreement"] = [f"{did}#delegate-{numbers[1]}"]
    expected["authentication"].append(f"{did}#delegate-{numbers[2]}")
    expected["assertionMethod"].append(f"{did}#delegate-{numbers[2]}")
    assert document == expected

    blocks = CHANGES // CHANGES_IN_A_BLOCK + 2  # what was published when the network was brought up
    with closing(Relay(chain.rpc_url)) as relay:
        assert resolve(BANK.identity, rpc_url=relay.url)["didDocument"]["id"] == did
        assert relay.asked.count("eth_getLogs") == blocks
        # ethers asks for the chain's id before each.
        assert len(relay.asked) <= 2 * blocks + 10
        relay.asked.clear()
        async with await Network.connect(relay.url, brought_up.network.directory) as network:
            connecting = len(relay.asked)
            attributes = await network.identities.attributes(BANK.identity)
        assert [attribute.value for attribute in attributes if attribute.name == DELIVERY_KEY] == [key]
        assert len(relay.asked) - connecting <= 4 * blocks + 10

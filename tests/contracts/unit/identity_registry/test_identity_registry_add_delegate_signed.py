"""IdentityRegistry.addDelegateSigned, and with it whatever holds for every signed change: forms, nonces, deadlines,
chains, contracts that sign."""

from dataclasses import replace

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak
from web3.utils.address import get_create_address

from consentry.devchain import start_chain
from tests.helpers.network import AGREEMENT, CONSUMER, NOBODY
from tests.helpers.node import Node
from tests.helpers.states import slot_of, write_code

EXCHANGE, DELIVERY = (kind.ljust(32, b"\0") for kind in (b"exchange", b"delivery"))
DAY_SECONDS = 86_400
LAST_INSTANT = 2**48 - 1
SECP256K1_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
PARTICIPANTS_SLOT = 3
COUNTERFACTUAL_SUFFIX = bytes.fromhex("6492" * 16)


@pytest.fixture
def change(sign, consumer, delegate):
    """The consumer's word that a key may act for it in exchanges for a day."""
    return sign("AddDelegate", consumer, delegateType=EXCHANGE, delegate=delegate, validity=DAY_SECONDS)


@pytest.fixture
def wallet(ContractWallet, identities, consumer, stranger):
    """A contract that signs by ERC-1271 with the stranger's key; the consumer's owner."""
    made = ContractWallet.deploy(stranger, {"from": stranger})
    identities.changeOwner(consumer, made, {"from": consumer})
    return made


@pytest.fixture
def signed_by_wallet(change, wallet, stranger, signer_of):
    """The same change as the wallet's word, signed with its owner's key."""
    return change.but(by=signer_of(stranger), signer=wallet)


# ---------------------------------------------------------------- the change


def test_lets_the_key_act_when_its_owner_signed(identities, consumer, delegate, change, relayer, told_by):
    tx = change.carry(relayer)

    told = {
        "identity": consumer,
        "delegateType": EXCHANGE,
        "delegate": delegate,
        "validTo": tx.timestamp + DAY_SECONDS,
        "previousChange": 0,
    }
    assert told_by(tx) == [
        ("NonceUsed", {"signer": consumer, "nonce": change.nonce}),
        ("DIDDelegateChanged", told),
    ]
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True
    assert identities.isNonceUsed(consumer, change.nonce) is True


def test_h018_reverts_when_what_is_carried_is_not_what_was_signed(change, consumer, provider, relayer, reverts_with):
    for carried in (
        {"delegateType": DELIVERY},
        {"delegate": relayer},
        {"validity": DAY_SECONDS + 1},
        {"nonce": change.nonce + 1},
        {"deadline": change.deadline + 1},
    ):
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.digest(**carried)):
            change.function.call(*change.arguments(**carried), {"from": relayer})
    for carried in ({"signer": relayer}, {"identity": provider}):
        who = {"identity": consumer, "signer": consumer, **carried}
        with reverts_with("IdentityRegistryNotOwner", who["identity"], who["signer"]):
            change.function.call(*change.arguments(**carried), {"from": relayer})


def test_h036_reverts_when_somebody_else_signed(change, consumer, others, signer_of, reverts_with):
    for other in others:
        forged = change.but(by=signer_of(other))
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, forged.digest()):
            forged.function.call(*forged.arguments(), {"from": other})
        own = change.but(by=signer_of(other), signer=other)
        with reverts_with("IdentityRegistryNotOwner", consumer, other):
            own.function.call(*own.arguments(), {"from": other})


def test_h030_reverts_when_the_participant_is_no_member(participant_in, sign, delegate, relayer, reverts_with):
    for standing in ("never_registered", "removed"):
        participant = participant_in(standing, CONSUMER)
        change = sign("AddDelegate", participant, delegateType=EXCHANGE, delegate=delegate, validity=DAY_SECONDS)
        with reverts_with("IdentityRegistryNotWriter", participant):
            change.carry(relayer)


# ---------------------------------------------------------------- nonces


def test_h001_reverts_when_it_is_carried_twice(identities, change, consumer, delegate, relayer, reverts_with):
    change.carry(relayer)
    identities.revokeDelegate(consumer, EXCHANGE, delegate, {"from": consumer})

    with reverts_with("IdentityRegistryNonceUsed", consumer, change.nonce):
        change.carry(relayer)

    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False


def test_h016_takes_nonces_in_any_order_when_they_are_fresh(identities, change, relayer):
    for nonce in (2**256 - 1, 300, 0, 299, 256, 255):
        change.but(nonce=nonce).carry(relayer)

    used = {nonce: identities.isNonceUsed(change.signer, nonce) for nonce in (0, 1, 254, 255, 256, 257, 299, 300)}
    assert used == {0: True, 1: False, 254: False, 255: True, 256: True, 257: False, 299: True, 300: True}


def test_keeps_one_signers_nonces_from_anothers_when_they_are_equal(sign, provider, delegate, change, relayer):
    other = sign("AddDelegate", provider, delegateType=DELIVERY, delegate=delegate, validity=DAY_SECONDS)

    change.carry(relayer)

    other.but(nonce=change.nonce).carry(relayer)


def test_h017_reaches_its_end_when_a_stranger_carries_it_first(
    identities, change, consumer, delegate, stranger, relayer, reverts_with
):
    change.carry(stranger)

    with reverts_with("IdentityRegistryNonceUsed", consumer, change.nonce):
        change.carry(relayer)

    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True
    assert identities.validDelegate(consumer, EXCHANGE, stranger) is False


# ---------------------------------------------------------------- deadlines


def test_h014_is_carried_when_it_is_the_last_second(identities, change, consumer, delegate, relayer, travel_to):
    travel_to(change.deadline)

    tx = change.carry(relayer)

    assert tx.timestamp == change.deadline
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True


def test_h014_reverts_when_the_deadline_is_over(identities, change, consumer, relayer, travel_to, reverts_with):
    travel_to(change.deadline + 1)

    with reverts_with("IdentityRegistrySignatureExpired", change.deadline):
        change.carry(relayer)

    assert identities.isNonceUsed(consumer, change.nonce) is False


def test_h014_is_carried_when_the_deadline_is_the_last_instant_there_is(change, relayer):
    change.but(deadline=LAST_INSTANT).carry(relayer)


# ---------------------------------------------------------------- forms of a signature


def test_h005_reverts_when_the_signature_is_malleated(identities, change, consumer, relayer, reverts_with):
    r, s, v = change.signature[:32], int.from_bytes(change.signature[32:64], "big"), change.signature[64]
    malleated = r + (SECP256K1_ORDER - s).to_bytes(32, "big") + bytes([55 - v])

    with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.digest()):
        change.carry(relayer, malleated)

    assert identities.isNonceUsed(consumer, change.nonce) is False


def test_h006_reverts_when_the_signature_is_compact(change, consumer, relayer, reverts_with):
    s_and_parity = int.from_bytes(change.signature[32:64], "big") | (change.signature[64] - 27) << 255
    compact = change.signature[:32] + s_and_parity.to_bytes(32, "big")
    with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.digest()):
        change.carry(relayer, compact)
    change.carry(relayer)

    with reverts_with("IdentityRegistryNonceUsed", consumer, change.nonce):
        change.carry(relayer, compact)


def test_h007_reverts_when_the_signature_has_another_form(change, consumer, relayer, reverts_with):
    whole = change.signature
    forms = [whole[:64] + bytes([v]) for v in (0, 1, 29, 255)]
    forms += [b"", whole[:1], whole[:63], whole + b"\0", whole + bytes(32), bytes(65)]

    for form in forms:
        with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.digest()):
            change.function.call(*change.arguments(form), {"from": relayer})


def test_h008_reverts_when_nobody_is_the_signer(change, consumer, relayer, reverts_with):
    for garbage in (b"", bytes(65), b"\xff" * 64 + b"\x1b"):
        with reverts_with("IdentityRegistryNotOwner", consumer, NOBODY):
            change.function.call(*change.arguments(garbage, signer=NOBODY), {"from": relayer})
        nobodys = {"identity": NOBODY, "signer": NOBODY}
        with reverts_with("IdentityRegistrySignatureInvalid", NOBODY, change.digest(**nobodys)):
            change.function.call(*change.arguments(garbage, **nobodys), {"from": relayer})


# ---------------------------------------------------------------- other registries and chains


def test_h002_reverts_when_it_was_signed_for_another_registry(
    IdentityRegistry, system, domain, change, council, consumer, admission_of, delegate, relayer, reverts_with
):
    second = IdentityRegistry.deploy(system.access, council, {"from": council})
    second.enrol(admission_of(consumer), AGREEMENT, {"from": council})
    second_domain = replace(domain, contract=second.address)

    with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.but(domain=second_domain).digest()):
        second.addDelegateSigned(*change.arguments(), {"from": relayer})

    second.addDelegateSigned(*change.but(domain=second_domain).arguments(), {"from": relayer})
    assert second.validDelegate(consumer, EXCHANGE, delegate) is True


def test_h003_a03_reverts_when_it_is_carried_to_a_fork_with_another_chain_id(
    identities, domain, change, consumer, relayer, web3, reverts_with
):
    elsewhere = replace(domain, chain_id=domain.chain_id + 7)
    participant_slot = slot_of(consumer.address, PARTICIPANTS_SLOT)
    with start_chain("anvil", chain_id=elsewhere.chain_id) as chain:
        # The code carries the separator of the chain on which it was made.
        node = Node(chain.rpc_url)
        node.ask("anvil_setCode", identities.address, "0x" + web3.eth.get_code(identities.address).hex())
        record = web3.eth.get_storage_at(identities.address, participant_slot)
        node.ask("anvil_setStorageAt", identities.address, hex(participant_slot), "0x" + record.hex())

        def carry(signed):
            data = change.function.encode_input(*signed.arguments())
            call = {"from": relayer.address, "to": identities.address, "data": data}
            answer = node.make_request("eth_call", [call, "latest"])
            if "error" in answer:
                raise ValueError(answer["error"])
            return answer["result"]

        with reverts_with("IdentityRegistrySignatureInvalid", consumer, change.but(domain=elsewhere).digest()):
            carry(change)
        assert carry(change.but(domain=elsewhere)) == "0x"
        node.close()


# ---------------------------------------------------------------- contracts that sign


def test_h021_lets_the_key_act_when_a_contract_signed(
    identities, signed_by_wallet, wallet, consumer, delegate, relayer, told_by
):
    tx = signed_by_wallet.carry(relayer)

    assert told_by(tx)[0] == ("NonceUsed", {"signer": wallet, "nonce": signed_by_wallet.nonce})
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True


def test_h021_reverts_when_the_contract_no_longer_says_so(
    identities, signed_by_wallet, wallet, consumer, delegate, stranger, provider, relayer, reverts_with
):
    wallet.setOwner(provider, {"from": stranger})

    with reverts_with("IdentityRegistrySignatureInvalid", wallet, signed_by_wallet.digest()):
        signed_by_wallet.carry(relayer)

    # What the contract itself sends still counts.
    call = identities.addDelegate.encode_input(consumer, EXCHANGE, delegate, DAY_SECONDS)
    wallet.execute(identities, call, {"from": provider})
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True
    wallet.execute(identities, identities.revokeDelegate.encode_input(consumer, EXCHANGE, delegate), {"from": provider})
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False


def test_h023_lets_the_key_act_when_the_signers_account_has_code_that_signs_nothing(
    identities, system, change, consumer, delegate, relayer, web3
):
    write_code(consumer.address, bytes(web3.eth.get_code(system.directory.address)))

    change.carry(relayer)

    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True
    identities.revokeDelegate.call(consumer, EXCHANGE, delegate, {"from": consumer})


def test_h025_reverts_when_the_contract_is_not_there_yet(
    identities, change, consumer, stranger, signer_of, relayer, reverts_with
):
    future = get_create_address(stranger.address, stranger.nonce)
    identities.changeOwner(consumer, future, {"from": consumer})
    plain = change.but(by=signer_of(stranger), signer=future)
    wrapped = encode(["address", "bytes", "bytes"], [stranger.address, b"", plain.signature]) + COUNTERFACTUAL_SUFFIX

    for signature in (plain.signature, wrapped):
        with reverts_with("IdentityRegistrySignatureInvalid", future, plain.digest()):
            plain.carry(relayer, signature)


def test_h026_reverts_when_the_contract_is_still_being_made(
    UnfinishedWallet, identities, change, consumer, delegate, council, stranger, relayer, reverts_with
):
    future = get_create_address(stranger.address, stranger.nonce)
    identities.changeOwner(consumer, future, {"from": consumer})
    claim = change.but(by=Account.from_key(keccak(text="anybody's")), signer=future)

    data = claim.function.encode_input(*claim.arguments())
    with reverts_with("IdentityRegistrySignatureInvalid", future, claim.digest()):
        stranger.transfer(data=UnfinishedWallet.deploy.encode_input(identities, data))
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is False

    # Once made it may say what it likes.
    wallet = UnfinishedWallet.deploy(identities, identities.participantCount.encode_input(), {"from": stranger})
    identities.recoverOwner(consumer, wallet, {"from": council})
    claim.but(signer=wallet).carry(relayer)
    assert identities.validDelegate(consumer, EXCHANGE, delegate) is True

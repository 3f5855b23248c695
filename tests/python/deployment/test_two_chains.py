"""One network on two chains: the same addresses and code, and no signature that is worth anything on both."""

from __future__ import annotations

import pytest
from eth_abi.abi import encode
from eth_account import Account
from eth_utils.crypto import keccak
from web3 import Web3
from web3.exceptions import ContractCustomError

from consentry.client.consents import ALLOTTED_NONCES, Consent
from consentry.client.signing import TypedDomain
from consentry.deployment import deploy, verify
from consentry.deployment.artifacts import load_artifact
from consentry.devchain import start_chain

SIGNED_FOR = ("IdentityRegistry", "ConsentToken", "FeeEscrow", "NetworkCredit")
OTHER_CHAIN_ID = 1337
SUBJECT = Account.from_key(keccak(text="a subject of two chains"))
CONSENT_TYPE = {
    "Consent": [
        {"name": "subject", "type": "address"},
        *({"name": name, "type": "bytes32"} for name in ("consumer", "provider", "scope", "terms")),
        *({"name": name, "type": "uint48"} for name in ("validFrom", "validUntil", "eraseBy")),
        {"name": "maxUses", "type": "uint32"},
        {"name": "nonce", "type": "uint256"},
    ]
}


@pytest.fixture(scope="module")
def elsewhere(deployer, parameters, tmp_path_factory):
    """The same network on a chain of another id: a connection and its manifest."""
    with start_chain(chain_id=OTHER_CHAIN_ID) as chain:
        path = tmp_path_factory.mktemp("elsewhere") / "manifest.json"
        yield Web3(Web3.HTTPProvider(chain.rpc_url)), deploy(chain.rpc_url, deployer, parameters, path)


@pytest.fixture
def here(connection, manifest):
    """The network: a connection and its manifest."""
    return connection, manifest


@pytest.fixture
def consent(connection):
    """A consent of the subject, good from now on."""
    now = connection.eth.get_block("latest")["timestamp"]
    word = keccak(text="a commitment")
    return Consent(SUBJECT.address, word, word, word, word, now, now + 3_600, now + 7_200, 1, ALLOTTED_NONCES)


def contract_of(network, name):
    """Return a contract of a network."""
    connection, manifest = network
    return connection.eth.contract(manifest.address(name), abi=load_artifact(name).abi)


def grant(network, consent, signature) -> bytes:
    """Return what granting a consent would return."""
    return contract_of(network, "ConsentToken").functions.grant(consent.arguments(), signature).call()


def refusal_of(network, consent) -> str:
    """Return what a signature by another key, or for something else, is refused with."""
    consent_id = contract_of(network, "ConsentToken").functions.hashConsent(consent.arguments()).call()
    selector = keccak(text="ConsentTokenSignatureInvalid(bytes32,address)")[:4]
    return "0x" + (selector + encode(["bytes32", "address"], [consent_id, consent.subject])).hex()


def test_h122_verifies_and_signs_under_another_domain_when_deployed_on_another_chain(here, elsewhere, parameters):
    assert [verify(*network, parameters).findings for network in (here, elsewhere)] == [(), ()]
    addresses = [{name: manifest.address(name) for name in SIGNED_FOR} for _, manifest in (here, elsewhere)]
    assert addresses[0] == addresses[1]

    for name in SIGNED_FOR:
        one, other = (contract_of(network, name).functions.eip712Domain().call() for network in (here, elsewhere))
        assert (one[3], other[3]) == (here[1].chain_id, OTHER_CHAIN_ID)
        assert (one[:3], one[4:]) == (other[:3], other[4:])


def test_h003_a03_refuses_a_consent_when_it_was_signed_for_another_chain(here, elsewhere, consent):
    token = TypedDomain("consent_token", here[1].chain_id, here[1].address("ConsentToken"))
    signature = token.sign(SUBJECT, "Consent", consent.message())
    assert grant(here, consent, signature) == consent.id(token)

    with pytest.raises(ContractCustomError) as caught:
        grant(elsewhere, consent, signature)

    assert caught.value.data == refusal_of(elsewhere, consent)


@pytest.mark.parametrize("changed", [{"version": "2"}, {"name": "Consentry Consents"}])
def test_h029_refuses_a_consent_when_its_domain_is_of_another_edition(here, consent, changed):
    token = contract_of(here, "ConsentToken")
    _, name, version, chain_id, contract, *_ = token.functions.eip712Domain().call()
    domain = {"name": name, "version": version, "chainId": chain_id, "verifyingContract": contract}
    signature, other = (
        bytes(SUBJECT.sign_typed_data(each, CONSENT_TYPE, dict(consent.message())).signature)
        for each in (domain, {**domain, **changed})
    )
    assert grant(here, consent, signature) == token.functions.hashConsent(consent.arguments()).call()

    with pytest.raises(ContractCustomError) as caught:
        grant(here, consent, other)

    assert caught.value.data == refusal_of(here, consent)

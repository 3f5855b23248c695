"""One network on two chains: same addresses, same code, and no signature that is worth anything on both."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from web3 import Web3
from web3.exceptions import ContractCustomError

from consentry.client.assurance import Assurance
from consentry.client.consents import Consent, OpenedConsent
from consentry.client.signing import TypedDomain
from consentry.deployment import deploy, verify
from consentry.deployment.artifacts import load_artifact
from consentry.devchain import start_chain

SIGNED_FOR = ("IdentityRegistry", "ConsentToken", "FeeEscrow", "NetworkCredit")
OTHER_CHAIN_ID = 1337


@pytest.fixture(scope="module")
def elsewhere(deployer, parameters, tmp_path_factory):
    """The same network on a chain of another id: a connection and its manifest."""
    with start_chain(chain_id=OTHER_CHAIN_ID) as chain:
        path = tmp_path_factory.mktemp("elsewhere") / "manifest.json"
        yield Web3(Web3.HTTPProvider(chain.rpc_url)), deploy(chain.rpc_url, deployer, parameters, path)


@pytest.fixture
def contract_at():
    """Return a contract of a network: a function of a connection, its manifest and the contract's name."""

    def find(connection, manifest, name):
        return connection.eth.contract(manifest.address(name), abi=load_artifact(name).abi)

    return find


def test_h122_verifies_and_signs_under_another_domain_when_deployed_on_another_chain(
    connection, manifest, parameters, elsewhere, contract_at
):
    assert verify(*elsewhere, parameters).findings == verify(connection, manifest, parameters).findings == ()
    assert {c.name: c.address for c in elsewhere[1].contracts} == {c.name: c.address for c in manifest.contracts}

    for name in SIGNED_FOR:
        here, there = (
            contract_at(*network, name).functions.eip712Domain().call() for network in ((connection, manifest), elsewhere)
        )
        assert (here[3], there[3]) == (manifest.chain_id, OTHER_CHAIN_ID)
        assert (here[:3], here[4:]) == (there[:3], there[4:])


def test_h003_a03_refuses_a_consent_when_it_was_signed_for_the_same_address_on_another_chain(
    connection, manifest, elsewhere, contract_at
):
    consent, signature = signed_consent(manifest.chain_id, manifest.address("ConsentToken"), connection)
    here, there = (contract_at(*network, "ConsentToken") for network in ((connection, manifest), elsewhere))

    assert here.functions.grant(consent.arguments(), signature).call() != bytes(32)
    with pytest.raises(ContractCustomError) as caught:
        there.functions.grant(consent.arguments(), signature).call()

    error = there.errors.ConsentTokenSignatureInvalid().selector
    assert str(caught.value.data).startswith(error)


@pytest.mark.parametrize("changed", [{"version": "2"}, {"name": "Consentry ConsentTokens"}, {"chainId": 0}])
def test_h029_refuses_a_consent_when_its_domain_is_of_another_edition(connection, manifest, contract_at, changed):
    token = contract_at(connection, manifest, "ConsentToken")
    consent, _ = signed_consent(manifest.chain_id, token.address, connection)
    fields, name, version, chain_id, contract, *_ = token.functions.eip712Domain().call()
    assert fields == b"\x0f"
    domain = {"name": name, "version": version, "chainId": chain_id, "verifyingContract": contract, **changed}
    types = typed_data_of("Consent")
    signed = SUBJECT.sign_typed_data(domain, types, dict(consent.message()))

    with pytest.raises(ContractCustomError) as caught:
        token.functions.grant(consent.arguments(), signed.signature).call()

    assert str(caught.value.data).startswith(token.errors.ConsentTokenSignatureInvalid().selector)

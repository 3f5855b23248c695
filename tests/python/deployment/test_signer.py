"""Whose key signs: what is named before what is well known, and no key in any message."""

from __future__ import annotations

import json
import traceback

import pytest
from eth_account import Account

from consentry.deployment import find_deployer
from consentry.deployment.errors import DeployerMissing, SignerMissing
from consentry.deployment.signer import KEY_VARIABLE, PASSWORD_VARIABLE, SIGNER_VARIABLE, find_signer
from consentry.devchain import LOCAL_CHAIN_IDS, development_account

OWN = Account.from_key("0x" + "7b" * 32)
PASSWORD = "correct horse"
FOREIGN_CHAIN_ID = 7


@pytest.fixture(scope="session")
def keystore(tmp_path_factory):
    """An encrypted key."""
    path = tmp_path_factory.mktemp("keystore") / "deployer.json"
    path.write_text(json.dumps(Account.encrypt(OWN.key, PASSWORD, iterations=2)))
    return path


@pytest.mark.parametrize("chain_id", sorted(LOCAL_CHAIN_IDS))
def test_takes_the_well_known_deployer_when_a_chain_is_local(chain_id):
    assert find_deployer(chain_id, environment={}).address == development_account(0).address


@pytest.mark.parametrize("chain_id", [31337, FOREIGN_CHAIN_ID])
def test_takes_the_key_from_the_environment_when_there_is_one(chain_id):
    for key in ("0x" + "7b" * 32, "7b" * 32):
        assert find_deployer(chain_id, environment={KEY_VARIABLE: key}).address == OWN.address


@pytest.mark.parametrize("chain_id", [31337, FOREIGN_CHAIN_ID])
def test_takes_the_keystore_before_the_environment(chain_id, keystore):
    environment = {KEY_VARIABLE: "0x" + "11" * 32, PASSWORD_VARIABLE: PASSWORD}
    assert find_deployer(chain_id, keystore, environment).address == OWN.address


def test_reads_the_processs_own_environment(monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "0x" + "7b" * 32)
    assert find_deployer(FOREIGN_CHAIN_ID).address == OWN.address


def test_says_where_to_put_the_key_when_there_is_none():
    with pytest.raises(DeployerMissing) as raised:
        find_deployer(FOREIGN_CHAIN_ID, environment={})
    assert str(raised.value) == f"chain 7 is not local: give a keystore file, or the key in {KEY_VARIABLE}"


@pytest.mark.parametrize("key", ["", "0x", "0x12", "7b" * 31, "7b" * 33, "zz" * 32, "00" * 32, "ff" * 32])
def test_refuses_what_is_no_key_and_does_not_show_it(key):
    with pytest.raises(DeployerMissing) as raised:
        find_deployer(31337, environment={KEY_VARIABLE: key})
    assert str(raised.value) == f"{KEY_VARIABLE} does not hold a key: 32 bytes in hexadecimal digits"
    if len(key) > 4:
        assert key not in "".join(traceback.format_exception(raised.value))


@pytest.mark.parametrize(
    ("text", "password", "problem"),
    [
        (None, PASSWORD, "cannot be read: No such file or directory"),
        ("{", PASSWORD, "does not open: it is no keystore file, or"),
        ("[]", PASSWORD, "does not open: it is no keystore file, or"),
        ("{}", PASSWORD, "does not open: it is no keystore file, or"),
        ("own", "wrong horse", "does not open: it is no keystore file, or"),
    ],
    ids=["missing", "no JSON", "a list", "no keystore", "another password"],
)
def test_refuses_a_keystore_that_does_not_open(tmp_path, keystore, text, password, problem):
    path = tmp_path / "deployer.json"
    if text is not None:
        path.write_text(keystore.read_text() if text == "own" else text)
    with pytest.raises(DeployerMissing) as raised:
        find_deployer(31337, path, {PASSWORD_VARIABLE: password})
    assert str(raised.value).startswith(f"{path} {problem}")
    assert password not in "".join(traceback.format_exception(raised.value))


def test_asks_for_the_password_of_a_keystore(keystore):
    with pytest.raises(DeployerMissing) as raised:
        find_deployer(31337, keystore, {})
    assert str(raised.value) == f"the password of {keystore} is not known: put it into {PASSWORD_VARIABLE}"


# ---------------------------------------------------------------- whoever else signs


def test_takes_a_signers_keystore_before_the_environment(keystore):
    environment = {SIGNER_VARIABLE: "0x" + "7b" * 32}
    assert find_signer(environment=environment).address == OWN.address
    other = {SIGNER_VARIABLE: "0x" + "11" * 32, PASSWORD_VARIABLE: PASSWORD}
    assert find_signer(keystore, other).address == OWN.address


@pytest.mark.parametrize("key", [None, "", "0x12", "zz" * 32, "00" * 32])
def test_signs_with_no_well_known_key_when_there_is_none(key):
    environment = {} if key is None else {SIGNER_VARIABLE: key}
    with pytest.raises(SignerMissing) as raised:
        find_signer(environment=environment)
    assert not isinstance(raised.value, DeployerMissing)
    assert SIGNER_VARIABLE in str(raised.value)


def test_reads_a_signers_own_environment(monkeypatch):
    monkeypatch.setenv(SIGNER_VARIABLE, "0x" + "7b" * 32)
    assert find_signer().address == OWN.address

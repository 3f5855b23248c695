"""Whose key signs: a keystore file, the environment, or on a local chain the well-known development account."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_keys.constants import SECPK1_N

from consentry.deployment.errors import DeployerMissing, SignerMissing
from consentry.devchain import LOCAL_CHAIN_IDS, development_account

KEY_VARIABLE: Final = "CONSENTRY_DEPLOYER_KEY"
SIGNER_VARIABLE: Final = "CONSENTRY_KEY"
PASSWORD_VARIABLE: Final = "CONSENTRY_KEYSTORE_PASSWORD"  # noqa: S105 - the variable's name
_KEY_BYTES: Final = 32


def find_deployer(
    chain_id: int, keystore: Path | None = None, environment: Mapping[str, str] | None = None
) -> LocalAccount:
    """Find the key that deploys to a chain.

    Args:
        chain_id: EIP-155 chain id.
        keystore: Encrypted key (Web3 Secret Storage); its password stands in `CONSENTRY_KEYSTORE_PASSWORD`.
        environment: Where variables stand, or None for the process's own. Without a keystore the key stands in
            `CONSENTRY_DEPLOYER_KEY`; where neither is given, a local chain takes development account 0.

    Raises:
        DeployerMissing: There is no key, or it cannot be read.
    """
    variables = os.environ if environment is None else environment
    if keystore is not None:
        return _from_keystore(keystore, variables.get(PASSWORD_VARIABLE), DeployerMissing)
    key = variables.get(KEY_VARIABLE)
    if key is not None:
        return _from_key(key, KEY_VARIABLE, DeployerMissing)
    if chain_id in LOCAL_CHAIN_IDS:
        return development_account(0)
    raise DeployerMissing(f"chain {chain_id} is not local: give a keystore file, or the key in {KEY_VARIABLE}")


def find_signer(keystore: Path | None = None, environment: Mapping[str, str] | None = None) -> LocalAccount:
    """Find the key that signs for whoever uses the command.

    Args:
        keystore: Encrypted key (Web3 Secret Storage); its password stands in `CONSENTRY_KEYSTORE_PASSWORD`.
        environment: Where variables stand, or None for the process's own. Without a keystore the key stands in
            `CONSENTRY_KEY`.

    Raises:
        SignerMissing: There is no key, or it cannot be read.
    """
    variables = os.environ if environment is None else environment
    if keystore is not None:
        return _from_keystore(keystore, variables.get(PASSWORD_VARIABLE), SignerMissing)
    key = variables.get(SIGNER_VARIABLE)
    if key is None:
        raise SignerMissing(f"there is no key to sign with: give --keystore FILE, or the key in {SIGNER_VARIABLE}")
    return _from_key(key, SIGNER_VARIABLE, SignerMissing)


def _from_key(key: str, variable: str, refusal: type[SignerMissing]) -> LocalAccount:
    try:
        secret = bytes.fromhex(key.removeprefix("0x"))
    except ValueError:
        secret = b""
    # Raised outside the handler: the cause names the key.
    if len(secret) != _KEY_BYTES or not 0 < int.from_bytes(secret, "big") < SECPK1_N:
        raise refusal(f"{variable} does not hold a key: 32 bytes in hexadecimal digits")
    account: LocalAccount = Account.from_key(secret)
    return account


def _from_keystore(keystore: Path, password: str | None, refusal: type[SignerMissing]) -> LocalAccount:
    if password is None:
        raise refusal(f"the password of {keystore} is not known: put it into {PASSWORD_VARIABLE}")
    try:
        account: LocalAccount = Account.from_key(Account.decrypt(json.loads(keystore.read_bytes()), password))
    except OSError as error:
        raise refusal(f"{keystore} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError):
        raise refusal(
            f"{keystore} does not open: it is no keystore file, or {PASSWORD_VARIABLE} holds another password"
        ) from None
    return account

"""The well-known development keys. Anyone can sign with them: they belong on a local chain and nowhere else."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from eth_account import Account
from eth_account.hdaccount import key_from_seed, seed_from_mnemonic
from eth_account.signers.local import LocalAccount

DEVELOPMENT_MNEMONIC: Final = "test test test test test test test test test test test junk"
DEVELOPMENT_ACCOUNTS: Final = 40
LOCAL_CHAIN_IDS: Final = frozenset({1337, 31337})


@lru_cache(maxsize=1)
def _seed() -> bytes:
    return seed_from_mnemonic(DEVELOPMENT_MNEMONIC, "")


@lru_cache(maxsize=DEVELOPMENT_ACCOUNTS)
def development_account(index: int) -> LocalAccount:
    """Derive one of the well-known development accounts.

    Args:
        index: Position on the path m/44'/60'/0'/0/index, 0 to 39; every local chain gives each of them a balance.

    Returns:
        The account with its key.

    Raises:
        ValueError: The index is not one that local chains fund.

    Source: BIP-39, BIP-44.
    """
    if not 0 <= index < DEVELOPMENT_ACCOUNTS:
        raise ValueError(f"development accounts are numbered 0 to {DEVELOPMENT_ACCOUNTS - 1}, not {index}")
    account: LocalAccount = Account.from_key(key_from_seed(_seed(), f"m/44'/60'/0'/0/{index}"))
    return account

"""Local chains for development, demonstrations and tests; never for anything of value."""

from consentry.devchain.accounts import (
    DEVELOPMENT_ACCOUNTS,
    DEVELOPMENT_MNEMONIC,
    LOCAL_CHAIN_IDS,
    development_account,
)
from consentry.devchain.chain import (
    DEVELOPMENT_CHAIN_ID,
    HARD_FORK,
    ChainClient,
    DevChain,
    find_chain_client,
    start_chain,
)
from consentry.devchain.errors import ChainClientMissing, ChainNotReady, DevChainError, PortTaken

__all__ = [
    "DEVELOPMENT_ACCOUNTS",
    "DEVELOPMENT_CHAIN_ID",
    "DEVELOPMENT_MNEMONIC",
    "HARD_FORK",
    "LOCAL_CHAIN_IDS",
    "ChainClient",
    "ChainClientMissing",
    "ChainNotReady",
    "DevChain",
    "DevChainError",
    "PortTaken",
    "development_account",
    "find_chain_client",
    "start_chain",
]

"""Choose the instant of the next block, on any chain client."""

from __future__ import annotations

import brownie


def travel_to(at: int) -> None:
    """Let the next transaction be mined at this instant.

    Args:
        at: Unix seconds, after the latest block.
    """
    latest = brownie.chain[-1].timestamp
    assert at > latest, f"{at} is not after the latest block ({latest})"
    if is_ganache():
        # Its next block is a second after the instant that it is told.
        _request("evm_setTime", (at - 1) * 1000)
    else:
        _request("evm_setNextBlockTimestamp", at)


def mine_at(at: int) -> None:
    """Mine an empty block at this instant, so that calls see it.

    Args:
        at: Unix seconds, after the latest block.
    """
    # Brownie's own `chain.mine(timestamp=…)` sends anvil a request that it refuses.
    _request("evm_mine", at)


def is_ganache() -> bool:
    """Return whether the chain is Ganache."""
    return "ganache" in brownie.web3.client_version.lower()


def _request(method: str, *arguments: object) -> object:
    answer = brownie.web3.provider.make_request(method, list(arguments))
    assert "error" not in answer, answer["error"]
    return answer.get("result")

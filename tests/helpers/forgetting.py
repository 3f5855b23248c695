"""Undo what a test did: on the chain, and in what Brownie remembers of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import brownie
from brownie.network.state import TxHistory


@contextmanager
def forgetting() -> Iterator[None]:
    """Undo at the end what was done since.

    Brownie's `chain.revert` asks the chain for the code of every contract that it knows, and takes another snapshot.
    """
    chain, height = brownie.chain, brownie.web3.eth.block_number
    time_offset, known = chain._time_offset, {id(contract) for container in _containers() for contract in container}
    taken = _request("evm_snapshot")
    yield
    assert _request("evm_revert", taken) is True
    chain._time_offset = time_offset
    TxHistory()._revert(height)
    for container in _containers():
        for contract in [contract for contract in container if id(contract) not in known]:
            container.remove(contract)
            contract._reverted = True


def _containers() -> brownie.project.main.Project:
    return brownie.project.get_loaded_projects()[0]


def _request(method: str, *arguments: object) -> object:
    answer = brownie.web3.provider.make_request(method, list(arguments))
    assert "error" not in answer, answer["error"]
    return answer["result"]

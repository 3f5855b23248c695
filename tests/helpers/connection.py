"""Brownie's connection to a local chain: quicker, and steady where the chain is a moment late."""

from __future__ import annotations

import time
from typing import Any

import requests
from web3 import HTTPProvider, Web3
from web3.types import RPCEndpoint, RPCResponse

LATE_SECONDS = 1.0
ASK_AGAIN_SECONDS = 0.005


class PatientProvider(HTTPProvider):
    """Asks for a receipt again until it is there.

    anvil counts a mined transaction a moment before it shows the receipt. Brownie takes one that is counted and has
    none for lost, and else sleeps a second before it asks again.
    """

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Ask the node."""
        answer = super().make_request(method, params)
        late_at = time.monotonic() + LATE_SECONDS
        while method == "eth_getTransactionReceipt" and answer.get("result") is None and time.monotonic() < late_at:
            time.sleep(ASK_AGAIN_SECONDS)
            answer = super().make_request(method, params)
        return answer


def mend(connection: Web3) -> None:
    """Put a patient provider in the place of Brownie's, that asks once what never changes and looks for no proxies.

    Args:
        connection: Brownie's, connected over HTTP.
    """
    session = requests.Session()
    session.trust_env = False
    connection.provider = PatientProvider(
        connection.provider.endpoint_uri,
        {"timeout": 60},
        session=session,
        cache_allowed_requests=True,
        cacheable_requests={"eth_chainId"},
    )

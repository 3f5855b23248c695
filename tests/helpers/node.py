"""A chain's node as tests ask it: directly, over one connection that stays open."""

from __future__ import annotations

import http.client
import itertools
import json
from typing import Any
from urllib.parse import urlsplit

from web3.providers.base import JSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse


class Node(JSONBaseProvider):
    """Ask a node anything it answers, snapshots and storage included; `Web3(node)` is a quick connection to it.

    Args:
        rpc_url: Where it answers JSON-RPC over HTTP on this machine.
    """

    def __init__(self, rpc_url: str) -> None:
        super().__init__()
        self.endpoint_uri = rpc_url
        where = urlsplit(rpc_url)
        self._connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
        self._numbers = itertools.count(1)

    def ask(self, method: str, *parameters: Any) -> Any:
        """Return the result of a request; an error that the node answers with fails the test."""
        body = {"jsonrpc": "2.0", "id": next(self._numbers), "method": method, "params": list(parameters)}
        answer = json.loads(self._post(json.dumps(body).encode()))
        assert "error" not in answer, f"{method}: {answer['error']}"
        return answer["result"]

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        """Pass a request of web3 on."""
        return self.decode_rpc_response(self._post(self.encode_rpc_request(method, params)))

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _post(self, body: bytes) -> bytes:
        self._connection.request("POST", "/", body, {"Content-Type": "application/json"})
        return self._connection.getresponse().read()

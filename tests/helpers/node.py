"""A chain's node as tests ask it: directly, over one connection that stays open."""

from __future__ import annotations

import itertools
import json
import socket
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
        self._connection = socket.create_connection((where.hostname, where.port), timeout=60)
        self._connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = self._connection.makefile("rb")
        self._head = f"POST / HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Type: application/json\r\nContent-Length: "
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
        self._received.close()
        self._connection.close()

    def _post(self, body: bytes) -> bytes:
        """Post without a library: those take longer than the node does, and some tests ask a hundred thousand times."""
        self._connection.sendall(f"{self._head}{len(body)}\r\n\r\n".encode() + body)
        status, length = self._received.readline(), 0
        if b" 200 " not in status:
            raise ConnectionError(f"the node at {self.endpoint_uri} answers with {status!r}")
        while (field := self._received.readline()).strip():
            name, _, value = field.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return self._received.read(length)

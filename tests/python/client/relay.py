"""A node in front of a chain's node: it passes requests on, and does otherwise with those of which it is told."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Request = dict[str, Any]
Answer = Any
"""A value is answered as JSON, bytes as they are, `Http` as it says; None closes the connection in silence."""


@dataclass(frozen=True)
class Http:
    """An answer without a body."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)


class Relay:
    """Serve what a chain's node answers, changed as told.

    Attributes:
        url: Where it answers JSON-RPC.
        asked: Methods that it was asked, in order; `GET` for a page that somebody fetched.
    """

    def __init__(self, rpc_url: str) -> None:
        where = urlsplit(rpc_url)
        self._host, self._port = where.hostname, where.port
        self._rules: dict[str, Callable[[Request], Answer]] = {}
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()

    def tell(self, method: str, do: Callable[[Request], Answer]) -> None:
        """Do something else with a method's requests from now on; `*` is every method without a rule of its own."""
        self._rules[method] = do

    def change(self, method: str, change: Callable[[Any], Any]) -> None:
        """Change the results of a method from now on."""

        def do(request: Request) -> Answer:
            answer = self.forward(request)
            return {**answer, "result": change(answer["result"])} if "result" in answer else answer

        self.tell(method, do)

    def forget(self) -> None:
        """Pass everything on from now on."""
        self._rules.clear()

    def forward(self, request: Request) -> dict[str, Any]:
        """Return what the chain's node answers."""
        connection = http.client.HTTPConnection(self._host, self._port, timeout=30)
        try:
            connection.request("POST", "/", json.dumps(request), {"Content-Type": "application/json"})
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return answer

    def close(self) -> None:
        """Serve nothing any more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, request: Request) -> Answer:
        self.asked.append(request["method"])
        rule = self._rules.get(request["method"], self._rules.get("*", self.forward))
        return rule(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        relay = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked = json.loads(body)
                batch = isinstance(asked, list)
                answer = [relay._answer(request) for request in asked] if batch else relay._answer(asked)
                if answer is None:
                    self.close_connection = True
                    return
                http, octets = (answer, b"") if isinstance(answer, Http) else (Http(200), answer)
                if not isinstance(octets, bytes):
                    octets = json.dumps(octets).encode()
                self.send_response(http.status)
                for name, value in http.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(octets)))
                self.end_headers()
                self.wfile.write(octets)

            def do_GET(self) -> None:
                relay.asked.append("GET")
                self.send_error(404)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def refusal(message: str, code: int = -32000, **more: Any) -> Callable[[Request], Answer]:
    """Return a rule by which a node answers with an error."""
    return lambda request: {
        "jsonrpc": "2.0",
        "id": request["id"],
        "error": {"code": code, "message": message, **more},
    }


def result(value: Any) -> Callable[[Request], Answer]:
    """Return a rule by which a node answers with a result."""
    return lambda request: {"jsonrpc": "2.0", "id": request["id"], "result": value}

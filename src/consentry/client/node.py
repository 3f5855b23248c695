"""A chain's node, asked over HTTP: each way in which it fails is an exception of its own.

Every request of the client passes through `Node.ask`, or is made and read within `Node.answers`: what a node answers is
not trusted to be well formed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar
from urllib.parse import urlsplit

from aiohttp import ClientConnectionError, ClientPayloadError, ClientResponseError, ClientSession, ClientTimeout
from aiohttp import ClientError as HttpError
from web3 import AsyncWeb3
from web3.exceptions import (
    BadFunctionCallOutput,
    ContractLogicError,
    InvalidAddress,
    Web3Exception,
    Web3RPCError,
)
from web3.middleware import ExtraDataToPOAMiddleware
from web3.providers.async_base import AsyncJSONBaseProvider
from web3.types import RPCEndpoint, RPCResponse

from consentry.client.errors import (
    ArgumentInvalid,
    ChainUnreachable,
    NodeFailed,
    WrongChain,
    contract_error,
    one_line,
)

T = TypeVar("T")

REQUEST_SECONDS = 30.0
"""How long one request may take."""

_PAUSES_SECONDS = (0.1, 0.2)
"""Before each further try of a request that could not be delivered."""


class _Http(AsyncJSONBaseProvider):
    """Carries web3's requests over connections that stay open, and to no other address than the node's own."""

    def __init__(self, rpc_url: str) -> None:
        super().__init__()
        self.endpoint_uri = rpc_url
        # A node may not name other addresses to fetch from (EIP-3668).
        self.global_ccip_read_enabled = False
        self._session: ClientSession | None = None
        self._is_closed = False

    async def make_request(self, method: RPCEndpoint, params: Sequence[object]) -> RPCResponse:
        body = self.encode_rpc_request(method, params)
        for pause in _PAUSES_SECONDS:
            try:
                return self.decode_rpc_response(await self._post(body))
            except (ClientConnectionError, ClientPayloadError):
                await asyncio.sleep(pause)
        return self.decode_rpc_response(await self._post(body))

    async def disconnect(self) -> None:
        self._is_closed = True
        if self._session is not None:
            await self._session.close()

    async def _post(self, body: bytes) -> bytes:
        if self._is_closed:
            raise ChainUnreachable("the connection was closed; connect to the network again")
        if self._session is None:
            headers = {"Content-Type": "application/json"}
            self._session = ClientSession(headers=headers, timeout=ClientTimeout(REQUEST_SECONDS))
        async with self._session.post(self.endpoint_uri, data=body, allow_redirects=False) as response:
            response.raise_for_status()
            return await response.read()


class Node:
    """A node of a chain.

    Attributes:
        web3: Asks it anything; what is awaited through `ask` fails with the client's own exceptions.
        where: Its address for people to read, without what may be secret in it.
    """

    def __init__(self, rpc_url: str) -> None:
        """Name a node. Nothing is asked yet.

        Args:
            rpc_url: HTTP URL.
        """
        self._http = _Http(rpc_url)
        # With the one middleware that takes blocks of QBFT and Clique; web3's own ask for the chain id every time.
        self.web3 = AsyncWeb3(self._http, middleware=[ExtraDataToPOAMiddleware])
        self.where = _without_secrets(rpc_url)

    async def ask(self, asked: Awaitable[T]) -> T:
        """Await a request that was made through `web3`; raises as `answers`."""
        with self.answers():
            return await asked

    @contextmanager
    def answers(self) -> Iterator[None]:
        """Ask and read answers within: each way in which that fails is an exception of the client.

        Raises:
            ContractError: A contract refuses the call.
            ArgumentInvalid: An address is written without its checksum.
            WrongChain: There is no such contract.
            NodeFailed: The node answers with an error, or not as a node must.
            ChainUnreachable: No node answers.
        """
        try:
            yield
        except ContractLogicError as cause:
            raise contract_error(_revert_data(cause)) from cause
        except InvalidAddress as cause:
            raise ArgumentInvalid("an address is written without its checksum (ERC-55); write it with it") from cause
        except BadFunctionCallOutput as cause:
            raise WrongChain(
                f"the network's contracts are not on the chain at {self.where}; connect to the one that they are on"
            ) from cause
        except Web3RPCError as cause:
            raise NodeFailed(self.where, _message(cause)) from cause
        except ClientResponseError as cause:
            raise NodeFailed(self.where, f"HTTP status {cause.status}") from cause
        except (HttpError, OSError, asyncio.TimeoutError) as cause:
            raise ChainUnreachable(
                f"no node answers at {self.where}; start one (consentry devnet) or give its RPC URL"
            ) from cause
        except (Web3Exception, ValueError, TypeError, LookupError, AttributeError, RecursionError) as cause:
            # web3 takes answers apart without checking them first.
            raise NodeFailed(self.where, "it does not answer as a node does") from cause

    async def close(self) -> None:
        """Close the connection. Does nothing the second time."""
        await self._http.disconnect()


def _message(cause: Web3RPCError) -> str:
    error = (cause.rpc_response or {}).get("error")
    return one_line(str(error.get("message") if isinstance(error, dict) else cause.message))


def _revert_data(cause: ContractLogicError) -> bytes:
    text = cause.data if isinstance(cause.data, str) else ""
    try:
        return bytes.fromhex(text.removeprefix("0x"))
    except ValueError:
        return b""


def _without_secrets(rpc_url: str) -> str:
    """Return the scheme, host and port of a URL: hosted nodes are opened by what else stands in it."""
    try:
        parts = urlsplit(rpc_url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "the given RPC URL"
    return f"{parts.scheme}://{parts.hostname}{port}" if parts.hostname else "the given RPC URL"

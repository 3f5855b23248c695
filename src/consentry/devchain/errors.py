"""What can go wrong with a local chain.

ConsentryError
└── DevChainError
    ├── ChainClientMissing
    ├── PortTaken
    └── ChainNotReady
"""

from __future__ import annotations

from consentry.errors import ConsentryError


class DevChainError(ConsentryError):
    """Say that a local chain could not be used."""


class ChainClientMissing(DevChainError):
    """Say that the program that runs the chain is not installed."""

    def __init__(self, client: str, mend: str) -> None:
        self.client = client
        self.mend = mend
        super().__init__(f"{client} was not found in node_modules or on PATH: {mend}")


class PortTaken(DevChainError):
    """Say that something else listens on the port asked for."""

    def __init__(self, port: int) -> None:
        self.port = port
        super().__init__(
            f"port {port} on 127.0.0.1 is taken: stop the program that listens there or choose another port"
        )


class ChainNotReady(DevChainError):
    """Say that the chain's program ended or did not answer in time."""

    def __init__(self, client: str, reason: str) -> None:
        self.client = client
        self.reason = reason
        super().__init__(f"{client} did not start: {reason}")

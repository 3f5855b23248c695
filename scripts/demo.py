"""Play the whole story on Brownie's chain: `consentry.demo.story`.

    brownie run demo
    brownie run demo main 200 --network anvil

The number is how many people each system of record holds. The chain must be a local one that nobody has used yet;
receipts are left in receipts/.
"""

from __future__ import annotations

import sys
from pathlib import Path

from brownie import web3
from rich.console import Console

from consentry.demo.story import main as play
from consentry.errors import ConsentryError

RECEIPTS = Path(__file__).resolve().parents[1] / "receipts"


def main(people: str = "10000", seed: str = "2026") -> None:
    """Play the story, and end the process with 1 unless everything is as it must be.

    Args:
        people: How many people each system of record holds.
        seed: Seed of the generated people.
    """
    try:
        code = play(
            RECEIPTS, people=int(people), seed=int(seed), console=Console(), rpc_url=web3.provider.endpoint_uri
        )
    except ConsentryError as error:
        sys.exit(f"demo: {error}")
    if code:
        sys.exit(code)

"""The documents that a network's founders and participants sign, by their hashes: examples to replace by one's own."""

from __future__ import annotations

from importlib import resources

from eth_utils.crypto import keccak

CHARTER = "charter.md"
"""What the founders sign."""

AGREEMENT = "membership-agreement.md"
"""What every participant signs."""


def document_hash(name: str) -> bytes:
    """Return keccak256 of a packaged document's bytes, 32 bytes."""
    return keccak(resources.files("consentry.charter").joinpath(name).read_bytes())

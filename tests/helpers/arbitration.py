"""What arbiters are told and what they answer: as in IArbitrator, IArbitrationPanel and IDisputes."""

from __future__ import annotations

from collections.abc import Iterable

from eth_abi.abi import encode

WAITING, APPEALABLE, SOLVED = range(3)
"""DisputeStatus."""

CIPHERTEXT_MISSING, RULED, NOT_RULED = range(3)
"""Outcome."""

CHOICES = 10_001
"""Rulings on a disputed exchange, beside the refusal to rule."""

REFUSED = 0
"""The ruling that refuses to rule."""


def ruling_of(bps: int) -> int:
    """Return the ruling that gives the provider so many basis points of the fee."""
    return bps + 1


def extra_data(interested: Iterable[object], hosts_share: bool = False) -> bytes:
    """Return what an arbitrator is told of a dispute.

    Args:
        interested: Who shares in the fee, as accounts or addresses.
        hosts_share: Whether the hosts do.
    """
    addresses = [str(getattr(each, "address", each)) for each in interested]
    return encode(["address[]", "bool"], [addresses, hosts_share])

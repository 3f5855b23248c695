"""What a transaction told."""

from __future__ import annotations

from brownie.network.transaction import TransactionReceipt


def told_by(tx: TransactionReceipt) -> list[tuple[str, dict[str, object]]]:
    """Return every event of a transaction, in order, with its values by name; byte strings as bytes."""
    return [
        (event.name, {name: bytes(value) if isinstance(value, bytes) else value for name, value in event.items()})
        for event in tx.events
    ]

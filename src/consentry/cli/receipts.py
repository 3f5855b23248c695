"""`consentry verify-receipt`: check a receipt with nothing but its file and a node."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from consentry.cli.deployment import RpcOption

if TYPE_CHECKING:
    from consentry.client.receipts import VerifiedReceipt


def verify_receipt(
    file: Annotated[Path, typer.Argument(help="The receipt.", metavar="FILE")],
    rpc: RpcOption,
) -> None:
    """Check a receipt against the chain, with nothing but the file and a node.

    Trust begins at the directory that it prints: compare it with the one that the network publishes.
    """
    from consentry.client.errors import ReceiptRefused
    from consentry.client.receipts import verify_receipt as check

    try:
        octets = file.read_bytes()
    except OSError as cause:
        raise ReceiptRefused(f"{file} cannot be read: {cause.strerror}; give the receipt's file") from cause
    print_verified(file.name, asyncio.run(check(octets, rpc)))


def print_verified(name: str, verified: VerifiedReceipt) -> None:
    """Print what a receipt says that the chain bears out.

    Args:
        name: Of the file.
        verified: The receipt.
    """
    receipt = verified.receipt
    facts = receipt.exchange
    print(f"true: {name} is borne out by chain {receipt.chain_id}")
    print(f"  directory   {receipt.contracts.directory}")
    print(f"  consumer    {receipt.record.request.consumer.did}")
    print(f"  provider    {receipt.record.provider.did}")
    print(f"  schema      {receipt.record.request.schema_id}")
    print(f"  purpose     {receipt.record.request.purpose_id}")
    print(f"  consent     {receipt.record.state.value}")
    if facts is None:
        print("  exchange    none")
        return
    print(f"  exchange    {facts.exchange_id}")
    print(f"  outcome     {facts.outcome.value}" + (f" ({facts.cause.value})" if facts.cause is not None else ""))
    print(f"  fee         {facts.fee} units, shared {' / '.join(str(share) for share in facts.shares_bps)} bps")

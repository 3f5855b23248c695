"""What has to be known to go on with a deployment after it was killed.

Written before the first transaction, and before each one is sent. Signatures are deterministic (RFC 6979), so gas and
price are enough to tell, or to send again, exactly the transaction that was sent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address

from consentry.deployment.errors import JournalInvalid
from consentry.deployment.files import JsonValue, write_json

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class SentTransaction:
    """A transaction that was signed for a step and may have been sent.

    Attributes:
        tx_hash: 0x-prefixed hexadecimal digits.
        gas: Gas limit.
        gas_price_wei: Price of gas, in wei.
    """

    tx_hash: str
    gas: int
    gas_price_wei: int


@dataclass(frozen=True, slots=True)
class Journal:
    """An unfinished deployment.

    Attributes:
        chain_id: EIP-155 chain id.
        genesis_hash: Of the chain's block 0.
        deployer: Who signs every step.
        first_nonce: The deployer's nonce for the first step; each step takes the next.
        gas_price_wei: Price of gas when it was begun.
        parameters_hash: Fingerprint of the parameters.
        code_hash: Fingerprint of the compiled contracts.
        commit: Git commit of the checkout when it was begun, or None.
        sent: For each step begun, what was signed for it; replacements last.
    """

    chain_id: int
    genesis_hash: str
    deployer: ChecksumAddress
    first_nonce: int
    gas_price_wei: int
    parameters_hash: str
    code_hash: str
    commit: str | None
    sent: tuple[tuple[SentTransaction, ...], ...]

    def with_sent(self, step: int, transaction: SentTransaction) -> Journal:
        """Return the journal with one more transaction signed for a step, counted from 0."""
        sent = [list(transactions) for transactions in self.sent]
        if step == len(sent):
            sent.append([])
        sent[step].append(transaction)
        return Journal(
            chain_id=self.chain_id,
            genesis_hash=self.genesis_hash,
            deployer=self.deployer,
            first_nonce=self.first_nonce,
            gas_price_wei=self.gas_price_wei,
            parameters_hash=self.parameters_hash,
            code_hash=self.code_hash,
            commit=self.commit,
            sent=tuple(tuple(transactions) for transactions in sent),
        )

    def write(self, path: Path) -> None:
        """Write the journal so that it is on the disk when this returns."""
        steps: list[JsonValue] = [
            [{"tx": item.tx_hash, "gas": item.gas, "gas_price_wei": item.gas_price_wei} for item in transactions]
            for transactions in self.sent
        ]
        write_json(
            path,
            {
                "format": _FORMAT,
                "chain_id": self.chain_id,
                "genesis_hash": self.genesis_hash,
                "deployer": self.deployer,
                "first_nonce": self.first_nonce,
                "gas_price_wei": self.gas_price_wei,
                "parameters_hash": self.parameters_hash,
                "code_hash": self.code_hash,
                "commit": self.commit,
                "sent": steps,
            },
        )


def journal_path(manifest_path: Path) -> Path:
    """Return where the journal of an unfinished deployment stands."""
    return manifest_path.with_suffix(".journal")


def read_journal(path: Path) -> Journal | None:
    """Read a journal.

    Args:
        path: Where it stands.

    Returns:
        The journal, or None where there is none.

    Raises:
        JournalInvalid: It cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise JournalInvalid(path, "it cannot be read") from error
    try:
        document = json.loads(text)
        if document["format"] != _FORMAT:
            raise JournalInvalid(path, f"its format is {document['format']}, and this release reads {_FORMAT}")
        return Journal(
            chain_id=int(document["chain_id"]),
            genesis_hash=str(document["genesis_hash"]),
            deployer=to_checksum_address(document["deployer"]),
            first_nonce=int(document["first_nonce"]),
            gas_price_wei=int(document["gas_price_wei"]),
            parameters_hash=str(document["parameters_hash"]),
            code_hash=str(document["code_hash"]),
            commit=None if document["commit"] is None else str(document["commit"]),
            sent=tuple(
                tuple(
                    SentTransaction(str(item["tx"]), int(item["gas"]), int(item["gas_price_wei"]))
                    for item in transactions
                )
                for transactions in document["sent"]
            ),
        )
    except KeyError as error:
        raise JournalInvalid(path, f"{error} is missing") from error
    except (ValueError, TypeError) as error:
        raise JournalInvalid(path, "it is damaged") from error

"""What a transaction told."""

from __future__ import annotations

import brownie
from brownie.network.contract import ProjectContract
from brownie.network.transaction import TransactionReceipt
from eth_utils.abi import event_abi_to_log_topic


def told_by(tx: TransactionReceipt) -> list[tuple[str, dict[str, object]]]:
    """Return every event of a transaction, in order, with its values by name; byte strings as bytes."""
    return [
        (event.name, {name: bytes(value) if isinstance(value, bytes) else value for name, value in event.items()})
        for event in tx.events
    ]


def ever_told_by(contract: ProjectContract) -> list[tuple[str, dict[str, object]]]:
    """Return every event that a contract ever told, in order, with its values by name."""
    declared = brownie.web3.eth.contract(address=contract.address, abi=contract.abi).events
    events = {event_abi_to_log_topic(event.abi): event for event in declared}
    logs = brownie.web3.eth.get_logs({"address": contract.address, "fromBlock": 0, "toBlock": "latest"})
    found = [events[bytes(log["topics"][0])]().process_log(log) for log in logs]
    return [(event["event"], dict(event["args"])) for event in found]

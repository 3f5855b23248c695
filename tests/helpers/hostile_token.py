"""The network over a token that misbehaves: see contracts/mocks/HostileToken.sol."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from brownie.network.contract import ProjectContract

from tests.helpers.exchanges import Words
from tests.helpers.reverts import decode_error

ONE_PERCENT, EVERYTHING = 100, 10_000
"""What the token keeps of a transfer, basis points."""


class Answer(enum.IntEnum):
    """What a transfer answers; as in the contract."""

    YES = 0
    NOTHING = 1
    NO = 2
    WORD = 3
    REFUSAL = 4


class Moment(enum.IntEnum):
    """When a transfer calls somebody; as in the contract."""

    BEFORE_MOVING = 1
    AFTER_MOVING = 2


@dataclass(frozen=True)
class HostileNetwork:
    """The network with another token, escrow and rewards; identities, consents and prices are the same."""

    token: ProjectContract
    escrow: ProjectContract
    host_rewards: ProjectContract
    words: Words


def refusal_of_hook(token: ProjectContract) -> str:
    """Return the name of the error with which the call that the token made was refused."""
    done, reply = token.hookResult()
    assert not done, "the call that the token made was not refused"
    name, _, _ = decode_error(bytes(reply))
    return name

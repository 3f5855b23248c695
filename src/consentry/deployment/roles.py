"""Who may call which administrative function: the one table that deployment sets and verification checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from types import MappingProxyType
from typing import Final

from eth_typing import ChecksumAddress

from consentry.deployment.parameters import Parameters


class Role(IntEnum):
    """A role of NetworkAccess, as the contract numbers it."""

    ADMIN = 0
    GUARDIAN = 1
    TREASURER = 2
    ERASURE_REGISTER = 3

    @property
    def title(self) -> str:
        """Name in messages."""
        return self.name.lower().replace("_", " ")


FUNCTION_ROLES: Final[Mapping[str, Mapping[Role, tuple[str, ...]]]] = MappingProxyType(
    {
        "IdentityRegistry": {
            Role.GUARDIAN: ("pauseAdmissions", "suspendUrgently"),
            Role.ERASURE_REGISTER: ("blockForErasure",),
        },
        "ConsentToken": {Role.GUARDIAN: ("pauseGrants", "pauseUses")},
        "NetworkCredit": {Role.TREASURER: ("issue", "settleRedemption")},
    }
)
"""By contract and role, the functions that are not the admin's; every other `restricted` function is."""


@dataclass(frozen=True, slots=True)
class RoleHolder:
    """An account that holds a role.

    Attributes:
        role: Which.
        account: Who.
    """

    role: Role
    account: ChecksumAddress


def role_holders(parameters: Parameters, addresses: Mapping[str, ChecksumAddress]) -> tuple[RoleHolder, ...]:
    """Return who holds which role once the network is deployed, in the order in which they are given.

    Args:
        parameters: What the network is deployed with.
        addresses: Of its contracts, by name.
    """
    access = parameters.access
    return (
        *(RoleHolder(Role.GUARDIAN, account) for account in access.guardians),
        *(RoleHolder(Role.TREASURER, account) for account in access.treasurers),
        RoleHolder(Role.ERASURE_REGISTER, addresses["ErasureRegister"]),
        RoleHolder(Role.ADMIN, addresses["CouncilTimelock"]),
    )

"""Compare NetworkAccess with the table of roles: from its events, and again from its getters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from eth_abi.abi import decode
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3.types import LogReceipt

from consentry.deployment.artifacts import AbiValue, Artifact
from consentry.deployment.parameters import Parameters
from consentry.deployment.plan import NO_DELAY_SECONDS
from consentry.deployment.roles import FUNCTION_ROLES, Role, role_holders

PUBLIC_ROLE: Final = 2**64 - 1
"""The role that everybody holds (OpenZeppelin's AccessManager)."""

_HELD: Final = "held"
_NOT_HELD: Final = "not held"

_EVENTS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    # by name: the signature and the types of what stands in the data
    "RoleGranted": ("RoleGranted(uint64,address,uint32,uint48,bool)", ("uint32", "uint48", "bool")),
    "RoleRevoked": ("RoleRevoked(uint64,address)", ()),
    "RoleAdminChanged": ("RoleAdminChanged(uint64,uint64)", ()),
    "RoleGuardianChanged": ("RoleGuardianChanged(uint64,uint64)", ()),
    "RoleGrantDelayChanged": ("RoleGrantDelayChanged(uint64,uint32,uint48)", ("uint32", "uint48")),
    "TargetClosed": ("TargetClosed(address,bool)", ("bool",)),
    "TargetFunctionRoleUpdated": ("TargetFunctionRoleUpdated(address,bytes4,uint64)", ("bytes4",)),
    "TargetAdminDelayUpdated": ("TargetAdminDelayUpdated(address,uint32,uint48)", ("uint32", "uint48")),
}
TOPICS: Final[Mapping[bytes, str]] = {keccak(text=signature): name for name, (signature, _) in _EVENTS.items()}
"""Name of the event by first topic."""


@dataclass(slots=True)
class AccessHistory:
    """What the events of NetworkAccess say, replayed from the first.

    Attributes:
        members: Accounts by role, with their execution delay and the instant from which they hold it, Unix seconds.
        roles: Every role that any event names.
        accounts: Every account that any event names.
        targets: Every contract that any event names.
        functions: Role by contract and selector.
        grant_delays: By role: seconds, and the instant from which they hold.
        admin_delays: By contract: seconds, and the instant from which they hold.
    """

    members: dict[int, dict[ChecksumAddress, tuple[int, int]]] = field(default_factory=dict)
    roles: set[int] = field(default_factory=set)
    accounts: set[ChecksumAddress] = field(default_factory=set)
    targets: set[ChecksumAddress] = field(default_factory=set)
    functions: dict[tuple[ChecksumAddress, bytes], int] = field(default_factory=dict)
    grant_delays: dict[int, tuple[int, int]] = field(default_factory=dict)
    admin_delays: dict[ChecksumAddress, tuple[int, int]] = field(default_factory=dict)


def replay(logs: list[LogReceipt]) -> AccessHistory:
    """Rebuild who may do what from the events of NetworkAccess.

    Args:
        logs: All of them that TOPICS names, oldest first.
    """
    history = AccessHistory()
    for log in logs:
        topics = [bytes(topic) for topic in log["topics"]]
        name = TOPICS[topics[0]]
        values = decode(_EVENTS[name][1], bytes(log["data"]))
        if name.startswith("Target"):
            target = _address(topics[1])
            history.targets.add(target)
            if name == "TargetFunctionRoleUpdated":
                role = int.from_bytes(topics[2], "big")
                history.functions[target, values[0]] = role
                history.roles.add(role)
            elif name == "TargetAdminDelayUpdated":
                history.admin_delays[target] = (values[0], values[1])
            continue
        role = int.from_bytes(topics[1], "big")
        history.roles.add(role)
        members = history.members.setdefault(role, {})
        if name == "RoleGranted":
            account = _address(topics[2])
            history.accounts.add(account)
            since = values[1] if values[2] else members.get(account, (0, values[1]))[1]
            members[account] = (values[0], since)
        elif name == "RoleRevoked":
            account = _address(topics[2])
            history.accounts.add(account)
            members.pop(account, None)
        elif name == "RoleGrantDelayChanged":
            history.grant_delays[role] = (values[0], values[1])
        else:
            history.roles.add(int.from_bytes(topics[2], "big"))
    return history


@dataclass(frozen=True, slots=True)
class AccessFinding:
    """A difference between NetworkAccess and the table of roles.

    Attributes:
        what: What differs.
        expected: As it must be.
        found: As it is.
    """

    what: str
    expected: str
    found: str


class Ask(Protocol):
    """Calls a getter of NetworkAccess."""

    def __call__(self, function: str, *arguments: AbiValue) -> tuple[object, ...]:
        """Return the decoded answer of a getter."""
        ...


@dataclass(frozen=True, slots=True)
class AccessCheck:
    """Everything needed to compare NetworkAccess with the table.

    Attributes:
        parameters: What the network was deployed with.
        addresses: Of its contracts, by name.
        artifacts: Of its contracts, by name.
        deployer: Who must have no power left.
        history: What the events say.
        now: Instant of the block that is looked at, Unix seconds.
        ask: Calls a getter of NetworkAccess.
    """

    parameters: Parameters
    addresses: Mapping[str, ChecksumAddress]
    artifacts: Mapping[str, Artifact]
    deployer: ChecksumAddress
    history: AccessHistory
    now: int
    ask: Ask

    def run(self) -> tuple[int, list[AccessFinding]]:
        """Return how many values were compared, and every difference."""
        results = [*self._members(), *self._roles(), *self._functions(), *self._targets()]
        return len(results), [finding for finding in results if finding is not None]

    def _members(self) -> list[AccessFinding | None]:
        expected = {(holder.role, holder.account) for holder in role_holders(self.parameters, self.addresses)}
        accounts = self.history.accounts | set(self.addresses.values()) | {self.deployer}
        accounts |= {account for _, account in expected}
        results: list[AccessFinding | None] = []
        for role in self._all_roles():
            for account in sorted(accounts):
                wanted = (role, account) in expected
                is_member, delay = self.ask("hasRole", role, account)
                what = f"{role_title(role)} role of {account}"
                results.append(_compare(what, _held(wanted), _held(bool(is_member))))
                if is_member and wanted:
                    results.append(_compare(f"execution delay of the {what}", f"{NO_DELAY_SECONDS} s", f"{delay} s"))
                recorded = self.history.members.get(role, {}).get(account)
                if not wanted and not is_member and recorded is not None and recorded[1] > self.now:
                    results.append(AccessFinding(what, _NOT_HELD, f"held from {recorded[1]} on"))
        return results

    def _roles(self) -> list[AccessFinding | None]:
        results: list[AccessFinding | None] = []
        for role in self._all_roles():
            title = role_title(role)
            admin = role_title(Role.ADMIN)
            for what, getter in (("admin", "getRoleAdmin"), ("guardian", "getRoleGuardian")):
                (found,) = self.ask(getter, role)
                results.append(_compare(f"{what} of the {title} role", admin, role_title(_integer(found))))
            (delay,) = self.ask("getRoleGrantDelay", role)
            pending = self.history.grant_delays.get(role)
            results.append(self._compare_delay(f"grant delay of the {title} role", _integer(delay), pending))
        return results

    def _functions(self) -> list[AccessFinding | None]:
        names = {address: name for name, address in self.addresses.items()}
        functions: dict[tuple[ChecksumAddress, bytes], tuple[str, int]] = {}
        for name, address in self.addresses.items():
            artifact = self.artifacts[name]
            roles = {
                artifact.selector(function): int(role)
                for role, granted in FUNCTION_ROLES.get(name, {}).items()
                for function in granted
            }
            for function in artifact.writes():
                selector = artifact.selector_of(function)
                functions[address, selector] = (f"{name}.{function['name']}", roles.get(selector, int(Role.ADMIN)))
        for target, selector in self.history.functions:
            label = f"{names.get(target, target)}.0x{selector.hex()}"
            functions.setdefault((target, selector), (label, int(Role.ADMIN)))
        results: list[AccessFinding | None] = []
        for (target, selector), (label, wanted) in functions.items():
            (found,) = self.ask("getTargetFunctionRole", target, selector)
            results.append(_compare(f"role for {label}", role_title(wanted), role_title(_integer(found))))
        return results

    def _targets(self) -> list[AccessFinding | None]:
        names = {address: name for name, address in self.addresses.items()}
        results: list[AccessFinding | None] = []
        for target in sorted(self.history.targets | set(names)):
            label = names.get(target, target)
            (closed,) = self.ask("isTargetClosed", target)
            results.append(_compare(f"target {label}", "open", "closed" if closed else "open"))
            (delay,) = self.ask("getTargetAdminDelay", target)
            pending = self.history.admin_delays.get(target)
            results.append(self._compare_delay(f"admin delay of target {label}", _integer(delay), pending))
        return results

    def _compare_delay(self, what: str, found: int, pending: tuple[int, int] | None) -> AccessFinding | None:
        if found == NO_DELAY_SECONDS and pending is not None and pending[1] > self.now and pending[0] != found:
            return AccessFinding(what, f"{NO_DELAY_SECONDS} s", f"{pending[0]} s from {pending[1]} on")
        return _compare(what, f"{NO_DELAY_SECONDS} s", f"{found} s")

    def _all_roles(self) -> list[int]:
        return sorted((self.history.roles | {int(role) for role in Role}) - {PUBLIC_ROLE})


def role_title(role: int) -> str:
    """Return a role's name in findings."""
    if role == PUBLIC_ROLE:
        return "public"
    return Role(role).title if role in set(Role) else f"number {role}"


def _compare(what: str, expected: str, found: str) -> AccessFinding | None:
    return None if expected == found else AccessFinding(what, expected, found)


def _held(is_held: bool) -> str:
    return _HELD if is_held else _NOT_HELD


def _integer(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"a number was expected, not {type(value).__name__}")
    return value


def _address(topic: bytes) -> ChecksumAddress:
    return to_checksum_address(topic[12:])

"""Where all the money of a network is, and whether it adds up to the last unit."""

from __future__ import annotations

from dataclasses import dataclass

from eth_typing import ChecksumAddress

from consentry.client.exchanges import Exchange, ExchangeState, Shares
from consentry.client.network import Network
from consentry.demo.cast import MEMBERS


@dataclass(frozen=True, slots=True)
class Balance:
    """What a participant has, in token units.

    Attributes:
        held: Credit in its own hands.
        prepaid: Its prepaid balance in the escrow.
        earned: Its earnings in the escrow.
        for_recruiter: What waits with it for its recruiter.
        owed: What it can claim as a host.
    """

    held: int
    prepaid: int
    earned: int
    for_recruiter: int
    owed: int

    @property
    def total(self) -> int:
        """All of it that is the participant's own."""
        return self.held + self.prepaid + self.earned + self.owed


@dataclass(frozen=True, slots=True)
class Money:
    """Where all the money is, at one block.

    Attributes:
        balances: By participant.
        supply: All credit there is.
        in_escrow: What the escrow holds.
        undivided: Hosts' shares that no host can claim yet, because they do not divide by the weights.
        open_fees: Fees of exchanges that are neither settled nor refunded.
    """

    balances: dict[ChecksumAddress, Balance]
    supply: int
    in_escrow: int
    undivided: int
    open_fees: int

    def discrepancies(self) -> tuple[str, ...]:
        """Return every equation that does not hold, with its difference; none when the money is conserved."""
        balances = self.balances.values()
        ledgers = sum(b.prepaid + b.earned + b.for_recruiter + b.owed for b in balances)
        found = []
        inside = ledgers + self.undivided + self.open_fees
        if self.in_escrow != inside:
            found.append(f"the escrow holds {self.in_escrow} units and its ledgers say {inside}")
        outside = sum(b.held for b in balances)
        if self.supply != outside + self.in_escrow:
            found.append(f"{self.supply} units exist and {outside + self.in_escrow} are accounted for")
        return tuple(found)


async def count_money(network: Network) -> Money:
    """Count all the money of a network whose participants are those of the story."""
    exchanges, credit, hosts = network.exchanges, network.credit, network.hosts
    balances = {}
    for member in MEMBERS:
        identity = member.identity
        balances[identity] = Balance(
            held=await credit.balance_of(identity),
            prepaid=(await exchanges.prepaid_of(identity)).balance,
            earned=await exchanges.earned_of(identity),
            for_recruiter=await exchanges.recruiter_share_of(identity),
            owed=await hosts.owed_to(identity),
        )
    accrued, credited = await exchanges.host_shares()
    open_fees = 0
    for funding in await exchanges.fundings():
        state, _ = await exchanges.state_of(funding.exchange)
        if state not in (ExchangeState.SETTLED, ExchangeState.REFUNDED, ExchangeState.RESOLVED):
            open_fees += funding.exchange.fee
    return Money(
        balances=balances,
        supply=await credit.total(),
        in_escrow=await credit.balance_of(exchanges.contract.address),
        undivided=accrued - credited - sum(balance.owed for balance in balances.values()),
        open_fees=open_fees,
    )


def expected_changes(
    settled: list[Exchange],
    recruiters: dict[ChecksumAddress, ChecksumAddress],
    shares: Shares,
    host_weights: dict[ChecksumAddress, int],
) -> dict[ChecksumAddress, int]:
    """Work out from the voted schedule what each participant has more (or less) after some settled exchanges.

    Args:
        settled: Exchanges that were settled.
        recruiters: Who recruited whom.
        shares: The schedule's shares, before missing ones go to the provider.
        host_weights: Weights of the hosts, the same for all the exchanges.

    Returns:
        Change by participant, in token units. What of the hosts' shares does not divide by the weights is in nobody's.
    """
    changes: dict[ChecksumAddress, int] = {}

    def add(identity: ChecksumAddress, amount: int) -> None:
        changes[identity] = changes.get(identity, 0) + amount

    hosts_share = 0
    for exchange in settled:
        to_consumer_recruiter = exchange.fee * shares.consumer_recruiter // 10_000
        to_provider_recruiter = exchange.fee * shares.provider_recruiter // 10_000
        to_coordinator = exchange.fee * shares.coordinator // 10_000
        to_hosts = exchange.fee * shares.hosts // 10_000
        paid = to_coordinator + to_hosts
        add(exchange.consumer, -exchange.fee)
        add(exchange.coordinator, to_coordinator)
        hosts_share += to_hosts
        if exchange.consumer in recruiters:
            add(recruiters[exchange.consumer], to_consumer_recruiter)
            paid += to_consumer_recruiter
        if exchange.provider in recruiters:
            add(recruiters[exchange.provider], to_provider_recruiter)
            paid += to_provider_recruiter
        add(exchange.provider, exchange.fee - paid)
    for host, weight in host_weights.items():
        add(host, hosts_share * weight // sum(host_weights.values()))
    return changes

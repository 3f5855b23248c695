"""What exchanges, consents and money ought to do: a shadow in Python that predicts every refusal and every balance.

It knows nothing of the contracts but their rules. Each `…_refusal` names the error that a call must meet, or None; each
step that goes through is then taken here too.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field

from consentry.client.assurance import Assurance
from consentry.client.consents import OpenedConsent
from consentry.client.exchanges import Shares
from consentry.client.identities import Role, Status
from consentry.deployment import Parameters

WHOLE_BPS = 10_000
MOST = 2**104 - 1
FRACTION_BITS = 64

TERMINAL = {"Settled", "Refunded", "Resolved"}
LEADS_TO = {
    "None": {"Funded", "Delivered", "Settled"},
    "Funded": {"Delivered", "RefundDue", "Refunded"},
    "Delivered": {"Disputed", "Settled"},
    "Disputed": {"Resolved"},
    "RefundDue": {"Refunded"},
}


@dataclass
class Member:
    """A participant: where it stands, and since when."""

    roles: int
    recruiter: str | None
    admitted_at: int
    status: Status = Status.ACTIVE
    since: int = 0

    def has(self, role: Role) -> bool:
        return self.status is Status.ACTIVE and bool(self.roles & role)


@dataclass
class Version:
    """A version of the fee schedule."""

    prices: dict[Assurance, int]
    shares: Shares
    discount_bps: int
    superseded_at: int | None = None


@dataclass
class Given:
    """A consent that some subject signed."""

    opened: OpenedConsent
    id: bytes
    signature: bytes
    is_granted: bool = False
    uses: int = 0
    uses_in_batches: int = 0
    withdrawn_at: int = 0
    latest: Case | None = None


@dataclass
class Case:
    """An exchange, wherever it stands."""

    id: bytes
    given: Given
    use: int
    market: Market
    coordinator: str
    fee: int
    shares: Shares
    deliver_by: int
    challenge_seconds: int
    key_hash: bytes
    state: str = "None"
    path: list[str] = field(default_factory=lambda: ["None"])
    ciphertext_hash: bytes = b""
    delivered_at: int = 0
    bond: int = 0
    disputed_at: int = 0
    is_filed: bool = False
    number: int | None = None
    ruling: int | None = None
    paid: int = 0
    returned: int = 0

    @property
    def consumer(self) -> str:
        return self.given.opened.consumer

    @property
    def provider(self) -> str:
        return self.given.opened.provider

    def step(self, state: str) -> None:
        assert state in LEADS_TO.get(self.state, set()), f"{self.state} never leads to {state}"
        self.state = state
        self.path.append(state)

    @property
    def held(self) -> int:
        """Return what the escrow holds for it."""
        if self.state in ("None", *TERMINAL):
            return 0
        return self.fee + (self.bond if self.state == "Disputed" else 0)


@dataclass
class Prepaid:
    balance: int = 0
    announced: int = 0
    announced_at: int = 0


@dataclass
class Host:
    weight: int = 0
    owed_scaled: int = 0
    seen: int = 0


class Market:
    """One escrow with its batches, disputes and hosts: what it holds, and for whom."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.prepaid: dict[str, Prepaid] = defaultdict(Prepaid)
        self.earned: Counter[str] = Counter()
        self.waiting: Counter[str] = Counter()
        self.accrued = self.credited = 0
        self.hosts: dict[str, Host] = defaultdict(Host)
        self.divided = self.per_weight = self.carry = 0
        self.cases: list[Case] = []
        self.batches: set[bytes] = set()

    @property
    def weight(self) -> int:
        return sum(host.weight for host in self.hosts.values())

    @property
    def held(self) -> int:
        """Return all that the escrow must hold: both ledgers, open exchanges and bonds, and unclaimed rewards."""
        ledgers = sum(prepaid.balance for prepaid in self.prepaid.values()) + sum(self.earned.values())
        waiting = sum(self.waiting.values()) + self.accrued - self.credited
        return ledgers + waiting + sum(case.held for case in self.cases)

    def pay(self, consumer: str, provider: str, coordinator: str, fee: int, shares: Shares) -> None:
        parts = shares.split(fee)
        amounts = (parts.provider, parts.coordinator, parts.hosts, parts.consumer_recruiter, parts.provider_recruiter)
        assert sum(amounts) == fee
        self.earned[provider] += parts.provider
        self.waiting[provider] += parts.provider_recruiter
        self.earned[coordinator] += parts.coordinator
        self.accrued += parts.hosts
        self.waiting[consumer] += parts.consumer_recruiter

    def divide(self) -> None:
        if self.weight == 0 or self.accrued == self.divided:
            return
        scaled = (self.accrued - self.divided << FRACTION_BITS) + self.carry
        self.per_weight += scaled // self.weight
        self.carry = scaled % self.weight
        self.divided = self.accrued

    def bring_up_to_date(self, host: str) -> Host:
        record = self.hosts[host]
        record.owed_scaled += record.weight * (self.per_weight - record.seen)
        record.seen = self.per_weight
        return record


class Model:
    """The network as it ought to be."""

    def __init__(self, parameters: Parameters, now: int, members: dict[str, Member], version: Version) -> None:
        self.spans = parameters.exchange
        self.sunset_seconds = parameters.fees.consumer_recruiter_sunset_seconds
        assert self.sunset_seconds == parameters.fees.provider_recruiter_sunset_seconds
        self.now = now
        self.members = members
        self.versions = [version]
        self.markets = [Market(0), Market(1)]
        self.current = 0
        self.credit: Counter[str] = Counter()
        self.redeeming: dict[str, tuple[int, int]] = {}
        self.given: list[Given] = []
        self.spent: set[tuple[str, int]] = set()
        self.accredited: dict[str, tuple[int, Assurance | None, int]] = {}
        self.grants_paused_until = self.uses_paused_until = 0
        self.is_pause_spent = {"Grants": False, "Uses": False}

    # ------------------------------------------------------------- consents

    def grant_refusal(self, given: Given, is_signed: bool) -> str | None:
        opened = given.opened
        if self.now < self.grants_paused_until:
            return "ConsentTokenGrantsPaused"
        if opened.nonce < 1 << 64:
            return "ConsentTokenNonceAllotted"
        if self.now >= opened.valid_until:
            return "ConsentTokenExpired"
        if given.withdrawn_at:
            return "ConsentTokenWithdrawn"
        if given.is_granted:
            return "ConsentTokenAlreadyGranted"
        return None if is_signed else "ConsentTokenSignatureInvalid"

    def use_refusal(self, given: Given, market: Market, is_signed: bool) -> str | None:
        opened = given.opened
        if market.index != self.current:
            return "ConsentTokenNotEscrow"
        if self.now < self.uses_paused_until:
            return "ConsentTokenUsesPaused"
        if given.withdrawn_at:
            return "ConsentTokenWithdrawn"
        if not given.is_granted and not is_signed:
            return "ConsentTokenMissing"
        if self.now < opened.valid_from:
            return "ConsentTokenNotYetValid"
        if self.now >= opened.valid_until:
            return "ConsentTokenExpired"
        if given.uses >= opened.max_uses or (opened.consumer, opened.nonce) in self.spent:
            return "ConsentTokenExhausted"
        if given.uses and given.latest is not None and given.latest.state == "Funded":
            return "ConsentTokenExchangeOpen"
        if opened.consumer == opened.provider:
            return "ConsentTokenSameParty"
        return self.parties_refusal(opened.consumer, opened.provider, opened.assurance, opened.valid_from)

    def parties_refusal(self, consumer: str, provider: str, assurance: Assurance, valid_from: int) -> str | None:
        asking, giving = self.members[consumer], self.members[provider]
        if not asking.has(Role.CONSUMER) or valid_from < asking.since:
            return "ConsentTokenConsumerNotActive"
        if not giving.has(Role.PROVIDER) or valid_from < giving.since:
            return "ConsentTokenProviderNotActive"
        if self.level_of(consumer) is None:
            return "ConsentTokenConsumerNotAccredited"
        level = self.level_of(provider, is_provider=True)
        return "ConsentTokenProviderNotAccredited" if level is None or level < assurance else None

    def level_of(self, person: str, *, is_provider: bool = False) -> Assurance | None:
        """Return the level of an accreditation that counts now; a consumer's is NONE."""
        granted_at, level, expires_at = self.accredited.get(f"{person} {is_provider}", (0, None, 0))
        is_current = granted_at and granted_at >= self.members[person].since and self.now < expires_at
        return (level if is_provider else Assurance.LOW) if is_current else None

    def batched_fault(self, given: Given) -> bool:
        """Return whether a batch passes over a consent, as the state is now."""
        opened = given.opened
        return bool(
            given.withdrawn_at
            or not opened.valid_from <= self.now < opened.valid_until
            or (opened.consumer, opened.nonce) in self.spent
            or given.uses
            or opened.valid_from < self.members[opened.consumer].since
            or opened.valid_from < self.members[opened.provider].since
        )

    # ------------------------------------------------------------- prices and money

    def coordinator_refusal(self, coordinator: str, consumer: str) -> str | None:
        is_right = coordinator != consumer and self.members[coordinator].has(Role.COORDINATOR)
        return None if is_right else "FeeEscrowCoordinatorInvalid"

    def price_refusal(self, version: int) -> str | None:
        if not 0 < version <= len(self.versions):
            return "FeeScheduleVersionUnknown"
        superseded_at = self.versions[version - 1].superseded_at
        if superseded_at is not None and self.now > superseded_at + self.spans.order_life_seconds:
            return "FeeScheduleVersionSuperseded"
        return None

    def quote(self, version: int, assurance: Assurance, consumer: str, provider: str) -> tuple[int, Shares]:
        """Return the fee of an exchange funded now, and its shares."""
        found = self.versions[version - 1]
        price = found.prices[assurance]
        fee = price - price * found.discount_bps // WHOLE_BPS if self.members[consumer].roles & Role.HOST else price
        listed = found.shares
        hosts = listed.hosts if self.markets[self.current].weight else 0
        consumers = listed.consumer_recruiter if self.is_recruiter_paid(consumer) else 0
        providers = listed.provider_recruiter if self.is_recruiter_paid(provider) else 0
        rest = WHOLE_BPS - listed.coordinator - hosts - consumers - providers
        return fee, Shares(rest, listed.coordinator, hosts, consumers, providers)

    def is_recruiter_paid(self, person: str) -> bool:
        member = self.members[person]
        return member.recruiter is not None and self.now < member.admitted_at + self.sunset_seconds

    def available(self, market: Market, person: str) -> int:
        prepaid = market.prepaid[person]
        lapses_at = prepaid.announced_at + self.spans.notice_seconds + self.spans.lapse_seconds
        return prepaid.balance - (prepaid.announced if prepaid.announced and self.now < lapses_at else 0)

    def deposit_refusal(self, market: Market, person: str, payer: str, amount: int) -> str | None:
        if self.members[person].status is not Status.ACTIVE:
            return "FeeEscrowParticipantNotActive"
        if amount == 0 or amount > MOST - market.prepaid[person].balance:
            return "FeeEscrowAmountInvalid"
        return "ERC20InsufficientBalance" if amount > self.credit[payer] else None

    def withdraw_prepaid_refusal(self, market: Market, person: str, sender: str) -> str | None:
        prepaid = market.prepaid[person]
        takeable_at = prepaid.announced_at + self.spans.notice_seconds
        if sender != person:
            return "FeeEscrowNotAccountHolder"
        if prepaid.announced == 0:
            return "FeeEscrowNothingAnnounced"
        if self.now < takeable_at:
            return "FeeEscrowNoticeRunning"
        return "FeeEscrowAnnouncementLapsed" if self.now >= takeable_at + self.spans.lapse_seconds else None

    def is_member(self, person: str) -> bool:
        return self.members[person].status in (Status.ACTIVE, Status.SUSPENDED)

    # ------------------------------------------------------------- an exchange's ends

    def settle(self, case: Case) -> None:
        case.step("Settled")
        case.paid = case.fee
        case.market.pay(case.consumer, case.provider, case.coordinator, case.fee, case.shares)

    def refund(self, case: Case) -> None:
        case.step("Refunded")
        case.returned = case.fee
        case.market.prepaid[case.consumer].balance += case.fee

    def outcome(self, case: Case) -> tuple[str | None, int, bool]:
        """Return how a dispute ends by now: a refusal, or the provider's basis points and whether the bond is forfeit."""
        evidence_until = case.disputed_at + self.spans.evidence_seconds
        if not case.is_filed:
            return ("DisputesUndecided" if self.now <= evidence_until else None), 0, False
        if case.ruling is not None:
            bps = max(case.ruling - 1, 0)
            return None, bps, bps == WHOLE_BPS
        is_over = self.now > case.disputed_at + self.spans.dispute_seconds
        return (None if is_over else "DisputesUndecided"), WHOLE_BPS // 2, False

    def resolve(self, case: Case, provider_bps: int, is_bond_forfeit: bool) -> None:
        case.step("Resolved")
        case.paid = case.fee * provider_bps // WHOLE_BPS
        case.returned = case.fee - case.paid + (0 if is_bond_forfeit else case.bond)
        market = case.market
        market.pay(case.consumer, case.provider, case.coordinator, case.paid, case.shares)
        market.prepaid[case.consumer].balance += case.returned
        if is_bond_forfeit:
            market.earned[case.provider] += case.bond

"""Everything that can stand in the way of a use of a consent, one thing at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import brownie
from brownie.network.account import Account
from eth_utils.crypto import keccak

from consentry.client.assurance import Assurance
from consentry.client.consents import ConsentFault
from consentry.deployment.roles import Role
from consentry.schemas import BANK_ACCOUNT, LICENCE_RENEWAL
from tests.helpers.exchanges import Given

DAY_SECONDS = 86_400

ERRORS = {
    ConsentFault.NOT_YET_VALID: "ConsentTokenNotYetValid",
    ConsentFault.EXPIRED: "ConsentTokenExpired",
    ConsentFault.EXHAUSTED: "ConsentTokenExhausted",
    ConsentFault.WITHDRAWN: "ConsentTokenWithdrawn",
    ConsentFault.SAME_PARTY: "ConsentTokenSameParty",
    ConsentFault.CONSUMER_NOT_ACTIVE: "ConsentTokenConsumerNotActive",
    ConsentFault.CONSUMER_ERASURE_OVERDUE: "ConsentTokenErasureOverdue",
    ConsentFault.PROVIDER_NOT_ACTIVE: "ConsentTokenProviderNotActive",
    ConsentFault.CONSUMER_NOT_ACCREDITED: "ConsentTokenConsumerNotAccredited",
    ConsentFault.PROVIDER_NOT_ACCREDITED: "ConsentTokenProviderNotAccredited",
    ConsentFault.WINDOW_INVALID: "ConsentTokenWindowInvalid",
}
"""Error that each fault is refused with; Missing has two, by whether there is a signature."""

Obstacle = tuple[object, ...]
"""What has become of a consent, the fault that it has now, and the values of the error."""


@dataclass(frozen=True)
class Obstructed:
    """A consent that cannot be used for one cause, the signature that comes along, and what the token says of it."""

    given: Given
    signature: bytes
    fault: ConsentFault
    error: str
    values: tuple[object, ...]

    def arguments(self) -> tuple[tuple[object, ...], bytes]:
        """Return what a use takes."""
        return self.given.opened.arguments(), self.signature


class Obstacles:
    """Put one thing in the way of a consent that could be used; each public method but `put` is a cause.

    Args:
        fixture: Returns a fixture of the contract tests by its name.
    """

    def __init__(self, fixture: Callable[[str], object]) -> None:
        self.fixture = fixture
        self.words, self.system, self.council = fixture("words"), fixture("system"), fixture("council")
        self.consumer, self.provider = fixture("consumer"), fixture("provider")

    def put(self, cause: str, given: Given) -> Obstructed:
        """Return what has become of a consent when a cause stands in its way."""
        made, fault, *values = getattr(self, cause)(given)
        signature = made.signature
        if fault is not ConsentFault.MISSING:
            error = ERRORS[fault]
        elif cause == "no_signature":
            error, signature = "ConsentTokenMissing", b""
        else:
            error = "ConsentTokenSignatureInvalid"
        return Obstructed(made, signature, fault, error, tuple(values))

    # ------------------------------------------------------------- in the consent

    def no_signature(self, given: Given) -> Obstacle:
        return given, ConsentFault.MISSING, given.id

    def signed_by_somebody_else(self, given: Given) -> Obstacle:
        forged = replace(given, signature=self.words.given(given.opened, self.fixture("fresh_subject")()).signature)
        return forged, ConsentFault.MISSING, given.id, given.opened.subject

    def to_be_erased_before_its_end(self, given: Given) -> Obstacle:
        early = self._changed(given, erase_by=given.opened.valid_until - 1)
        window = early.opened.valid_from, early.opened.valid_until, early.opened.erase_by
        return early, ConsentFault.WINDOW_INVALID, *window

    def before_its_window(self, given: Given) -> Obstacle:
        later = self._changed(given, valid_from=given.opened.valid_from + 1_000)
        return later, ConsentFault.NOT_YET_VALID, later.id, later.opened.valid_from

    def after_its_window(self, given: Given) -> Obstacle:
        self.fixture("mine_at")(given.opened.valid_until)
        return given, ConsentFault.EXPIRED, given.id, given.opened.valid_until

    def every_use_taken(self, given: Given) -> Obstacle:
        self.fixture("use")(given)
        return given, ConsentFault.EXHAUSTED, given.id, given.opened.max_uses

    def withdrawn(self, given: Given) -> Obstacle:
        withdrawn_at = self.fixture("withdraw")(given).timestamp
        return given, ConsentFault.WITHDRAWN, given.id, withdrawn_at

    def one_participant_on_both_sides(self, given: Given) -> Obstacle:
        same = self._changed(given, provider=given.opened.consumer)
        return same, ConsentFault.SAME_PARTY, given.opened.consumer

    # ------------------------------------------------------------- in the parties

    def consumer_suspended(self, given: Given) -> Obstacle:
        self.fixture("bring_to")(self.consumer, "suspended")
        return given, ConsentFault.CONSUMER_NOT_ACTIVE, self.consumer

    def consumer_removed(self, given: Given) -> Obstacle:
        self.fixture("bring_to")(self.consumer, "removed")
        return given, ConsentFault.CONSUMER_NOT_ACTIVE, self.consumer

    def consumer_never_registered(self, given: Given) -> Obstacle:
        stranger = self.fixture("stranger")
        return self._changed(given, consumer=stranger), ConsentFault.CONSUMER_NOT_ACTIVE, stranger

    def consumer_in_another_role(self, given: Given) -> Obstacle:
        coordinator = self.fixture("coordinator")
        return self._changed(given, consumer=coordinator), ConsentFault.CONSUMER_NOT_ACTIVE, coordinator

    def consumer_admitted_again_since(self, given: Given) -> Obstacle:
        self._readmit(self.consumer)
        self._accredit_consumer(DAY_SECONDS)
        return given, ConsentFault.CONSUMER_NOT_ACTIVE, self.consumer

    def consumer_with_an_erasure_overdue(self, given: Given) -> Obstacle:
        self.system.access.grantRole(Role.ERASURE_REGISTER, self.council, 0, {"from": self.council})
        self.system.identities.blockForErasure(self.consumer, {"from": self.council})
        return given, ConsentFault.CONSUMER_ERASURE_OVERDUE, self.consumer

    def provider_suspended(self, given: Given) -> Obstacle:
        self.fixture("bring_to")(self.provider, "suspended")
        return given, ConsentFault.PROVIDER_NOT_ACTIVE, self.provider

    def provider_removed(self, given: Given) -> Obstacle:
        self.fixture("bring_to")(self.provider, "removed")
        return given, ConsentFault.PROVIDER_NOT_ACTIVE, self.provider

    def provider_never_registered(self, given: Given) -> Obstacle:
        stranger = self.fixture("stranger")
        return self._changed(given, provider=stranger), ConsentFault.PROVIDER_NOT_ACTIVE, stranger

    def provider_in_another_role(self, given: Given) -> Obstacle:
        coordinator = self.fixture("coordinator")
        return self._changed(given, provider=coordinator), ConsentFault.PROVIDER_NOT_ACTIVE, coordinator

    def provider_admitted_again_since(self, given: Given) -> Obstacle:
        self._readmit(self.provider)
        self._accredit_provider(Assurance.HIGH, DAY_SECONDS)
        return given, ConsentFault.PROVIDER_NOT_ACTIVE, self.provider

    # ------------------------------------------------------------- in their accreditations

    def consumer_accreditation_lapsed(self, given: Given) -> Obstacle:
        expires_at = self._accredit_consumer(1_000)
        self.fixture("mine_at")(expires_at)
        return self._consumer_not_accredited(given)

    def consumer_accreditation_withdrawn(self, given: Given) -> Obstacle:
        scope = given.opened.schema, given.opened.purpose
        self.system.schemas.withdrawConsumerAccreditation(*scope, self.consumer, {"from": self.council})
        return self._consumer_not_accredited(given)

    def consumer_accreditation_of_an_earlier_membership(self, given: Given) -> Obstacle:
        self._readmit(self.consumer)
        return self._consumer_not_accredited(self._changed(given, valid_from=brownie.chain[-1].timestamp))

    def consumer_not_accredited_for_the_purpose(self, given: Given) -> Obstacle:
        return self._consumer_not_accredited(self._changed(given, purpose=keccak(text=LICENCE_RENEWAL)))

    def consumer_not_accredited_for_the_schema(self, given: Given) -> Obstacle:
        return self._consumer_not_accredited(self._changed(given, schema=keccak(text=BANK_ACCOUNT)))

    def provider_accreditation_lapsed(self, given: Given) -> Obstacle:
        expires_at = self._accredit_provider(Assurance.HIGH, 1_000)
        self.fixture("mine_at")(expires_at)
        return self._provider_not_accredited(given)

    def provider_accreditation_withdrawn(self, given: Given) -> Obstacle:
        self.system.schemas.withdrawProviderAccreditation(given.opened.schema, self.provider, {"from": self.council})
        return self._provider_not_accredited(given)

    def provider_accreditation_of_an_earlier_membership(self, given: Given) -> Obstacle:
        self._readmit(self.provider)
        return self._provider_not_accredited(self._changed(given, valid_from=brownie.chain[-1].timestamp))

    def provider_accredited_at_a_lower_level(self, given: Given) -> Obstacle:
        self._accredit_provider(Assurance.SUBSTANTIAL, DAY_SECONDS)
        return self._provider_not_accredited(given)

    def provider_not_accredited_for_the_schema(self, given: Given) -> Obstacle:
        other = self._changed(given, schema=keccak(text=BANK_ACCOUNT))
        self._accredit_consumer(DAY_SECONDS, other.opened.schema)
        return self._provider_not_accredited(other)

    # ------------------------------------------------------------- how

    def _changed(self, given: Given, **changes: object) -> Given:
        changes = {name: getattr(value, "address", value) for name, value in changes.items()}
        return self.words.given(replace(given.opened, **changes), given.subject)

    def _readmit(self, participant: Account) -> None:
        self.fixture("bring_to")(participant, "removed")
        self.fixture("travel_to")(brownie.chain[-1].timestamp + 100)
        self.fixture("bring_to")(participant, "active")

    def _accredit_consumer(self, seconds: int, schema: bytes | None = None) -> int:
        expires_at = brownie.chain[-1].timestamp + seconds
        scope = schema or self.fixture("schema"), self.fixture("purpose")
        self.system.schemas.accreditConsumer(*scope, self.consumer, expires_at, {"from": self.council})
        return expires_at

    def _accredit_provider(self, assurance: Assurance, seconds: int) -> int:
        expires_at = brownie.chain[-1].timestamp + seconds
        terms = self.fixture("schema"), self.provider, assurance, expires_at
        self.system.schemas.accreditProvider(*terms, {"from": self.council})
        return expires_at

    def _consumer_not_accredited(self, given: Given) -> Obstacle:
        values = self.consumer, given.opened.schema, given.opened.purpose
        return given, ConsentFault.CONSUMER_NOT_ACCREDITED, *values

    def _provider_not_accredited(self, given: Given) -> Obstacle:
        values = self.provider, given.opened.schema, given.opened.assurance
        return given, ConsentFault.PROVIDER_NOT_ACCREDITED, *values


CAUSES = [name for name, value in vars(Obstacles).items() if not name.startswith("_") and name != "put"]
"""Each single cause for which a consent cannot be used, whether it was allotted for a batch or not."""

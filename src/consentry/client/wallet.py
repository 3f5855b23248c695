"""A person's wallet: sees who asks, gives or refuses consent, withdraws it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eth_account import Account
from eth_account.hdaccount.deterministic import HDPath
from eth_account.signers.local import LocalAccount
from eth_typing import ChecksumAddress

from consentry.client.consents import GivenConsent, OpenedConsent, random_nonce
from consentry.client.errors import ArgumentInvalid, ConsentRefused
from consentry.client.identities import Participant
from consentry.client.requests import SignedRequest
from consentry.client.schemas import identifier_of
from consentry.client.signing import Digest, Signature, recover
from consentry.records import ConsentRecord, ConsentState, DataSource, RequestedTerms, terms_hash

if TYPE_CHECKING:
    from consentry.client.network import Network

KEY_PATH = "m/44'/60'/0'/0/{index}"
"""BIP-44 path of the key for a wallet's ``index``-th consent, from 0."""


@dataclass(frozen=True, slots=True)
class ShownRequest:
    """A request that a wallet has checked and shows to its person.

    Attributes:
        signed: The request as it travels.
        terms: Who asks, for what, why, and for how long.
        consumer: Who asks, as the network knows it.
    """

    signed: SignedRequest
    terms: RequestedTerms
    consumer: Participant


class Wallet:
    """One person's wallet. Its keys derive from one seed; each consent has a key of its own; it never pays gas."""

    def __init__(self, network: Network, seed: bytes, *, keys_used: int = 0) -> None:
        """Open a wallet.

        Args:
            network: The network.
            seed: 16 to 64 secret bytes (BIP-32).
            keys_used: How many keys of the seed are used up, as the wallet said when it was last open.

        Raises:
            ArgumentInvalid: The seed is shorter or longer.
        """
        if not 16 <= len(seed) <= 64:
            raise ArgumentInvalid("a wallet's seed has 16 to 64 bytes (BIP-32); restore the one it was made with")
        self._network = network
        self._seed = seed
        self._keys_used = keys_used

    @property
    def keys_used(self) -> int:
        """How many keys of the seed are used up: to be kept with the seed, so that none is ever used twice."""
        return self._keys_used

    async def show(self, signed: SignedRequest) -> ShownRequest:
        """Check a request and return it for the person to read.

        Raises:
            RequestRefused: Not what an accredited consumer signed, or expired; nothing should be consented to.
        """
        await self._network.refresh()
        await self._network.requests.check(signed)
        consumer = await self._network.identities.participant(signed.request.consumer)
        return ShownRequest(signed, signed.request.terms, consumer)

    async def consent(
        self, shown: ShownRequest, provider: ChecksumAddress, provider_name: str, *, nonce: int | None = None
    ) -> GivenConsent:
        """Consent to a request with a fresh key.

        Args:
            shown: The request as it was shown.
            provider: The institution that the person picked.
            provider_name: Its name as the person saw it.
            nonce: What the consumer allotted for a batch; drawn at random when None.

        Raises:
            ConsentRefused: The provider is the consumer itself, or not accredited for the schema at that level.
            RecordError: The request says something that a consent record cannot hold.
        """
        terms, assurance = shown.terms, shown.signed.request.assurance
        if provider == shown.consumer.identity:
            raise ConsentRefused("consumer and provider are the same participant; pick another provider")
        if not await self._network.schemas.is_provider_accredited(provider, terms.schema_id, assurance):
            raise ConsentRefused(f"{provider} is not accredited to provide {terms.schema_id}; pick another provider")
        key = self._fresh_key()
        record = self._record(shown, provider, provider_name, key, await self._network.now(), ConsentState.GIVEN)
        opened = OpenedConsent(
            subject=key.address,
            consumer=shown.consumer.identity,
            provider=provider,
            schema=identifier_of(terms.schema_id),
            purpose=identifier_of(terms.purpose_id),
            assurance=assurance,
            seed=secrets.token_bytes(32),
            terms=terms_hash(record),
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
            erase_by=terms.erase_by,
            max_uses=terms.max_uses,
            nonce=random_nonce() if nonce is None else nonce,
        )
        return GivenConsent(record, opened, self._network.consents.sign(opened.sealed(), key))

    async def refuse(self, shown: ShownRequest, provider: ChecksumAddress, provider_name: str) -> ConsentRecord:
        """Refuse a request. The record stays with the person: nothing is signed, and nothing reaches the chain.

        Raises:
            RecordError: The request says something that a consent record cannot hold.
        """
        return self._record(
            shown, provider, provider_name, self._fresh_key(), await self._network.now(), ConsentState.REFUSED
        )

    def withdrawal(self, given: GivenConsent) -> Signature:
        """Sign the withdrawal of a consent of this wallet. Anyone may carry it; it can be kept.

        Args:
            given: The consent; also one that was given before the wallet was last closed.

        Raises:
            ConsentRefused: The consent is not of this wallet, or not signed under the network's ConsentToken.
            SignatureInvalid: What it carries is no signature.
        """
        consent_id = given.opened.sealed().id(self._network.consents.domain)
        for index in reversed(range(self._keys_used)):
            key = self._key(index)
            if key.address == given.opened.subject:
                if recover(Digest(consent_id), given.signature) != key.address:
                    raise ConsentRefused(
                        "the consent is not signed under this network's ConsentToken; open the wallet at the former one"
                    )
                return self._network.consents.sign_withdrawal(consent_id, key)
        raise ConsentRefused("this wallet did not give that consent; open the wallet that did")

    def _fresh_key(self) -> LocalAccount:
        self._keys_used += 1
        return self._key(self._keys_used - 1)

    def _key(self, index: int) -> LocalAccount:
        key: LocalAccount = Account.from_key(HDPath(KEY_PATH.format(index=index)).derive(self._seed))
        return key

    def _record(
        self,
        shown: ShownRequest,
        provider: ChecksumAddress,
        provider_name: str,
        key: LocalAccount,
        decided_at: int,
        state: ConsentState,
    ) -> ConsentRecord:
        return ConsentRecord.from_request(
            shown.terms,
            provider=DataSource(self._network.did(provider), provider_name),
            subject=key.address,
            decided_at=decided_at,
            state=state,
        )

"""The algorithms that credentials are signed with, and no others."""

from __future__ import annotations

from typing import Final

from joserfc.jwa import JWSAlgModel
from joserfc.jws import JWSRegistry

EDDSA: Final = "EdDSA"
"""What issuers write (RFC 8037): Ed25519, under the name that every JOSE library knows."""

EDDSA_NAMES: Final = (EDDSA, "Ed25519")
"""What verifiers take: Ed25519 under its old and its fully specified name (RFC 9864)."""

ES256K: Final = "ES256K"
"""What subjects sign presentations with (RFC 8812)."""


class _EdwardsRegistry(JWSRegistry):
    """Take both names of Ed25519 for the same algorithm, which refuses a key of any other curve."""

    def get_alg(self, name: str) -> JWSAlgModel:
        return super().get_alg("Ed25519" if name in EDDSA_NAMES else name)


EDWARDS_REGISTRY: Final = _EdwardsRegistry(algorithms=["Ed25519"])
"""Signs and verifies the issuer's JWT."""

KEY_BINDING_REGISTRY: Final = JWSRegistry(algorithms=[ES256K])
"""Signs and verifies the key binding JWT."""

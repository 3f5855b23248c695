"""IdentityTypes: the typehashes of the changes to an identity that its owner signs."""

import json

from scripts import golden_vectors

CHANGES = (
    "ChangeOwner",
    "AddDelegate",
    "RevokeDelegate",
    "SetAttribute",
    "RevokeAttribute",
    "SetPayoutAddress",
    "Deactivate",
)


def test_h012_has_the_types_that_the_vectors_have(DigestsHarness, council):
    digests = DigestsHarness.deploy({"from": council})
    types = json.loads(golden_vectors.VECTORS.read_text(encoding="utf-8"))["types"]

    assert [str(one) for one in digests.identityTypehashes()] == [types[change]["typeHash"] for change in CHANGES]
    assert set(CHANGES) == set(golden_vectors.load_types()["identity_registry"])

"""ExchangeBatches.constructor: contracts that are there, or no batches."""

import pytest

from tests.helpers.network import NOBODY


@pytest.mark.parametrize("position", [0, 1])
def test_h118_reverts_when_an_address_is_no_contract(
    ExchangeBatches, system, council, stranger, reverts_with, position
):
    parts = [system.escrow, system.identities]

    for nothing in (NOBODY, stranger):
        parts[position] = nothing
        with reverts_with("ExchangeBatchesAddressInvalid", nothing):
            ExchangeBatches.deploy(*parts, {"from": council})

"""ExchangeBatches' views: what they say of nothing, of the wiring, and of the domain."""

from eth_utils.crypto import keccak


def test_says_nothing_when_there_is_no_such_batch(batches):
    assert int(str(batches.batchRootOf(keccak(text="no batch"))), 16) == 0


def test_names_its_wiring_and_bound_when_asked(system, batches):
    assert tuple(batches.wiring()) == (system.escrow, system.identities)
    assert batches.mostItems() == 500


def test_h013_names_the_domain_in_use_when_asked(system, batches):
    fields, name, version, chain_id, contract, salt, extensions = batches.eip712Domain()

    assert (name, version) == ("Consentry ExchangeBatches", "1")
    assert (chain_id, contract) == (system.manifest.chain_id, batches)
    assert (int(str(fields), 16), int(str(salt), 16), tuple(extensions)) == (0x0F, 0, ())

"""NetworkDirectory's constructor and views: what is where, now and before."""

from consentry.deployment.plan import CONTRACTS
from tests.helpers.network import NOBODY

ESCROW, UNKNOWN = (name.ljust(32, b"\0") for name in (b"FeeEscrow", b"Nothing"))


def test_h118_reverts_when_the_authority_is_no_contract(NetworkDirectory, council, stranger, reverts_with):
    for nobody in (NOBODY, stranger.address):
        with reverts_with("NetworkDirectoryAddressInvalid", nobody):
            NetworkDirectory.deploy(nobody, {"from": council})


def test_lists_every_other_contract_in_the_order_of_creation_when_deployed(directory, system):
    names = [bytes(name).rstrip(b"\0").decode() for name in directory.names()]

    contracts = {name: contract for name, contract in system.contracts().items() if contract != directory}
    assert names == [name for name in CONTRACTS if name in contracts]
    for name, contract in contracts.items():
        padded = name.encode().ljust(32, b"\0")
        assert directory.addressOf(padded) == contract
        assert directory.addressAt(padded, 1) == contract
        assert directory.versionOf(padded) == 1


def test_reverts_when_the_name_is_unknown(directory, reverts_with):
    for name in (UNKNOWN, bytes(32)):
        assert directory.versionOf(name) == 0
        with reverts_with("NetworkDirectoryNameUnknown", name):
            directory.addressOf(name)
        with reverts_with("NetworkDirectoryVersionUnknown", name, 1):
            directory.addressAt(name, 1)


def test_reverts_when_the_version_is_unknown(directory, reverts_with):
    for version in (0, 2, 2**32 - 1):
        with reverts_with("NetworkDirectoryVersionUnknown", ESCROW, version):
            directory.addressAt(ESCROW, version)

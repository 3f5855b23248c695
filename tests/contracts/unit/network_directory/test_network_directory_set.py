"""NetworkDirectory.set: a contract goes under a name, after those that were there before."""

from tests.helpers.network import NOBODY

NEW_NAME, ESCROW = (name.ljust(32, b"\0") for name in (b"CredentialStatus", b"FeeEscrow"))


def test_lists_the_first_version_when_the_name_is_new(directory, successor, council, told_by):
    names = tuple(directory.names())

    tx = directory.set(NEW_NAME, successor, {"from": council})

    told = {"name": NEW_NAME, "version": 1, "where": successor}
    assert told_by(tx) == [("DirectoryEntrySet", told)]
    assert directory.addressOf(NEW_NAME) == successor
    assert directory.versionOf(NEW_NAME) == 1
    assert tuple(directory.names()) == (*names, "0x" + NEW_NAME.hex())


def test_keeps_former_versions_when_a_name_gets_another(directory, system, successor, council, told_by):
    names = tuple(directory.names())

    tx = directory.set(ESCROW, successor, {"from": council})

    assert told_by(tx) == [("DirectoryEntrySet", {"name": ESCROW, "version": 2, "where": successor})]
    assert directory.addressOf(ESCROW) == successor
    assert [directory.addressAt(ESCROW, version) for version in (1, 2)] == [system.escrow, successor]
    assert directory.versionOf(ESCROW) == 2
    assert tuple(directory.names()) == names


def test_lists_a_former_version_again_when_the_council_goes_back(directory, system, successor, council):
    directory.set(ESCROW, successor, {"from": council})

    directory.set(ESCROW, system.escrow, {"from": council})

    assert directory.addressOf(ESCROW) == system.escrow
    assert [directory.addressAt(ESCROW, version) for version in (1, 2, 3)] == [
        system.escrow,
        successor,
        system.escrow,
    ]


def test_touches_no_other_name_when_one_is_set(directory, system, successor, council):
    directory.set(ESCROW, successor, {"from": council})

    for name, contract in system.contracts().items():
        if name not in ("FeeEscrow", "NetworkDirectory"):
            assert directory.addressOf(name.encode().ljust(32, b"\0")) == contract
            assert directory.versionOf(name.encode().ljust(32, b"\0")) == 1


def test_reverts_when_the_name_is_missing(directory, successor, council, reverts_with):
    with reverts_with("NetworkDirectoryNameMissing"):
        directory.set(bytes(32), successor, {"from": council})


def test_h038_reverts_when_there_is_no_code(directory, stranger, council, reverts_with):
    for where in (NOBODY, stranger.address):
        with reverts_with("NetworkDirectoryAddressInvalid", where):
            directory.set(ESCROW, where, {"from": council})

    assert directory.versionOf(ESCROW) == 1


def test_reverts_when_it_is_in_force_under_that_name(directory, system, council, reverts_with):
    with reverts_with("NetworkDirectoryAddressInvalid", system.escrow):
        directory.set(ESCROW, system.escrow, {"from": council})


def test_h036_reverts_when_the_caller_has_no_vote(
    directory, successor, deployer, guardian, treasurer, coordinator, stranger, reverts_with
):
    for caller in (deployer, guardian, treasurer, coordinator, stranger):
        with reverts_with("AccessManagedUnauthorized", caller):
            directory.set.call(ESCROW, successor, {"from": caller})

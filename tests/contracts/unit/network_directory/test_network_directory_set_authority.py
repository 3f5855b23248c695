"""NetworkDirectory.setAuthority: another contract decides what is listed."""

ESCROW = b"FeeEscrow".ljust(32, b"\0")


def test_obeys_another_authority_when_the_present_one_says_so(
    NetworkAccess, directory, system, successor, council, stranger, told_by, reverts_with
):
    access = NetworkAccess.deploy(stranger, {"from": stranger})

    tx = system.access.updateAuthority(directory, access, {"from": council})

    assert told_by(tx) == [("AuthorityUpdated", {"authority": access})]
    assert directory.authority() == access
    with reverts_with("AccessManagedUnauthorized", council):
        directory.set(ESCROW, successor, {"from": council})
    directory.set(ESCROW, successor, {"from": stranger})


def test_h036_reverts_when_anybody_calls_it_directly(directory, system, council, guardian, stranger, reverts_with):
    for caller in (council, guardian, stranger):
        with reverts_with("AccessManagedUnauthorized", caller):
            directory.setAuthority.call(system.access, {"from": caller})

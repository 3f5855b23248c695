"""IdentityRegistry.setAuthority: another contract decides about administrative functions."""


def test_obeys_another_authority_when_the_present_one_says_so(
    NetworkAccess, identities, system, consumer, council, stranger, told_by, reverts_with
):
    successor = NetworkAccess.deploy(stranger, {"from": stranger})

    tx = system.access.updateAuthority(identities, successor, {"from": council})

    assert told_by(tx) == [("AuthorityUpdated", {"authority": successor})]
    assert identities.authority() == successor
    with reverts_with("AccessManagedUnauthorized", council):
        identities.suspend(consumer, {"from": council})
    identities.suspend(consumer, {"from": stranger})


def test_h036_reverts_when_anybody_calls_it_directly(identities, system, council, no_voters, reverts_with):
    for caller in (council, *no_voters):
        with reverts_with("AccessManagedUnauthorized", caller):
            identities.setAuthority.call(system.access, {"from": caller})


def test_h118_reverts_when_the_other_authority_has_no_code(identities, system, council, stranger, reverts_with):
    with reverts_with("AccessManagedInvalidAuthority", stranger):
        system.access.updateAuthority(identities, stranger, {"from": council})

    assert identities.authority() == system.access

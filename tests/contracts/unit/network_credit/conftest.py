"""Credit with a ceiling, members that hold some, and the escrow as network contract."""

import itertools

import pytest

CREDIT = 10**6
CEILING = 10_000 * CREDIT


@pytest.fixture(scope="session")
def credit(NetworkCredit, system, council):
    """Another NetworkCredit of the network: nothing issued, a ceiling of 10,000."""
    token = NetworkCredit.deploy(system.access, system.identities, {"from": council})
    token.setCeiling(CEILING, {"from": council})
    grant_treasury(system.access, token, council)
    return token


def grant_treasury(access, token, council):
    """Give the treasurer's two functions to the treasurer's role, as the deployment does for the network's credit."""
    selectors = [token.signatures[name] for name in ("issue", "settleRedemption")]
    access.setTargetFunctionRole(token, selectors, 2, {"from": council})


@pytest.fixture
def issue(credit, treasurer):
    """Issue credit against an invoice of its own."""
    numbers = itertools.count(1)

    def issue(participant, amount):
        invoice_hash = next(numbers).to_bytes(32, "big")
        return credit.issue(participant, amount, invoice_hash, {"from": treasurer})

    return issue


@pytest.fixture(scope="session")
def vault(TokenVault, council):
    """A contract that holds tokens and pays them to whom it is told."""
    return TokenVault.deploy({"from": council})


@pytest.fixture
def listed_vault(credit, vault, council):
    """The same as a listed network contract."""
    credit.setNetworkContract(vault, True, {"from": council})
    return vault

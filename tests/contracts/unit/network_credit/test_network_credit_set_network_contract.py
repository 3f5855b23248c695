"""NetworkCredit.setNetworkContract: the list, and what stays possible off it."""

from tests.helpers.network import NOBODY


def test_lists_and_unlists_when_called_by_council(credit, vault, council):
    assert credit.isNetworkContract(vault) is False

    for listed in (True, False, True):
        tx = credit.setNetworkContract(vault, listed, {"from": council})

        assert credit.isNetworkContract(vault) is listed
        assert len(tx.events) == 1
        event = tx.events["NetworkContractSet"]
        assert (event["networkContract"], event["listed"]) == (vault, listed)


def test_receives_no_more_and_still_pays_out_when_taken_off_the_list(
    credit, listed_vault, council, issue, consumer, stranger, reverts_with
):
    issue(consumer, 100)
    credit.transfer(listed_vault, 60, {"from": consumer})

    credit.setNetworkContract(listed_vault, False, {"from": council})

    with reverts_with("NetworkCreditReceiverRefused", consumer, listed_vault):
        credit.transfer(listed_vault, 1, {"from": consumer})
    listed_vault.pay(credit, stranger, 60, {"from": council})
    assert credit.balanceOf(stranger) == 60


def test_reverts_when_caller_is_not_the_council(credit, vault, treasurer, stranger, guardian, reverts_with):
    for caller in (treasurer, stranger, guardian):
        with reverts_with("AccessManagedUnauthorized", caller):
            credit.setNetworkContract(vault, True, {"from": caller})


def test_reverts_when_the_address_is_no_contract_or_the_token(credit, stranger, council, reverts_with):
    for wrong in (NOBODY, stranger.address, credit.address):
        with reverts_with("NetworkCreditNetworkContractInvalid", wrong):
            credit.setNetworkContract(wrong, True, {"from": council})


def test_reverts_when_nothing_changes(credit, vault, council, reverts_with):
    with reverts_with("NetworkCreditNetworkContractUnchanged", vault, False):
        credit.setNetworkContract(vault, False, {"from": council})
    credit.setNetworkContract(vault, True, {"from": council})
    with reverts_with("NetworkCreditNetworkContractUnchanged", vault, True):
        credit.setNetworkContract(vault, True, {"from": council})

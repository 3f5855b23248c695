"""ConsentToken.withdraw: the subject's last word, final whatever becomes of the money."""

from dataclasses import replace

import pytest
from brownie.exceptions import VirtualMachineError

from consentry.client.exchanges import ExchangeState, RefundCause
from consentry.client.signing import TypedDomain
from tests.helpers import blocks
from tests.helpers.exchanges import NO_EXCHANGE
from tests.helpers.network import NOBODY
from tests.helpers.obstacles import DAY_SECONDS
from tests.helpers.puppet import Answer
from tests.helpers.reverts import decode_error, revert_data
from tests.helpers.running import CIPHERTEXT_HASH, Running

YEAR_SECONDS = 365 * DAY_SECONDS
NOTICE_GAS_REQUIRED = 160_000
TOO_LITTLE_GAS = 180_000
GAS_TO_REFUSE = 200
"""More than what goes from the comparison to the figure in the error."""


def kept(consents, consent_id):
    return tuple(consents.stateOf(consent_id))


# ------------------------------------------------------------- what a withdrawal does


def test_burns_the_token_when_the_subject_signed(consents, given, grant, withdraw, told_by, is_usable, reverts_with):
    grant(given)
    subject, token = given.opened.subject, int.from_bytes(given.id, "big")

    tx = withdraw(given)

    assert kept(consents, given.id) == (NOBODY, 0, NOBODY, tx.timestamp)
    assert consents.isWithdrawn(given.id) is True
    assert consents.balanceOf(subject) == 0
    assert is_usable(given) is False
    assert told_by(tx) == [
        ("Transfer", {"from": subject, "to": NOBODY, "tokenId": token}),
        ("ConsentWithdrawn", {"consentId": given.id}),
    ]
    with reverts_with("ConsentTokenMissing", given.id):
        consents.ownerOf(token)


def test_takes_the_subjects_call_when_no_signature_comes_along(consents, words, grant, signer_of, unused_account):
    subject = unused_account()
    given = words.give(signer_of(subject))
    grant(given)

    consents.withdraw(given.sealed.arguments(), NO_EXCHANGE, b"", {"from": subject})

    assert consents.isWithdrawn(given.id) is True
    assert consents.balanceOf(subject) == 0


def test_a06_counts_when_the_consent_was_never_granted(consents, given, withdraw, told_by, is_usable):
    assert is_usable(given) is True

    tx = withdraw(given)

    assert told_by(tx) == [("ConsentWithdrawn", {"consentId": given.id})]
    assert kept(consents, given.id) == (NOBODY, 0, NOBODY, tx.timestamp)
    assert is_usable(given) is False


@pytest.mark.parametrize("granted", [True, False])
def test_remembers_the_uses_when_it_was_used(consents, given, grant, use, withdraw, puppet, granted):
    if granted:
        grant(given)
    use(given)

    tx = withdraw(given)

    assert kept(consents, given.id) == (NOBODY, 1, puppet, tx.timestamp)
    assert consents.balanceOf(given.opened.subject) == 0


def test_counts_when_the_consent_ended_years_ago(consents, given, grant, withdraw, words, travel_to):
    grant(given)
    kept_since_it_was_given = words.sign_withdrawal(given)
    travel_to(given.opened.erase_by + 10 * YEAR_SECONDS)

    withdraw(given)

    assert words.sign_withdrawal(given) == kept_since_it_was_given
    assert consents.isWithdrawn(given.id) is True


def test_leaves_the_subjects_other_consents_alone(consents, words, fresh_subject, grant, withdraw, is_usable):
    subject = fresh_subject()
    given, other = words.give(subject), words.give(subject)
    grant(given)
    grant(other)

    withdraw(given)

    assert consents.balanceOf(subject.address) == 1
    assert is_usable(other, signature=b"") is True


@pytest.mark.parametrize("allotted", [True, False])
def test_leaves_another_subjects_consent_alone_when_all_but_the_subject_is_the_same(
    words, given, fresh_subject, withdraw, is_usable, use, use_allotted, allotted
):
    nonce = 7 if allotted else given.opened.nonce
    mine = words.given(replace(given.opened, nonce=nonce), given.subject)
    stranger = fresh_subject()
    others = words.given(replace(mine.opened, subject=stranger.address), stranger)

    withdraw(others)

    assert is_usable(mine) is True
    (use_allotted if allotted else use)(mine)


# ------------------------------------------------------------- whom it cannot be kept from


@pytest.mark.parametrize(
    "circumstance",
    ["grants_paused", "uses_paused", "consumer_suspended", "consumer_removed", "provider_removed", "keys_rotated"],
)
def test_h060_counts_and_returns_the_fee_whatever_else_stands_still(
    system, consents, funded, withdraw, guardian, consumer, provider, bring_to, rotate_owner, circumstance
):
    exchange = funded()
    given = exchange.given
    {
        "grants_paused": lambda: consents.pauseGrants({"from": guardian}),
        "uses_paused": lambda: consents.pauseUses({"from": guardian}),
        "consumer_suspended": lambda: bring_to(consumer, "suspended"),
        "consumer_removed": lambda: bring_to(consumer, "removed"),
        "provider_removed": lambda: bring_to(provider, "removed"),
        "keys_rotated": lambda: [rotate_owner(party) for party in (consumer, provider)],
    }[circumstance]()

    withdraw(given, exchange.exchange.arguments())

    assert consents.isWithdrawn(given.id) is True
    assert system.escrow.prepaidOf(consumer)[0] == exchange.exchange.fee


def test_h060_counts_when_the_subject_has_no_money(consents, given, withdraw, web3):
    assert web3.eth.get_balance(given.opened.subject) == 0

    withdraw(given)

    assert consents.isWithdrawn(given.id) is True


# ------------------------------------------------------------- its open exchange


def test_returns_the_fee_at_once_when_its_exchange_is_funded(system, consents, funded, withdraw, consumer, told_by):
    exchange = funded()
    balance = system.escrow.prepaidOf(consumer)[0]

    tx = withdraw(exchange.given, exchange.exchange.arguments())

    assert system.escrow.prepaidOf(consumer)[0] == balance + exchange.exchange.fee
    assert tuple(system.escrow.stateOf(exchange.given.id, 1)) == (ExchangeState.REFUNDED, tx.timestamp)
    assert told_by(tx) == [
        ("ConsentWithdrawn", {"consentId": exchange.given.id}),
        ("ExchangeRefunded", {"exchangeId": exchange.exchange.id, "cause": RefundCause.CONSENT_WITHDRAWN}),
    ]


def test_makes_the_fee_due_when_its_exchange_is_not_described(
    system, consents, funded, withdraw, consumer, stranger, told_by
):
    exchange, other = funded(), funded()
    misleading = replace(exchange.exchange, fee=exchange.exchange.fee + 1)

    for number, description in enumerate((NO_EXCHANGE, other.exchange.arguments(), misleading.arguments())):
        one = funded() if number else exchange
        balance = system.escrow.prepaidOf(consumer)[0]

        tx = withdraw(one.given, description)

        assert told_by(tx) == [
            ("ConsentWithdrawn", {"consentId": one.given.id}),
            ("ExchangeRefundDue", {"exchangeId": one.exchange.id}),
        ]
        assert system.escrow.prepaidOf(consumer)[0] == balance
        system.escrow.refundWithdrawn(*Running(one).withdrawal(), {"from": stranger})
        assert system.escrow.prepaidOf(consumer)[0] == balance + one.exchange.fee
    assert system.escrow.stateOf(other.given.id, 1)[0] == ExchangeState.FUNDED


def test_stops_nothing_when_its_exchange_was_delivered(
    system, consents, funded, withdraw, provider, consumer, told_by
):
    exchange = funded()
    tx = system.escrow.deliver(exchange.exchange.arguments(), CIPHERTEXT_HASH, provider, b"", {"from": provider})

    told = told_by(withdraw(exchange.given, exchange.exchange.arguments()))

    assert told == [("ConsentWithdrawn", {"consentId": exchange.given.id})]
    assert system.escrow.stateOf(exchange.given.id, 1)[0] == ExchangeState.DELIVERED
    delivered = replace(Running(exchange), delivered_at=tx.timestamp)
    system.escrow.accept(*delivered.delivery(), consumer, b"", {"from": consumer})
    assert system.escrow.earnedOf(provider) > 0


def test_stops_the_latest_exchange_when_there_were_others(words, fresh_subject, use, withdraw, exchange_id_of):
    given = words.give(fresh_subject(), max_uses=3)
    use(given)
    use(given)

    tx = withdraw(given)

    assert [bytes(event["exchangeId"]) for event in tx.events["Noticed"]] == [exchange_id_of(given, 2)]


def test_tells_the_escrow_that_took_the_latest_use_when_another_has_its_place(
    consents, given, use, withdraw, puppet, list_escrow, exchange_id_of
):
    use(given)
    list_escrow()

    tx = withdraw(given)

    assert [log["address"] for log in tx.logs] == [consents.address, puppet.address]
    assert bytes(tx.events["Noticed"]["exchangeId"]) == exchange_id_of(given, 1)


# ------------------------------------------------------------- final, whatever the escrow does


@pytest.mark.parametrize("answer", [Answer.REFUSAL, Answer.HUNGER])
def test_is_final_when_the_escrow_fails(
    consents, given, grant, use, withdraw, puppet, let_answer, told_by, reverts_with, answer
):
    grant(given)
    use(given)
    let_answer(notices=answer)

    tx = withdraw(given)

    assert told_by(tx)[1:] == [
        ("ConsentWithdrawn", {"consentId": given.id}),
        ("WithdrawalNoticeFailed", {"consentId": given.id, "escrow": puppet}),
    ]
    assert kept(consents, given.id) == (NOBODY, 1, puppet, tx.timestamp)
    let_answer()
    with reverts_with("ConsentTokenWithdrawn", given.id, tx.timestamp):
        withdraw(given)


@pytest.mark.parametrize("answer", [Answer.NOTHING, Answer.WORD])
def test_is_final_when_the_escrow_answers_strangely(consents, given, use, withdraw, let_answer, told_by, answer):
    use(given)
    let_answer(notices=answer)

    tx = withdraw(given)

    assert told_by(tx) == [("ConsentWithdrawn", {"consentId": given.id})]
    assert consents.isWithdrawn(given.id) is True


def test_is_final_when_the_escrow_is_gone(consents, given, use, withdraw, puppet, stranger, told_by):
    use(given)
    puppet.vanish({"from": stranger})

    tx = withdraw(given)

    assert told_by(tx)[-1] == ("WithdrawalNoticeFailed", {"consentId": given.id, "escrow": puppet})
    assert kept(consents, given.id) == (NOBODY, 1, puppet, tx.timestamp)


def test_reverts_when_too_little_gas_is_left_for_the_refund(
    system, consents, words, funded, consumer, relayer, reverts_with
):
    exchange = funded()
    arguments = exchange.given.sealed.arguments(), exchange.exchange.arguments(), words.sign_withdrawal(exchange.given)

    def withdraw_with(gas):
        return consents.withdraw(*arguments, {"from": relayer, "gas_limit": gas})

    with pytest.raises(VirtualMachineError) as refusal:
        withdraw_with(TOO_LITTLE_GAS)
    name, _, (available, required) = decode_error(revert_data(refusal.value))
    assert (name, required) == ("ConsentTokenGasTooLow", NOTICE_GAS_REQUIRED)
    least = TOO_LITTLE_GAS + NOTICE_GAS_REQUIRED - available
    with reverts_with("ConsentTokenGasTooLow", ..., NOTICE_GAS_REQUIRED):
        withdraw_with(least - GAS_TO_REFUSE)
    assert consents.isWithdrawn(exchange.given.id) is False

    tx = withdraw_with(least)

    assert [event.name for event in tx.events] == ["ConsentWithdrawn", "ExchangeRefunded"]
    assert system.escrow.prepaidOf(consumer)[0] == exchange.exchange.fee


# ------------------------------------------------------------- a second time


def test_h001_reverts_when_it_is_withdrawn_already(given, grant, withdraw, reverts_with):
    grant(given)
    withdrawn_at = withdraw(given).timestamp

    with reverts_with("ConsentTokenWithdrawn", given.id, withdrawn_at):
        withdraw(given)


def test_h017_reaches_the_goal_when_somebody_else_was_first(
    system, consents, words, funded, withdraw, consumer, stranger, reverts_with
):
    exchange = funded()
    signature = words.sign_withdrawal(exchange.given)
    withdrawn_at = consents.withdraw(
        exchange.given.sealed.arguments(), NO_EXCHANGE, signature, {"from": stranger}
    ).timestamp

    with reverts_with("ConsentTokenWithdrawn", exchange.given.id, withdrawn_at):
        withdraw(exchange.given, exchange.exchange.arguments())

    assert consents.isWithdrawn(exchange.given.id) is True
    system.escrow.refundWithdrawn(*Running(exchange).withdrawal(), {"from": stranger})
    assert system.escrow.prepaidOf(consumer)[0] == exchange.exchange.fee


# ------------------------------------------------------------- in one block with a use


def test_h059_wins_when_it_comes_first_in_the_block(
    system, consents, words, consumer, prepay, fresh_subject, signer_of, relayer, stranger, reverts_with
):
    given, order = words.give(fresh_subject()), words.order()
    prepay(consumer, order.fee)
    order_signature = words.sign_order(order, given, signer_of(consumer))

    withdrawal, funding = blocks.mine_together(
        (stranger, consents.withdraw, (given.sealed.arguments(), NO_EXCHANGE, words.sign_withdrawal(given))),
        (relayer, system.escrow.fund, (given.opened.arguments(), order.arguments(), given.signature, order_signature)),
    )

    assert withdrawal.status == 1
    with reverts_with("ConsentTokenWithdrawn", given.id, withdrawal.timestamp):
        blocks.raise_if_refused(funding)
    assert system.escrow.prepaidOf(consumer)[0] == order.fee


def test_h059_returns_the_fee_when_the_use_comes_first_in_the_block(
    system, consents, words, consumer, prepay, fresh_subject, signer_of, relayer, stranger
):
    given, order = words.give(fresh_subject()), words.order()
    prepay(consumer, order.fee)
    order_signature = words.sign_order(order, given, signer_of(consumer))

    funding, withdrawal = blocks.mine_together(
        (relayer, system.escrow.fund, (given.opened.arguments(), order.arguments(), given.signature, order_signature)),
        (stranger, consents.withdraw, (given.sealed.arguments(), NO_EXCHANGE, words.sign_withdrawal(given))),
    )

    assert (funding.status, withdrawal.status) == (1, 1)
    assert [event.name for event in withdrawal.events] == ["ConsentWithdrawn", "ExchangeRefundDue"]
    assert kept(consents, given.id) == (NOBODY, 1, system.escrow, withdrawal.timestamp)


# ------------------------------------------------------------- whose word it is


def test_a24_reverts_when_somebody_who_knows_everything_calls(
    consents, given, grant, stranger, consumer, provider, reverts_with
):
    grant(given)

    for caller in (stranger, consumer, provider):
        with reverts_with("ConsentTokenNotSubject", given.opened.subject, caller):
            consents.withdraw(given.sealed.arguments(), NO_EXCHANGE, b"", {"from": caller})


def test_a24_reverts_when_somebody_else_signed(consents, words, given, grant, stranger, signer_of, reverts_with):
    grant(given)
    forged = words.sign_withdrawal(given, signer_of(stranger))

    with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
        consents.withdraw(given.sealed.arguments(), NO_EXCHANGE, forged, {"from": stranger})


def test_reverts_when_the_signature_is_of_the_consent(consents, given, relayer, reverts_with):
    with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
        consents.withdraw(given.sealed.arguments(), NO_EXCHANGE, given.signature, {"from": relayer})


def test_reverts_when_the_signature_is_of_another_consents_withdrawal(
    consents, words, given, relayer, reverts_with
):
    signature = words.sign_withdrawal(words.give(given.subject))

    with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
        consents.withdraw(given.sealed.arguments(), NO_EXCHANGE, signature, {"from": relayer})


@pytest.mark.parametrize(
    "field", ["consumer", "provider", "scope", "terms", "valid_from", "valid_until", "erase_by", "max_uses", "nonce"]
)
def test_h057_reverts_when_the_consent_is_not_brought_as_signed(
    consents, words, given, grant, relayer, reverts_with, field
):
    grant(given)
    value = getattr(given.sealed, field)
    changed = replace(given.sealed, **{field: value + 1 if isinstance(value, int) else bytes(32)})

    with reverts_with("ConsentTokenSignatureInvalid", changed.id(words.consents), given.opened.subject):
        consents.withdraw(changed.arguments(), NO_EXCHANGE, words.sign_withdrawal(given), {"from": relayer})

    assert consents.isWithdrawn(given.id) is False


def test_h005_h006_h007_reverts_when_the_signature_has_another_form(
    consents, words, given, forms_of, relayer, reverts_with
):
    for signature in forms_of(words.sign_withdrawal(given)).values():
        with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
            consents.withdraw.call(given.sealed.arguments(), NO_EXCHANGE, signature, {"from": relayer})


def test_h008_reverts_when_the_subject_is_nobody(consents, words, given, forms_of, relayer, reverts_with):
    nobodys = words.given(replace(given.opened, subject=NOBODY), given.subject)

    for signature in (words.sign_withdrawal(nobodys), *forms_of(given.signature).values()):
        with reverts_with("ConsentTokenSignatureInvalid", nobodys.id, NOBODY):
            consents.withdraw.call(nobodys.sealed.arguments(), NO_EXCHANGE, signature, {"from": relayer})


def test_h002_reverts_when_the_signature_is_for_another_deployment(
    ConsentToken, system, words, given, council, relayer, reverts_with
):
    other = ConsentToken.deploy(system.access, system.identities, system.schemas, {"from": council})
    other_id = other.hashConsent(given.sealed.arguments())

    with reverts_with("ConsentTokenSignatureInvalid", other_id, given.opened.subject):
        other.withdraw(given.sealed.arguments(), NO_EXCHANGE, words.sign_withdrawal(given), {"from": relayer})


def test_h003_a03_reverts_when_the_signature_is_for_the_same_address_on_another_chain(
    consents, words, given, relayer, reverts_with
):
    elsewhere = TypedDomain("consent_token", words.consents.chain_id + 1, consents.address)
    message = {"consent": given.id, "subject": given.opened.subject}
    signature = elsewhere.sign(given.subject, "Withdrawal", message)

    with reverts_with("ConsentTokenSignatureInvalid", given.id, given.opened.subject):
        consents.withdraw(given.sealed.arguments(), NO_EXCHANGE, signature, {"from": relayer})

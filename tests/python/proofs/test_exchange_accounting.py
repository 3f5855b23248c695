"""The accounting core is proved, and each proof fails on a core or a ledger that is broken.

What is proved, and for which bounds, stands in docs/security.md. A question that the solver leaves open proves nothing:
it fails here as a violation does.
"""

import re

import pytest

from tests.helpers.model_checker import CORE, ROOT, NotChecked, assertions_of, check

ANY_STATE, ANY_STEPS = "bmc", "chc"
ENGINES = {
    "SplitProofs": (ANY_STATE, ["assert", "underflow", "overflow"]),
    "TakersProofs": (ANY_STATE, ["assert"]),
    "LedgerProofs": (ANY_STATE, ["assert"]),
    "LifeProofs": (ANY_STEPS, ["assert"]),
}

TWINS = {
    "two digits overlap": ("SplitProofs", {"HOSTS = 2 ** 32": "HOSTS = 2 ** 31"}, {"provesThatDivisionsNest"}),
    "dust is dropped, a share forgotten, a forfeit bond returned as well": (
        "SplitProofs",
        {
            "provider = fee - others;": (
                "provider = partOf(fee, WHOLE_BPS - coordinatorBps - hostsBps - consumerRecruiterBps"
                " - providerRecruiterBps);"
            ),
            "return provider + coordinator + hosts + consumerRecruiter + providerRecruiter;": (
                "return provider + coordinator + hosts + consumerRecruiter;"
            ),
            "consumerRecruiter = packed / CONSUMER_RECRUITER % BASE;": (
                "consumerRecruiter = packed / CONSUMER_RECRUITER % (BASE / 2);"
            ),
            "else toConsumer += bond;": "toConsumer += bond;",
        },
        {
            "provesThatAWordIsItsShares",
            "provesThatTheSumLeavesNoneOut",
            "provesThatPartsSumToTheFee",
            "provesThatAnOutcomeGivesOutFeeAndBond",
        },
    ),
    "what a taker gets is not what the provider gives": (
        "TakersProofs",
        {"return packed - share * (PROVIDER - digit);": "return packed - share * PROVIDER;"},
        {"provesThatATakersShareIsTheProvidersBefore", "provesThatSharesStayWholeWhoeverTakes"},
    ),
    "every step of the ledgers goes wrong in its own way": (
        "LedgerProofs",
        {
            "_held += amount;": "_held += amount - 1;",
            "_prepaid -= amount;": "",
            "_earned -= amount;": "_earned -= amount / 2;",
            "_rewards -= amount;": "",
            "_step(ExchangeState.Funded);\n        _take(fee, shares);": "_step(ExchangeState.Funded);",
            "if (isAccepted) _pay(fee);": "_pay(fee);",
            "_step(ExchangeState.Delivered);\n        assert": (
                "_step(ExchangeState.Delivered);\n        _fee += 1;\n        assert"
            ),
            "_step(ExchangeState.RefundDue);": "_step(ExchangeState.RefundDue);\n        _prepaid += _fee;",
            "_step(ExchangeState.Refunded);\n        _prepaid += _fee;": (
                "_step(ExchangeState.Refunded);\n        _prepaid += _fee;\n        _prepaid += _fee;"
            ),
            "_pay(_fee);": "",
            "_prepaid -= bond;": "",
            "_prepaid += toConsumer;": "_prepaid += toConsumer + _bond;",
        },
        {
            "deposit", "withdrawPrepaid", "withdrawEarned", "creditHost", "fund", "exchange", "deliver", "setAside",
            "refund", "settle", "dispute", "resolve",
        },
    ),
    "steps lead out of Settled": (
        "LifeProofs",
        {"        return false;": "        return from == ExchangeState.Settled && to == ExchangeState.Settled;"},
        {
            "assert(!Accounting.isTerminal(_state) && to != ExchangeState.None)",
            "assert(_endings == (Accounting.isTerminal(to) ? 1 : 0))",
        },
    ),
    "steps lead past a ruling and around a delivery": (
        "LifeProofs",
        {
            "return to == ExchangeState.Resolved;": "return to == ExchangeState.Settled;",
            "return to == ExchangeState.Disputed ||": (
                "return to == ExchangeState.RefundDue || to == ExchangeState.Disputed ||"
            ),
        },
        {"assert(!_isDelivered)", "assert(_isDisputed == (to == ExchangeState.Resolved))"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("contract", ENGINES)
def test_proves_what_the_accounting_core_promises(contract):
    verdicts = check(contract, *ENGINES[contract])

    assert {target: verdict for target, verdict in verdicts.items() if verdict != "proved"} == {}
    proved = [target.function for target in verdicts if target.what == "Assertion violation"]
    assert sorted(proved) == sorted(assertions_of(contract))


@pytest.mark.parametrize("twin", TWINS)
def test_proves_nothing_of_a_broken_twin(twin):
    contract, edits, broken = TWINS[twin]

    verdicts = check(contract, ENGINES[contract][0], ["assert"], edits)

    # In an exchange's life all assertions are of one function, so that their texts tell which.
    where = [target.text if contract == "LifeProofs" else target.function for target in verdicts]
    violated = {place for place, verdict in zip(where, verdicts.values(), strict=True) if verdict == "violated"}
    assert violated == broken


def test_every_proof_has_a_twin_that_breaks_it():
    broken = set().union(*(places for _, _, places in TWINS.values()))
    proofs = {contract: set(assertions_of(contract)) for contract in ENGINES}
    life = (ROOT / "tests" / "proofs" / "LifeProofs.sol").read_text(encoding="utf-8")
    proofs["LifeProofs"] = set(re.findall(r"assert\(.*\)(?=;)", life))

    assert set().union(*proofs.values()) == broken


def test_the_core_imports_nothing_and_the_proofs_nothing_else():
    assert "import" not in re.sub(r"//.*", "", (ROOT / CORE).read_text(encoding="utf-8"))
    for contract in ENGINES:
        source = (ROOT / "tests" / "proofs" / f"{contract}.sol").read_text(encoding="utf-8")
        assert re.findall(r'from "(.*)";', source) == [f"../../{CORE}"]


def test_refuses_an_edit_that_does_not_fit():
    with pytest.raises(NotChecked, match="exactly once"):
        check("LifeProofs", ANY_STEPS, ["assert"], {"_state = from;": ""})

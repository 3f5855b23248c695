"""Cases: one exchange, opened to one regulator, who checks it and sees nothing else."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from consentry.client import Case, make_receipt, open_case, read_case
from consentry.client.consents import salt_of
from consentry.client.errors import CaseRefused, ReceiptRefused, WrongChain
from consentry.client.identities import DELIVERY_KEY, Admission, Role
from consentry.delivery import OneTimeKey, encrypt
from consentry.demo.bring_up import delivery_key_of
from consentry.demo.cast import BANK, REGULATOR, STRANGER
from consentry.devchain import start_chain
from consentry.errors import ConsentryError
from consentry.records import parse_address

KEY = delivery_key_of(REGULATOR)
DAY = 86_400


@pytest_asyncio.fixture
async def delivered(parties):
    """An exchange that was delivered."""
    return await parties.delivered()


@pytest_asyncio.fixture
async def receipt(network, delivered):
    """Its receipt, which the person, the consumer and the provider can make."""
    return await make_receipt(network, delivered.given, delivered.exchange.id)


@pytest_asyncio.fixture
async def case(network, receipt):
    """The exchange, opened to the regulator."""
    return await open_case(network, receipt, REGULATOR.identity)


# ------------------------------------------------------------- what the regulator sees


@pytest.mark.asyncio
async def test_a_regulator_reads_what_the_chain_bears_out(network, chain, receipt, case):
    handed_over = Case.parse(case.to_bytes())
    assert handed_over == case

    for directory in (None, network.directory):
        verified = await read_case(handed_over, KEY, chain.rpc_url, directory)
        assert (verified.receipt, verified.withdrawn_at) == (receipt, None)


@pytest.mark.asyncio
async def test_shows_nobody_else_anything_of_the_receipt(receipt, case):
    octets = case.to_bytes().decode()
    document = json.loads(octets)
    assert set(document) == {"exchange_id", "regulator", "envelope"}
    assert document["exchange_id"] == receipt.exchange.exchange_id
    for hidden in (
        receipt.opening.seed,
        receipt.opening.consumer,
        receipt.opening.provider,
        receipt.consent.subject,
        receipt.record.request.schema_id,
    ):
        assert hidden not in octets.lower()


@pytest.mark.asyncio
async def test_what_is_opened_opens_no_other_exchange_of_the_same_person(parties, network, chain, case):
    other = await parties.delivered()
    read = (await read_case(case, KEY, chain.rpc_url)).receipt
    seen = json.dumps(json.loads(read.to_bytes())).lower()
    sealed = other.given.opened.sealed()

    assert read.opening.seed != "0x" + other.given.opened.seed.hex()
    assert read.consent.subject != sealed.subject.lower()
    for salt in (salt_of(other.given.opened.seed, index) for index in range(3)):
        assert salt.hex() not in seen
    for commitment in (sealed.consumer, sealed.provider, sealed.scope, other.exchange.id, other.exchange.consent):
        assert commitment.hex() not in seen
    with_other_seed = replace(other.given.opened, seed=bytes.fromhex(read.opening.seed[2:]))
    assert with_other_seed.sealed().scope != sealed.scope


# ------------------------------------------------------------- who cannot read it


@pytest.mark.asyncio
async def test_no_other_key_reads_it(chain, case):
    for key in (OneTimeKey.generate(), delivery_key_of(BANK)):
        with pytest.raises(CaseRefused, match="the case does not open with this key"):
            await read_case(case, key, chain.rpc_url)


@pytest.mark.asyncio
async def test_reads_nothing_that_was_changed(chain, case):
    header, *parts = case.envelope.split(".")
    changed = [replace(case, exchange_id=bytes(32)), replace(case, envelope=case.envelope[:-8])]
    for position, part in enumerate(parts):
        other = part[:8] + ("A" if part[8] != "A" else "B") + part[9:]
        changed.append(replace(case, envelope=".".join([header, *parts[:position], other, *parts[position + 1 :]])))
    for one in changed:
        with pytest.raises(CaseRefused, match="the case does not open with this key"):
            await read_case(one, KEY, chain.rpc_url)


@pytest.mark.asyncio
async def test_reads_no_receipt_that_the_chain_does_not_bear_out(network, chain, receipt, case):
    octets = receipt.to_bytes().replace(b'"challenge_seconds":', b'"challenge_seconds":1', 1)
    assert octets != receipt.to_bytes()
    forged = replace(case, envelope=encrypt(octets, KEY.public_bytes, exchange_id=case.exchange_id))
    with pytest.raises(ConsentryError):
        await read_case(forged, KEY, chain.rpc_url)
    facts = replace(receipt.exchange, deliver_by=receipt.exchange.deliver_by + 1)
    with pytest.raises(ReceiptRefused, match="deliver_by"):
        await open_case(network, replace(receipt, exchange=facts), REGULATOR.identity)


@pytest.mark.asyncio
async def test_reads_no_other_exchange_than_it_says(parties, network, chain, receipt):
    other = await parties.delivered()
    exchange_id = bytes(other.exchange.id)
    forged = Case(
        exchange_id,
        REGULATOR.identity,
        encrypt(receipt.to_bytes(), KEY.public_bytes, exchange_id=exchange_id),
    )
    with pytest.raises(CaseRefused, match="the case holds another exchange than it says"):
        await read_case(forged, KEY, chain.rpc_url)


@pytest.mark.asyncio
async def test_refuses_another_network_and_another_chain(network, chain, case):
    with pytest.raises(CaseRefused, match=f"of another network, whose directory is {network.directory.lower()}"):
        await read_case(case, KEY, chain.rpc_url, BANK.identity)
    with start_chain(chain_id=1337) as other, pytest.raises(WrongChain, match="serves chain 1337, not 31337"):
        await read_case(case, KEY, other.rpc_url)


# ------------------------------------------------------------- to whom nothing is opened


@pytest.mark.asyncio
async def test_opens_nothing_to_who_is_no_active_regulator(network, receipt, carry_out):
    for identity in (BANK.identity, STRANGER.address):
        with pytest.raises(CaseRefused, match=f"{identity} is not an active regulator of this network"):
            await open_case(network, receipt, identity)
    carry_out(network.identities.suspend(REGULATOR.identity))
    with pytest.raises(CaseRefused, match="is not an active regulator"):
        await open_case(network, receipt, REGULATOR.identity)


@pytest.mark.asyncio
async def test_opens_nothing_to_a_regulator_without_a_key(network, receipt, carry_out):
    admission = Admission(STRANGER.address, Role.REGULATOR, "FR", bytes(31) + b"\1")
    await network.charter.apply(admission, STRANGER, STRANGER)
    carry_out(network.identities.admit_regulator(admission))
    with pytest.raises(CaseRefused, match="publishes no key to encrypt to"):
        await open_case(network, receipt, STRANGER.address)
    await network.identities.set_attribute(STRANGER.address, DELIVERY_KEY, bytes(32), DAY, STRANGER)
    with pytest.raises(CaseRefused, match="nothing can be encrypted to the regulator's key"):
        await open_case(network, receipt, STRANGER.address)


@pytest.mark.asyncio
async def test_encrypts_to_the_key_that_was_published_last(network, chain, receipt):
    key = OneTimeKey.generate()
    await network.identities.set_attribute(
        REGULATOR.identity, DELIVERY_KEY, key.public_bytes, DAY, REGULATOR.key
    )
    case = await open_case(network, receipt, REGULATOR.identity)

    assert (await read_case(case, key, chain.rpc_url)).receipt == receipt
    with pytest.raises(CaseRefused):
        await read_case(case, KEY, chain.rpc_url)


@pytest.mark.asyncio
async def test_opens_no_receipt_without_an_exchange_and_none_of_another_network(parties, network, receipt):
    unused = await make_receipt(network, await parties.consent(await parties.request()), None)
    with pytest.raises(CaseRefused, match="a case is about one exchange, and the receipt is of none"):
        await open_case(network, unused, REGULATOR.identity)
    elsewhere = replace(receipt, contracts=replace(receipt.contracts, directory=parse_address(BANK.identity)))
    for other in (elsewhere, replace(receipt, chain_id=1)):
        with pytest.raises(CaseRefused, match="the receipt is of another network"):
            await open_case(network, other, REGULATOR.identity)


# ------------------------------------------------------------- files

CASES = st.builds(
    Case,
    st.binary(min_size=32, max_size=32),
    st.sampled_from([REGULATOR.identity, BANK.identity]),
    st.text("abcXYZ019_.-", min_size=1, max_size=200),
)


@given(CASES)
def test_reads_back_every_case_that_it_writes(case):
    assert Case.parse(case.to_bytes()) == case


@given(
    st.binary()
    | st.recursive(st.none() | st.text(), st.lists, max_leaves=20).map(lambda value: json.dumps(value).encode())
)
def test_refuses_any_octets_that_are_no_case(octets):
    with pytest.raises(CaseRefused, match="the case"):
        Case.parse(octets)


@given(CASES, st.sampled_from(["exchange_id", "regulator", "envelope"]), st.none() | st.integers(0, 9) | st.just("?"))
def test_names_the_field_of_a_case_that_is_wrong(case, field, value):
    document = {**json.loads(case.to_bytes()), field: value}
    with pytest.raises(CaseRefused, match=f"the case's field '{field}'"):
        Case.parse(json.dumps(document).encode())


@pytest.mark.asyncio
@given(st.text("abcXYZ019_.-", min_size=1, max_size=200))
async def test_no_envelope_of_anything_else_opens(envelope):
    with pytest.raises(CaseRefused):
        await read_case(Case(bytes(32), REGULATOR.identity, envelope), KEY, "http://127.0.0.1:9")



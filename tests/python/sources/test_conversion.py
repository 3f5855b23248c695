"""Converters: what they give, and what they refuse rather than guess."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consentry.sources.conversion import ConversionRefused, converter_of, text_of

CODES = {"land": {"1": "FR", "01": "CN"}}


def convert(spec, text):
    return converter_of(spec, CODES).apply(text)


@pytest.mark.parametrize(
    ("spec", "text", "made"),
    [
        ("date:%d/%m/%Y", "28/02/1990", "1990-02-28"),
        ("date:%d/%m/%Y|%Y%m%d", "19900228", "1990-02-28"),
        ("date:%d-%m-%y", "01-06-21", "2021-06-01"),
        ("date:%d/%m/%Y|%m/%d/%Y", "02/02/1990", "1990-02-02"),  # both fit and agree
        ("date:%d/%m/%Y", "29/02/2000", "2000-02-29"),
        ("unix_date", "0", "1970-01-01"),
        ("unix_date", "-1", "1969-12-31"),
        ("unix_date", "1900000000", "2030-03-17"),
        ("code:land", "1", "FR"),
        ("code:land", "01", "CN"),
        ("country", "fr", "FR"),
        ("country", "CHN", "CN"),
        ("country", "gbr", "GB"),
        ("country", "124", "CA"),
        ("country", "8", "AL"),
        ("phone", "+33 6 39 98 00 01", "+33639980001"),
        ("phone", "+44 (0)7700 900123", "+447700900123"),
        ("phone", "0086-139-1234-5678", "+8613912345678"),
        ("phone", "+1 (514) 555-0100", "+15145550100"),
        ("phone:+33", "06.39.98.00.01", "+33639980001"),
        ("phone:+33", "+44 7700 900123", "+447700900123"),
        ("phone:+1", "1-514-555-0100", "+15145550100"),
        ("phone:+1", "514-555-0100", "+15145550100"),
        ("phone:+39", "06 1234 5678", "+390612345678"),
        ("phone:+7", "8 495 123 45 67", "+74951234567"),
        ("iban", "FR76 3000 6000 0112 3456 7890 189", "FR7630006000011234567890189"),
        ("iban", "gb82west12345698765432", "GB82WEST12345698765432"),
        ("split:,:0", "LEFÈVRE, Zoé Anne", "LEFÈVRE"),
        ("split:,:1", "LEFÈVRE, Zoé Anne", "Zoé Anne"),
        ("split:,:-1", "a,b,c", "c"),
        ("split:,:1", "LEFÈVRE", None),
        ("split:,:1", "LEFÈVRE, ", None),
        ("split:::0", "a:b", "a"),
        ("remove: ", "21 GB 100031", "21GB100031"),
        ("remove:-.", "-.", None),
        ("spaces", " a \t b\u3000c ", "a b c"),
        ("upper", "é", "É"),
        ("lower", "É", "é"),
    ],
)
def test_converts(spec, text, made):
    assert convert(spec, text) == made


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ("date:%d/%m/%Y", "29/02/1990"),
        ("date:%d/%m/%Y", "00/00/0000"),
        ("date:%d/%m/%Y", "1990-02-28"),
        ("date:%d/%m/%Y", "28/02/1990 "),
        ("date:%d/%m/%Y|%m/%d/%Y", "01/02/1990"),  # both fit and disagree
        ("unix_date", "1.5"),
        ("unix_date", "tomorrow"),
        ("unix_date", "999999999999"),
        ("code:land", "001"),
        ("code:land", ""),
        ("country", "UK"),
        ("country", "France"),
        ("country", "1000"),
        ("country", "٢٥٠"),
        ("phone", "06 39 98 00 01"),
        ("phone", "+33 6 39"),
        ("phone", "+33 6 39 98 00 01 ext. 2"),
        ("phone", "+0 639 980 001"),
        ("phone:+33", "none"),
        ("iban", "FR76 3000 6000 0112 3456 7890 188"),
        ("iban", "FR76"),
        ("iban", "76FR30006000011234567890189"),
    ],
)
def test_refuses_what_it_cannot_convert_and_does_not_show_it(spec, text):
    with pytest.raises(ConversionRefused) as refused:
        convert(spec, text)
    assert not text or text not in str(refused.value)
    assert refused.value.__context__ is None or text not in str(refused.value.__context__)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("", "there is no converter ''"),
        ("capital", "there is no converter 'capital'"),
        ("lower:x", "converter lower takes no argument"),
        ("date", "date takes formats"),
        ("date:%d/%m", "date takes formats"),
        ("date:%d/%m/%Y|", "date takes formats"),
        ("date:%Q", "date takes formats"),
        ("code", "there is no code table ''"),
        ("phone:0033", "phone takes a country code"),
        ("phone:+0", "phone takes a country code"),
        ("split:,", "split takes a separator and a number"),
        ("split::1", "split takes a separator and a number"),
        ("split:,:first", "split takes a separator and a number"),
        ("remove", "remove takes the characters"),
    ],
)
def test_refuses_a_converter_that_is_not_there(spec, reason):
    with pytest.raises(ConversionRefused, match=reason):
        converter_of(spec, CODES)


@given(st.dates(min_value=dt.date(1900, 1, 1)))
def test_every_date_comes_through(day):
    assert convert("date:%d/%m/%Y|%Y%m%d", day.strftime("%d/%m/") + f"{day.year:04}") == day.isoformat()


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True), st.sampled_from(["phone", "phone:+33"]))
def test_a_number_in_e_164_stays_as_it_is(number, spec):
    assert convert(spec, number) == number


@given(st.text(), st.sampled_from(["date:%d/%m/%Y", "unix_date", "country", "phone", "iban", "code:land"]))
def test_any_other_text_is_refused_and_nothing_else_happens(text, spec):
    try:
        made = convert(spec, text)
    except ConversionRefused:
        return
    assert made


def test_the_countries_are_those_of_iso_3166():
    file = resources.files("consentry.sources").joinpath("countries.csv")
    rows = list(csv.DictReader(file.read_text(encoding="ascii").splitlines()))
    assert len(rows) == 249
    for name, length in (("alpha_2", 2), ("alpha_3", 3), ("numeric", 3)):
        codes = [row[name] for row in rows]
        assert len(set(codes)) == 249
        assert {len(code) for code in codes} == {length}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        (" a ", "a"),
        ("e\u0301", "\u00e9"),
        (7, "7"),
        (0, "0"),
        (True, "true"),
        (False, "false"),
        (19900228.0, "19900228"),
        (1.5, "1.5"),
        (Decimal("12.50"), "12.50"),
        (Decimal("12.00"), "12"),
        (dt.date(1990, 2, 28), "1990-02-28"),
        (dt.datetime(1990, 2, 28, 1, 2, 3), "1990-02-28T01:02:03"),
    ],
)
def test_writes_what_a_database_gives_in_one_way(raw, text):
    assert text_of(raw) == text


@pytest.mark.parametrize("raw", [b"x", [], object()])
def test_refuses_what_has_no_text(raw):
    with pytest.raises(ConversionRefused, match="a column of type"):
        text_of(raw)

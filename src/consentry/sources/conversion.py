"""From what a column holds to what a schema asks for: a closed list of named converters.

A mapping names converters as ``name`` or ``name:argument``. All of them take text and give text,
or None where the text stands for nothing. What they cannot convert they refuse; they never guess.

==================  ================================================================================
``date:F|G|…``      a date written in one of these formats (``strptime``), to full-date; if two of
                    them fit and give different days it is refused
``unix_date``       Unix seconds, to the full-date in UTC
``code:TABLE``      a code, to its meaning in the mapping's code table
``country``         ISO 3166-1 alpha-2, alpha-3 or numeric, in either case, to alpha-2
``phone:+NN``       a telephone number to E.164; ``+NN`` goes before numbers without country code,
                    and without it such numbers are refused
``iban``            an IBAN without spaces, its check digits verified (ISO 13616)
``split:SEP:N``     part N (from 0 on; -1 is the last) between separators; nothing if there is none
``remove:CHARS``    without these characters
``spaces``          runs of white space become one space
``upper``           capital letters
``lower``           small letters
==================  ================================================================================
"""

from __future__ import annotations

import csv
import datetime as dt
import decimal
import math
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from typing import Final, TypeAlias

Conversion: TypeAlias = Callable[[str], "str | None"]

_PHONE_FILLERS: Final = re.compile(r"\(0\)|[\s().\-/\u00a0\u2010-\u2015]")
# What is dialled before national numbers where it is not 0 (ITU-T E.164, national numbering plans).
_TRUNK_PREFIXES: Final[Mapping[str, str]] = {"+1": "1", "+7": "8", "+36": "06", "+39": ""}
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}")
_WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,12}")


class ConversionRefused(ValueError):
    """Say that a text cannot be converted. Its own text is the reason and never shows the text."""


@dataclass(frozen=True, slots=True)
class Converter:
    """One converter, with its argument.

    Attributes:
        spec: As it stands in the mapping.
        apply: Converts; raises :class:`ConversionRefused`.
    """

    spec: str
    apply: Conversion


def converter_of(spec: str, code_tables: Mapping[str, Mapping[str, str]]) -> Converter:
    """Build a converter.

    Args:
        spec: As it stands in the mapping: ``name`` or ``name:argument``.
        code_tables: The mapping's code tables by name.

    Returns:
        The converter.

    Raises:
        ConversionRefused: There is no such converter, or its argument is not usable.
    """
    name, _, argument = spec.partition(":")
    if name in _PLAIN:
        if argument:
            raise ConversionRefused(f"converter {name} takes no argument")
        return Converter(spec, _PLAIN[name])
    if name == "date":
        return Converter(spec, partial(_date, _formats(argument)))
    if name == "code":
        if argument not in code_tables:
            raise ConversionRefused(f"there is no code table {argument!r} under code_tables")
        return Converter(spec, partial(_code, code_tables[argument]))
    if name == "phone":
        if argument and not re.fullmatch(r"\+[1-9][0-9]{0,2}", argument):
            raise ConversionRefused("phone takes a country code such as phone:+33, or nothing")
        return Converter(spec, partial(_phone, argument))
    if name == "split":
        separator, _, index = argument.rpartition(":")
        if not separator or not re.fullmatch(r"-?[0-9]{1,3}", index):
            raise ConversionRefused("split takes a separator and a number, as in split:,:0")
        return Converter(spec, partial(_split, separator, int(index)))
    if name == "remove":
        if not argument:
            raise ConversionRefused("remove takes the characters to remove, as in remove:-.")
        return Converter(spec, partial(_remove, argument))
    raise ConversionRefused(f"there is no converter {name!r}")


def text_of(raw: object) -> str | None:
    """Write what a database gives as text, in one way: Unicode form C, no white space around it.

    Args:
        raw: Text, a number, a date, an instant, true or false, or None.

    Returns:
        The text; None for None and for what is empty.

    Raises:
        ConversionRefused: It is of a type that has no text, such as bytes.
    """
    if raw is None:
        return None
    if isinstance(raw, str):
        return unicodedata.normalize("NFC", raw).strip() or None
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, (float, decimal.Decimal)) and math.isfinite(raw) and raw == int(raw):
        return str(int(raw))
    if isinstance(raw, (int, float, decimal.Decimal)):
        return str(raw)
    if isinstance(raw, (dt.date, dt.time)):
        return raw.isoformat()
    raise ConversionRefused(f"a column of type {type(raw).__name__}")


def _formats(argument: str) -> tuple[str, ...]:
    formats = tuple(argument.split("|"))
    for one in formats:
        written = dt.date(1999, 12, 31).strftime(one) if one else ""
        try:
            if dt.datetime.strptime(written, one).date() != dt.date(1999, 12, 31):
                raise ValueError
        except ValueError:
            raise ConversionRefused(
                f"date takes formats with year, month and day, as in date:%d/%m/%Y; not {one!r}"
            ) from None
    return formats


def _date(formats: tuple[str, ...], text: str) -> str:
    found: set[dt.date] = set()
    for one in formats:
        try:
            found.add(dt.datetime.strptime(text, one).date())
        except ValueError:
            continue
    if len(found) != 1:
        raise ConversionRefused("no format fits" if not found else "two formats fit")
    return found.pop().isoformat()


def _unix_date(text: str) -> str:
    if not _WHOLE_NUMBER.fullmatch(text):
        raise ConversionRefused("not whole seconds")
    epoch = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
    try:
        return (epoch + dt.timedelta(seconds=int(text))).date().isoformat()
    except OverflowError:
        raise ConversionRefused("beyond the calendar") from None


def _code(table: Mapping[str, str], text: str) -> str:
    if text not in table:
        raise ConversionRefused("not in the code table")
    return table[text]


@cache
def _countries() -> Mapping[str, str]:
    file = resources.files("consentry.sources").joinpath("countries.csv")
    alpha_2_of: dict[str, str] = {}
    for row in csv.DictReader(file.read_text(encoding="ascii").splitlines()):
        for code in row.values():
            alpha_2_of[code] = row["alpha_2"]
    return alpha_2_of


def _country(text: str) -> str:
    # Numeric codes lose their leading zeros wherever they are kept as numbers.
    code = text.zfill(3) if text.isdecimal() else text.upper()
    if code not in _countries():
        raise ConversionRefused("not an ISO 3166-1 code")
    return _countries()[code]


def _phone(country_code: str, text: str) -> str:
    number = _PHONE_FILLERS.sub("", text)
    if number.startswith("00"):
        number = "+" + number[2:]
    elif country_code and not number.startswith("+"):
        number = country_code + number.removeprefix(_TRUNK_PREFIXES.get(country_code, "0"))
    if not _E164.fullmatch(number):
        raise ConversionRefused("not a telephone number with its country code")
    return number


def _iban(text: str) -> str:
    number = re.sub(r"\s", "", text).upper()
    if not _IBAN.fullmatch(number):
        raise ConversionRefused("not written as an IBAN")
    if int("".join(str(int(sign, 36)) for sign in number[4:] + number[:4])) % 97 != 1:
        raise ConversionRefused("its check digits are wrong")
    return number


def _split(separator: str, index: int, text: str) -> str | None:
    parts = text.split(separator)
    if not -len(parts) <= index < len(parts):
        return None
    return parts[index].strip() or None


def _remove(characters: str, text: str) -> str | None:
    return text.translate(str.maketrans("", "", characters)) or None


def _spaces(text: str) -> str:
    return " ".join(text.split())


_PLAIN: Final[Mapping[str, Conversion]] = {
    "unix_date": _unix_date,
    "country": _country,
    "iban": _iban,
    "spaces": _spaces,
    "upper": str.upper,
    "lower": str.lower,
}

"""The people whom the generated institutions know: one population, the same for all three."""

from __future__ import annotations

import datetime as dt
import random
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from consentry.sources.errors import FakerMissing

if TYPE_CHECKING:
    from faker import Faker

REFERENCE_DATE: Final = dt.date(2026, 6, 30)
"""The day on which the systems of record are found; nothing in them depends on the clock."""

_LOCALES: Final = {"zh_CN": 25, "en_CA": 20, "en_GB": 20, "fr_FR": 20, "fr_CA": 15}
_OTHER_NATIONALITIES: Final = ("FR", "CA", "GB", "CN", "DE", "IE", "SN", "VN")
_NORTH_AMERICAN_AREAS: Final = ("204", "416", "438", "514", "604", "819")


@dataclass(frozen=True, slots=True)
class Residence:
    """Where a person lives, or lived.

    Attributes:
        since: Their first day there.
        number: House number; empty where it stands in the street already.
        street: Street.
        unit: Flat or the like; empty if none.
        locality: City, town or village.
        region: State, province or county; empty where addresses have none.
        postal_code: Postal code.
        country: ISO 3166-1 alpha-2.
    """

    since: dt.date
    number: str
    street: str
    unit: str
    locality: str
    region: str
    postal_code: str
    country: str


@dataclass(frozen=True, slots=True)
class Person:
    """A person as they are; what institutions have recorded of them differs.

    Attributes:
        index: Number of the person, from 0 on.
        family_name: Family name.
        given_names: One or more.
        born: Date of birth.
        nationalities: ISO 3166-1 alpha-2; one or two.
        email: E-mail address.
        phone: Telephone number (E.164).
        residences: The oldest first; at least one.
    """

    index: int
    family_name: str
    given_names: tuple[str, ...]
    born: dt.date
    nationalities: tuple[str, ...]
    email: str
    phone: str
    residences: tuple[Residence, ...]


def make_population(count: int, seed: int, progress: Callable[[int], None]) -> tuple[Person, ...]:
    """Make people, the same ones for the same seed.

    Args:
        count: How many.
        seed: Whatever tells this population from others.
        progress: Called with how many there are, now and then.

    Returns:
        The people.

    Raises:
        FakerMissing: Faker is not installed.
    """
    fakers = _fakers(seed)
    chance = seeded("population", seed)
    locales = chance.choices(list(_LOCALES), weights=list(_LOCALES.values()), k=count)
    people: list[Person] = []
    for index, locale in enumerate(locales):
        people.append(_person(index, locale, fakers[locale], chance))
        if index % 500 == 499:
            progress(index + 1)
    progress(count)
    return tuple(people)


def seeded(what: str, seed: int) -> random.Random:
    """Return a source of chance that is the same for the same seed; nothing secret comes from it.

    Args:
        what: What it is for; another thing has other chances.
        seed: The seed.
    """
    return random.Random(f"{what} {seed}")  # noqa: S311 - no cryptography here


def plain_ascii(text: str) -> str:
    """Write text without what older systems could not hold: diacritics and other scripts.

    Args:
        text: The text.

    Returns:
        Its ASCII letters; empty if it has none.
    """
    expanded = text.replace("œ", "oe").replace("Œ", "OE").replace("æ", "ae")
    return unicodedata.normalize("NFD", expanded).encode("ascii", "ignore").decode("ascii")


def misspelt(name: str, chance: random.Random) -> str:
    """Write a name as a hurried clerk does who enters the same person again.

    Args:
        name: The name.
        chance: Which slip it is.

    Returns:
        The name, not the same.
    """
    slips = [name + " "]
    if (plain := plain_ascii(name)) and plain != name:
        slips = [plain]
    elif "-" in name:
        slips = [name.replace("-", " ")]
    elif len(name) > 3:
        at = chance.randrange(1, len(name) - 1)
        slips = [name[:at] + name[at] + name[at:], name[:at] + name[at + 1 :], name.upper()]
    return chance.choice(slips)


def written_phone(number: str, chance: random.Random) -> str:
    """Write a telephone number in one of the ways in which people write it down.

    Args:
        number: E.164.
        chance: Which way.

    Returns:
        The number.
    """
    for code, grouping in (("+33", (1, 2, 2, 2, 2)), ("+44", (4, 6)), ("+86", (3, 4, 4))):
        if number.startswith(code):
            groups = _groups(number.removeprefix(code), grouping)
            trunk = "(0)" if code == "+44" else ""
            return chance.choice(
                (
                    f"{code} {trunk}{' '.join(groups)}",
                    f"{code}-{'-'.join(groups)}",
                    f"00{code[1:]}{''.join(groups)}",
                    number,
                )
            )
    area, exchange, line = _groups(number.removeprefix("+1"), (3, 3, 4))
    return chance.choice((f"+1 ({area}) {exchange}-{line}", f"+1.{area}.{exchange}.{line}", number))


def _groups(digits: str, sizes: Sequence[int]) -> list[str]:
    groups: list[str] = []
    for size in sizes:
        groups.append(digits[:size])
        digits = digits[size:]
    return groups


def _fakers(seed: int) -> dict[str, Faker]:
    try:
        from faker import Faker  # noqa: PLC0415 - an extra: not there unless asked for
    except ImportError:
        raise FakerMissing from None
    fakers: dict[str, Faker] = {}
    for locale in _LOCALES:
        fakers[locale] = Faker(locale, use_weighting=False)
        fakers[locale].seed_instance(f"{locale} {seed}")
    return fakers


def _person(index: int, locale: str, faker: Faker, chance: random.Random) -> Person:
    country = locale[-2:]
    given = [str(faker.first_name())]
    if locale != "zh_CN" and chance.random() < 0.4:
        given.append(str(faker.first_name()))
    family = str(faker.last_name())
    if locale != "zh_CN" and chance.random() < 0.06:
        family = f"{family}-{faker.last_name()}"
    nationalities = [country]
    if chance.random() < 0.08:
        others = [one for one in _OTHER_NATIONALITIES if one != country]
        nationalities.append(chance.choice(others))
    return Person(
        index=index,
        family_name=family,
        given_names=tuple(given),
        born=REFERENCE_DATE - dt.timedelta(days=chance.randrange(19 * 366, 90 * 365)),
        nationalities=tuple(nationalities),
        email=_email(index, given[0], family, chance),
        phone=_phone(country, chance),
        residences=_residences(locale, faker, chance),
    )


def _email(index: int, given: str, family: str, chance: random.Random) -> str:
    letters = ".".join(
        "".join(sign for sign in plain_ascii(name) if sign.isalnum()).lower() for name in (given, family)
    ).strip(".")
    # Names in characters give no address; such mailboxes are often numbers.
    mailbox = letters or str(chance.randrange(10**7, 10**8))
    return f"{mailbox}.{index}@{chance.choice(('example.org', 'example.net', 'example.com'))}"


def _phone(country: str, chance: random.Random) -> str:
    """Draw a number, from ranges kept free for fiction where a country has them."""
    if country == "FR":
        return f"+336399{chance.randrange(80_000, 90_000):05}"
    if country == "GB":
        return f"+447700900{chance.randrange(1_000):03}"
    if country == "CA":
        return f"+1{chance.choice(_NORTH_AMERICAN_AREAS)}5550{chance.randrange(100, 200)}"
    return f"+861{chance.randrange(30, 100)}{chance.randrange(10**8):08}"


def _residences(locale: str, faker: Faker, chance: random.Random) -> tuple[Residence, ...]:
    count = chance.choices((1, 2, 3, 4), weights=(55, 27, 13, 5))[0]
    days = sorted(chance.sample(range(60, 26 * 365), count), reverse=True)
    return tuple(_residence(locale, REFERENCE_DATE - dt.timedelta(days=one), faker, chance) for one in days)


def _residence(locale: str, since: dt.date, faker: Faker, chance: random.Random) -> Residence:
    number = str(chance.randrange(1, 400))
    street, locality = str(faker.street_name()), str(faker.city())
    unit, region = "", ""
    if locale == "zh_CN":
        number, street = "", f"{street}{number}号"
        unit = f"{chance.randrange(1, 30)}单元{chance.randrange(101, 2800)}室"
        region = str(faker.province())
    elif locale == "en_GB":
        region = str(faker.county())
        unit = f"Flat {chance.randrange(1, 60)}" if chance.random() < 0.3 else ""
    elif locale == "fr_FR":
        number = chance.choice((number, number, number, f"{number} bis"))
        unit = f"Bât. {chance.choice('ABCD')}" if chance.random() < 0.25 else ""
    else:
        region = str(faker.province())
        word = "app." if locale == "fr_CA" else "Apt."
        unit = f"{word} {chance.randrange(1, 1200)}" if chance.random() < 0.3 else ""
    return Residence(
        since=since,
        number=number,
        street=street,
        unit=unit,
        locality=" ".join(locality.split()),
        region=region,
        postal_code=str(faker.postcode()),
        country=locale[-2:],
    )

"""Time zones, countries and locales a person may choose from: the system's zones, Babel's territories and locales."""

import zoneinfo
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError, localedata
from django.core.exceptions import ValidationError

# What locale_names() gave, one in a line: its tag, a tab, its name.
LOCALES = Path(__file__).with_name("locales.tsv")


@cache
def time_zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


@cache
def time_zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Zones of places people live in, grouped by continent, with UTC first."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in sorted(time_zones()):
        area, _, place = name.partition("/")
        if place and area in CONTINENTS:
            groups.setdefault(area, []).append((name, place.replace("_", " ").replace("/", ", ")))
    return [("Everywhere", [("UTC", "UTC")]), *groups.items()]


CONTINENTS = {
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Europe",
    "Indian",
    "Pacific",
}


@cache
def countries() -> dict[str, str]:
    """ISO 3166 codes of countries with their English names, in the order of the names."""
    names = {
        code: name
        for code, name in Locale("en").territories.items()
        if len(code) == 2 and code.isalpha() and code not in NO_COUNTRIES
    }
    return dict(sorted(names.items(), key=lambda item: item[1]))


# Babel's two-letter territories that nobody lives in: outlying Oceania, unions, pseudo-accents, "unknown".
NO_COUNTRIES = {"QO", "EU", "EZ", "UN", "XA", "XB", "ZZ"}


@cache
def country_choices() -> list[tuple[str, str]]:
    return [("", "Not stated"), *countries().items()]


@cache
def locale_choices() -> list[tuple[str, str]]:
    """Locales with their own names, such as ("de-AT", "Deutsch (Österreich)"), in the order of the tags."""
    return [tuple(line.split("\t")) for line in LOCALES.read_text().splitlines()]


def locale_names() -> list[tuple[str, str]]:
    """The same from Babel. It keeps all that it knows of each locale, 140 MB in the end, so no server asks it."""
    tags = sorted(tag.replace("_", "-") for tag in localedata.locale_identifiers() if len(tag) <= 5)
    return [(tag, Locale.parse(tag, sep="-").get_display_name() or tag) for tag in tags]


def validate_time_zone(name: str) -> None:
    if name not in time_zones():
        raise ValidationError("Choose a time zone from the list, such as Europe/Berlin.")


def validate_country(code: str) -> None:
    if code not in countries():
        raise ValidationError("Choose a country from the list.")


def validate_locale(tag: str) -> None:
    try:
        Locale.parse(tag, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise ValidationError("Choose a language from the list, such as en or de-AT.") from error

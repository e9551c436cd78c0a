"""Countries as people write them."""

from functools import cache

from accounts.regions import countries

ALSO_WRITTEN = {"usa": "US", "united states of america": "US", "uk": "GB", "czech republic": "CZ", "holland": "NL"}


@cache
def country_codes() -> dict[str, str]:
    """ISO 3166 code of each country by its code and its English name, in lower case."""
    names = {name.lower(): code for code, name in countries().items()}
    return names | {code.lower(): code for code in countries()} | ALSO_WRITTEN

"""What a search finds, in plain Python: the page and the alerts are held to it.

It knows nothing of PostgreSQL and of the product's own code. Its words are chosen so that English stemming leaves
them alone; see WORDS.
"""

import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from jobs.models import Job, Region
from jobs.search import JobSearch

WORDS = ["kafka", "rust", "golang", "zürich", "Kraków", "Łódź", "SQL", "c++", "java"]
IGNORED = "the"
TIMES_A_YEAR = {"hour": 2080, "day": 260, "week": 52, "month": 12, "year": 1}
DOLLARS = {"USD": Decimal(1), "EUR": Decimal("1.10"), "JPY": Decimal("0.0065")}
MINOR_DIGITS = {"USD": 2, "EUR": 2, "JPY": 0}


class Facts(NamedTuple):
    """What an advert says, read once for all searches."""

    text: list[str]
    category: str
    regions: set[str]
    employment_types: set[str]
    level: str
    workplace: str
    countries: set[str]
    open_worldwide: bool
    company: str
    dollars: int | None


def facts_of(job: Job) -> Facts:
    return Facts(
        text=text_of(job),
        category=job.category.slug,
        regions=regions_of(job),
        employment_types=set(job.employment_types),
        level=job.level,
        workplace=job.workplace,
        countries=countries_of(job),
        open_worldwide=job.open_worldwide,
        company=job.company.slug,
        dollars=dollars_of(job),
    )


def satisfies(job: Job, search: JobSearch) -> bool:
    """Whether the open job is what the search asks for, its age apart."""
    return fits(facts_of(job), search)


def fits(facts: Facts, search: JobSearch) -> bool:
    """The same for an advert that was read before; words, which take longest, come last."""
    return (
        one_of(search.categories, {facts.category})
        and one_of(search.regions, facts.regions)
        and one_of(search.employment_types, facts.employment_types)
        and one_of(search.levels, {facts.level})
        and one_of(search.workplaces, {facts.workplace})
        and (facts.open_worldwide or one_of(search.countries, facts.countries))
        and one_of(search.companies, {facts.company})
        and facts.company not in search.companies_out
        and has_pay(facts.dollars, search)
        and has_keywords(facts.text, search.keywords)
    )


def one_of(asked: tuple[str, ...], stated: set[str]) -> bool:
    return not asked or bool(set(asked) & stated)


def regions_of(job: Job) -> set[str]:
    """The regions stated and those around them; where none is stated, those that hold all its countries."""
    regions = list(Region.objects.all())
    stated = list(job.regions.all())
    if not stated:
        return {region.slug for region in regions if job.countries and set(job.countries) <= set(region.countries)}
    around = {
        outer.slug
        for inner in stated
        for outer in regions
        if inner.countries and set(inner.countries) <= set(outer.countries)
    }
    return around | {region.slug for region in stated}


def countries_of(job: Job) -> set[str]:
    return set(job.countries) or {country for region in job.regions.all() for country in region.countries}


def dollars_of(job: Job) -> int | None:
    highest = job.pay_max or job.pay_min
    if highest is None:
        return None
    return dollars_a_year(Decimal(highest).scaleb(-MINOR_DIGITS[job.pay_currency]), job.pay_currency, job.pay_period)


def has_pay(offered: int | None, search: JobSearch) -> bool:
    if not search.pay_min:
        return True
    asked = dollars_a_year(Decimal(search.pay_min), search.pay_currency, search.pay_period)
    return offered is not None and offered >= asked


@cache
def dollars_a_year(amount: Decimal, currency: str, period: str) -> int:
    return round(amount * TIMES_A_YEAR[period] * DOLLARS[currency])


def text_of(job: Job) -> list[str]:
    """The advert's words in order; its facts stand between tags and description."""
    facts = [job.category.name, job.location, *(region.name for region in job.regions.all())]
    facts += [job.workplace, *job.employment_types, job.level]
    words = [*job.title.split(), *job.company.name.split(), *" ".join(job.tags).split()]
    words += re.findall(r"\w+", " ".join(facts))
    return [folded(word) for word in words + re.sub("<[^>]*>", " ", job.description_raw).split()]


def has_keywords(text: list[str], keywords: str) -> bool:
    branches = [branch for branch in branches_of(keywords) if branch]
    return not branches or any(all(wanted == stands_in(text, phrase) for wanted, phrase in b) for b in branches)


@cache
def branches_of(keywords: str) -> list[list[tuple[bool, list[str]]]]:
    """`a "b c" -d or e` as [[(True, [a]), (True, [b, c]), (False, [d])], [(True, [e])]]; ignored words are left out."""
    branches: list = [[]]
    for minus, phrase, word in re.findall(r'(-?)(?:"([^"]*)"|(\S+))', keywords):
        if word == "or":
            branches.append([])
            continue
        words = [folded(one) for one in (phrase or word).split()]
        if any(one != IGNORED for one in words):
            branches[-1].append((not minus, words))
    return branches


def stands_in(text: list[str], phrase: list[str]) -> bool:
    """Whether the words stand in the text one after the other, any word for an ignored one but not at the ends."""
    while phrase[0] == IGNORED:
        phrase = phrase[1:]
    while phrase[-1] == IGNORED:
        phrase = phrase[:-1]
    if phrase[0] not in text:
        return False
    places = range(len(text) - len(phrase) + 1)
    return any(all(word in (IGNORED, text[place + n]) for n, word in enumerate(phrase)) for place in places)


def folded(word: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return plain.lower().replace("ł", "l")

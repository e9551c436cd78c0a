"""Random adverts and random searches over the same few words, places and sums, so that they often meet.

Strategies for hypothesis, which finds small failures; and the same from a seed, which makes thousands in a moment.
"""

from random import Random
from urllib.parse import urlencode

from django.http import QueryDict
from hypothesis import strategies as st

from jobs.models import EmploymentType, Level, Workplace
from jobs.search import JobSearch
from tests.jobs.oracle import IGNORED, WORDS

CATEGORIES = ["dev", "legal", "qa-testing"]
REGIONS = ["europe", "germany", "usa", "emea"]
COUNTRIES = ["DE", "US", "FR"]
COMPANIES = ["acme", "umbrella"]
SUMS = [10, 20, 40, 40_000, 60_000, 90_000]


def few(values, most=2):
    return st.lists(st.sampled_from(values), max_size=most, unique=True)


words = st.sampled_from(WORDS)
texts = st.lists(st.sampled_from([*WORDS, IGNORED]), max_size=8).map(" ".join)
phrases = st.lists(st.sampled_from([*WORDS, IGNORED]), min_size=1, max_size=3).map(lambda found: f'"{" ".join(found)}"')
terms = st.tuples(st.sampled_from(["", "", "-"]), st.one_of(words, words, phrases, st.just(IGNORED))).map("".join)
branches = st.lists(terms, min_size=1, max_size=3).map(" ".join)
keywords = st.one_of(st.just(""), words, st.lists(branches, min_size=1, max_size=3).map(" or ".join))


@st.composite
def adverts(draw):
    """The fields of a job, with the slugs of its `company`, `category` and `regions`."""
    paid = draw(st.one_of(st.none(), st.tuples(st.sampled_from(SUMS), st.sampled_from(["USD", "EUR", "JPY"]))))
    pay = {}
    if paid:
        amount, currency = paid
        minor = amount if currency == "JPY" else amount * 100
        pay = {"pay_min": minor, "pay_currency": currency, "pay_period": draw(st.sampled_from(["hour", "year"]))}
        pay["pay_max"] = draw(st.sampled_from([None, minor, 2 * minor]))
    return pay | {
        "company": draw(st.sampled_from(COMPANIES)),
        "category": draw(st.sampled_from(CATEGORIES)),
        "regions": draw(few(REGIONS)),
        "countries": draw(few(COUNTRIES)),
        "open_worldwide": draw(st.booleans()),
        "title": draw(st.lists(words, min_size=1, max_size=3).map(" ".join)),
        "tags": draw(few(WORDS)),
        "description_raw": f"<p>{draw(texts)}</p>",
        "workplace": draw(st.sampled_from(["", *Workplace.values])),
        "employment_types": draw(few(EmploymentType.values)),
        "level": draw(st.sampled_from(["", *Level.values])),
    }


@st.composite
def searches(draw):
    fields = {
        "q": draw(keywords),
        "category": draw(sometimes(few(CATEGORIES))),
        "region": draw(sometimes(few(REGIONS))),
        "type": draw(sometimes(few(EmploymentType.values))),
        "level": draw(sometimes(few(Level.values, most=4))),
        "workplace": draw(sometimes(few(Workplace.values))),
        "country": draw(sometimes(few(COUNTRIES))),
        "company": draw(sometimes(few(COMPANIES))),
        "not_company": draw(sometimes(few(COMPANIES))),
        "pay": draw(sometimes(st.sampled_from(SUMS), nothing="")),
        "pay_currency": draw(st.sampled_from(["USD", "EUR", "JPY"])),
        "pay_period": draw(st.sampled_from(["hour", "year"])),
    }
    return JobSearch.from_query(QueryDict(urlencode(fields, doseq=True)))


def sometimes(strategy, nothing=()):
    """Most searches ask for one or two things, else nothing would be found."""
    return st.one_of(st.just(nothing), st.just(nothing), st.just(nothing), strategy)


def seeded_adverts(seed: int, count: int) -> list[dict]:
    """As many adverts as adverts() draws, the same for the same seed."""
    chance = Random(f"adverts {seed}")
    return [seeded_advert(chance) for _ in range(count)]


def seeded_advert(chance: Random) -> dict:
    def some(values, most: int = 2) -> list:
        return chance.sample(values, chance.randint(0, most))

    pay = {}
    if chance.random() < 0.7:
        amount, currency = chance.choice(SUMS), chance.choice(["USD", "EUR", "JPY"])
        minor = amount if currency == "JPY" else amount * 100
        period = chance.choice(["hour", "day", "week", "month", "year"])
        pay = {"pay_min": minor, "pay_max": chance.choice([None, minor, 2 * minor])}
        pay |= {"pay_currency": currency, "pay_period": period}
    text = chance.choices([*WORDS, IGNORED], k=chance.randint(0, 8))
    return pay | {
        "company": chance.choice(COMPANIES),
        "category": chance.choice(CATEGORIES),
        "regions": some(REGIONS),
        "countries": some(COUNTRIES),
        "open_worldwide": chance.random() < 0.2,
        "title": " ".join(chance.choices(WORDS, k=chance.randint(1, 3))),
        "tags": some(WORDS),
        "description_raw": f"<p>{' '.join(text)}</p>",
        "workplace": chance.choice(["", *Workplace.values]),
        "employment_types": some(EmploymentType.values),
        "level": chance.choice(["", *Level.values]),
    }


def seeded_searches(seed: int, count: int) -> list[JobSearch]:
    """So many different searches, the same for the same seed."""
    chance, found = Random(f"searches {seed}"), {}
    while len(found) < count:
        search = seeded_search(chance)
        found[search.alert_query_string()] = search
    return list(found.values())


def seeded_search(chance: Random) -> JobSearch:
    def some(values, most: int = 2) -> list:
        return chance.sample(values, chance.randint(1, most)) if chance.random() < 0.15 else []

    return JobSearch.from_query(
        QueryDict(
            urlencode(
                {
                    "q": seeded_keywords(chance) if chance.random() < 0.8 else "",
                    "category": some(CATEGORIES),
                    "region": some(REGIONS),
                    "type": some(EmploymentType.values),
                    "level": some(Level.values, most=4),
                    "workplace": some(Workplace.values),
                    "country": some(COUNTRIES),
                    "company": some(COMPANIES),
                    "not_company": some(COMPANIES),
                    "pay": chance.choice(SUMS) if chance.random() < 0.2 else "",
                    "pay_currency": chance.choice(["USD", "EUR", "JPY"]),
                    "pay_period": chance.choice(["hour", "day", "week", "month", "year"]),
                },
                doseq=True,
            )
        )
    )


def seeded_keywords(chance: Random) -> str:
    """One to three branches of one to three words or phrases, some with a minus."""

    def term() -> str:
        one = chance.choice([*WORDS, IGNORED])
        phrase = f'"{" ".join(chance.choices([*WORDS, IGNORED], k=chance.randint(1, 3)))}"'
        return ("-" if chance.random() < 0.2 else "") + (phrase if chance.random() < 0.2 else one)

    branches = [" ".join(term() for _ in range(chance.randint(1, 3))) for _ in range(chance.randint(1, 3))]
    return " or ".join(branches)

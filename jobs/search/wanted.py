"""What someone looks for: one small value that pages, feeds and alerts share, and that a URL can carry."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import NamedTuple, Self
from urllib.parse import urlencode

from babel import Locale
from django.db.models.expressions import RawSQL

from accounts.characters import legible, unturned
from accounts.regions import countries
from jobs import documents, labels, pay
from jobs.search.sql import TABLE, condition
from jobs.words import asks_for_a_word, in_quotes, web_query, why_unheard

LONGEST_KEYWORDS = 200
MOST_VALUES = 100
HIGHEST_PAY = 1_000_000_000
LONGEST_AGO = 365
SORTS = ("newest", "relevance", "pay", "closing")
LOCALE = Locale("en")
LONE_OR = re.compile(r"^(or )+(?=.)|(?<=.)( or)+$")
SLUG = re.compile(r"[-a-zA-Z0-9_]{1,180}")
LONGEST_NUMBER = 20
# A dot or comma before three digits groups thousands ('1.200.000', '60,000.50', India's '12,00,000'); before fewer it
# starts decimals ('15.50', '1,5k'). What could be either, as '1234.567' or '1.200k', is neither.
GROUPED = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}([.,])[0-9]{3}(?:\2[0-9]{3})*|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3})"
    r"(?:(?!\2)[.,](?P<decimals>[0-9]{1,2}))?"
)
UNGROUPED = re.compile(r"(?P<whole>[0-9]+)(?:[.,](?P<decimals>[0-9]{1,2}))?k?")
KNOWN_CODES = {
    "type": documents.EMPLOYMENT_TYPES,
    "level": documents.LEVELS,
    "workplace": documents.WORKPLACES,
    "country": sorted(countries()),
}
# Parameters of the query string that may stand there several times, in canonical order, and the field each fills.
LISTS = {
    "category": "categories",
    "region": "regions",
    "type": "employment_types",
    "level": "levels",
    "workplace": "workplaces",
    "country": "countries",
    "company": "companies",
    "not_company": "companies_out",
}


class Criterion(NamedTuple):
    """One condition in words and the search without it."""

    label: str
    search: "JobSearch"


@dataclass(frozen=True)
class JobSearch:
    keywords: str = ""
    categories: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    employment_types: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    workplaces: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    pay_min: int | None = None
    pay_currency: str = "USD"
    pay_period: str = "year"
    posted_within: int | None = None
    companies: tuple[str, ...] = ()
    companies_out: tuple[str, ...] = ()
    sort: str = "newest"

    @classmethod
    def from_query(cls, query: Mapping) -> Self:
        """The search that a query string asks for; what can't be read is left out, never an error."""
        first = {name: clean_text(values[0]) for name, values in lists_of(query).items() if values}
        lists = {field: read_list(name, lists_of(query).get(name, ())) for name, field in LISTS.items()}
        pay_min = read_number(first.get("pay"), HIGHEST_PAY)
        return cls(
            keywords=first.get("q", "")[:LONGEST_KEYWORDS].strip(),
            pay_min=pay_min,
            pay_currency=read_currency(first.get("pay_currency")) if pay_min else "USD",
            pay_period=read_choice(first.get("pay_period"), pay.Period.values, "year") if pay_min else "year",
            posted_within=read_number(first.get("posted"), LONGEST_AGO),
            sort=read_choice(first.get("sort"), SORTS, "newest"),
            **lists,
        )

    def query_string(self) -> str:
        """The canonical query string: fixed order, nothing empty, no default; from_query() gives the search back."""
        return urlencode(self.parameters())

    def alert_query_string(self) -> str:
        """What an alert keeps: the canonical query string without order and age, one spelling of the keywords."""
        kept = replace(self, sort="newest", posted_within=None, keywords=one_spelling(self.keywords))
        return kept.query_string()

    def parameters(self) -> list[tuple[str, str]]:
        """Names and values of the canonical query string, in its order."""
        pairs = [("q", self.keywords)] if self.keywords else []
        for name in ("category", "region", "type", "level", "workplace", "country"):
            pairs += [(name, value) for value in getattr(self, LISTS[name])]
        if self.pay_min:
            pairs.append(("pay", str(self.pay_min)))
            pairs += [("pay_currency", self.pay_currency)] if self.pay_currency != "USD" else []
            pairs += [("pay_period", self.pay_period)] if self.pay_period != "year" else []
        pairs += [("posted", str(self.posted_within))] if self.posted_within else []
        for name in ("company", "not_company"):
            pairs += [(name, value) for value in getattr(self, LISTS[name])]
        pairs += [("sort", self.sort)] if self.sort != "newest" else []
        return pairs

    @property
    def is_empty(self) -> bool:
        """Whether nothing narrows the search; keywords that text search ignores don't."""
        return replace(self, keywords=self.web_query, sort="newest") == JobSearch()

    @property
    def fits_nearly_all(self) -> bool:
        """Whether it names nothing that a job must have: it is empty, or only says what is to be missing."""
        words = self.web_query if asks_for_a_word(self.web_query) else ""
        return replace(self, keywords=words, companies_out=()).is_empty

    @property
    def web_query(self) -> str:
        """The keywords as web search reads them; '' when all of them are too common to search for."""
        return web_query(self.keywords)

    @property
    def why_unheard(self) -> str:
        """A sentence when there are keywords and none of them can be searched for."""
        return why_unheard(self.keywords)

    def without(self, name: str, value: str | None = None) -> Self:
        """The search without one value of a parameter, or without the parameter."""
        if name in LISTS:
            field = LISTS[name]
            return replace(self, **{field: tuple(v for v in getattr(self, field) if value not in (v, None))})
        if name == "pay":
            return replace(self, pay_min=None, pay_currency="USD", pay_period="year")
        return replace(self, **DEFAULTS[name])

    def with_value(self, name: str, value: str) -> Self:
        """The search with one more value of a parameter that may stand several times."""
        field = LISTS[name]
        return replace(self, **{field: tuple(sorted({*getattr(self, field), value}))})

    def criteria(self) -> list[Criterion]:
        """Each condition in words with the search that lacks it: the chips of a page."""
        return [Criterion(label, self.without(name, value)) for name, value, label in self.conditions()]

    def conditions(self) -> list[tuple[str, str | None, str]]:
        """Parameter, value and label of each condition."""
        found = [("q", None, in_quotes(self.keywords))] if self.keywords else []
        for name in ("category", "region", "type", "level", "workplace", "country", "company", "not_company"):
            values = getattr(self, LISTS[name])
            found += [(name, value, label) for value, label in zip(values, labels.of(name, values), strict=True)]
        if self.pay_min:
            found.append(("pay", None, self.pay_in_words()))
        if self.posted_within:
            found.append(("posted", None, posted_in_words(self.posted_within)))
        return found

    def in_words(self) -> str:
        """The search as people say it: '“nurse”, Health care, Germany or Austria, at least $50,000 a year'.

        Keywords that nothing can be found by are left out: why_unheard says that.
        """
        said = self.parameters_in_words()
        if not self.web_query:
            said.pop("q", None)
        return ", ".join(said.values()) or "All jobs"

    def parameters_in_words(self) -> dict[str, str]:
        """What each parameter asks for: {'q': '“nurse”', 'country': 'Germany or Austria'}."""
        groups: dict[str, list[str]] = {}
        for name, _, label in self.conditions():
            groups.setdefault(name, []).append(label)
        return {name: (" and " if name == "not_company" else " or ").join(group) for name, group in groups.items()}

    def pay_in_words(self) -> str:
        amount = pay.money(pay.minor_units(self.pay_min, self.pay_currency), self.pay_currency)
        return f"at least {amount} {pay.Period(self.pay_period).label}"

    def pay_min_yearly(self) -> int | None:
        """The lowest pay as whole US dollars a year; None when none is asked for or the currency has no rate."""
        if not self.pay_min:
            return None
        return pay.yearly_dollars(pay.minor_units(self.pay_min, self.pay_currency), self.pay_currency, self.pay_period)

    def comparable(self) -> Self:
        """The search without a lowest pay in a currency that has no rate, by which no job can be told from another."""
        return self.without("pay") if self.pay_min and self.pay_min_yearly() is None else self

    def facet_groups(self) -> list[list[str]]:
        """Tokens of documents: a job has at least one of each list."""
        groups = [(name, getattr(self, LISTS[name])) for name in documents.TOKEN_LETTERS]
        found = [[documents.token(name, value) for value in values] for name, values in groups if values]
        if self.countries:
            found = [[*group, documents.ANYWHERE] if group[0].startswith("\x01n") else group for group in found]
        return found

    def excluded_tokens(self) -> list[str]:
        """Tokens that no job found has."""
        return [documents.token("company", slug) for slug in self.companies_out]

    def keyword_tsquery_sql(self) -> tuple[str, list] | None:
        """SQL of the keywords' tsquery and its parameters; None without keywords that count."""
        words = self.web_query
        return ("websearch_to_tsquery('english', %s)", [words]) if words else None

    def tsquery_sql(self) -> tuple[str, list] | None:
        """SQL of the tsquery that a document's `doc` has to match, with its parameters; None when any will do.

        Pay and age are not in it: they are columns.
        """
        keywords, facets = self.keyword_tsquery_sql(), self.facet_tsquery()
        if keywords and facets:
            return f"({keywords[0]} && %s::tsquery)", [*keywords[1], facets]
        if keywords and "-" in keywords[1][0]:
            # A branch that only excludes would make the index read every word: give it something to start from.
            return f"({keywords[0]} && %s::tsquery)", [*keywords[1], quoted(documents.EVERY)]
        if keywords:
            return keywords
        return ("%s::tsquery", [facets]) if facets else None

    def job_ids(self, *, at) -> RawSQL:
        """The ids of the open jobs found, for filter(pk__in=…)."""
        sql, params = condition(self, at=at)
        return RawSQL(f"SELECT job_id FROM {TABLE} WHERE {sql}", params)  # noqa: S611 -- no value is in the SQL

    def facet_tsquery(self) -> str:
        groups = [" | ".join(map(quoted, group)) for group in self.facet_groups()]
        if not groups and self.companies_out:
            groups = [quoted(documents.EVERY)]
        return " & ".join(
            [f"({group})" for group in groups] + ["!" + quoted(token) for token in self.excluded_tokens()]
        )


DEFAULTS: dict[str, dict] = {
    "q": {"keywords": ""},
    "posted": {"posted_within": None},
    "sort": {"sort": "newest"},
}


def quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def lists_of(query: Mapping) -> dict[str, list[str]]:
    """Every parameter with all its values, whether the mapping is a QueryDict or a plain one."""
    if hasattr(query, "lists"):
        return dict(query.lists())
    return {name: list(value) if isinstance(value, list | tuple) else [value] for name, value in query.items()}


def clean_text(value) -> str:
    """One line of text that pages can show and PostgreSQL can hold."""
    return " ".join(filter(None, map(unturned, legible(str(value)).split())))


def one_spelling(keywords: str) -> str:
    """Small letters, and no OR that has nothing on one of its sides."""
    return LONE_OR.sub("", keywords.lower())


def read_list(name: str, values) -> tuple[str, ...]:
    found = {str(value).strip() for value in values}
    if name in KNOWN_CODES:
        found = {value.upper() if name == "country" else value for value in found}
        return tuple(code for code in KNOWN_CODES[name] if code in found)
    return tuple(sorted(value for value in found if SLUG.fullmatch(value)))[:MOST_VALUES]


def read_number(text: str | None, highest: int) -> int | None:
    """A whole number from 1 to `highest` as people write it ('70,000', '70.000', '70 000', '70k'), else None."""
    plain = re.sub(r"[\s_'’]", "", text or "").lower()
    if len(plain) > LONGEST_NUMBER or not (found := GROUPED.fullmatch(plain) or UNGROUPED.fullmatch(plain)):
        return None
    whole, decimals, thousands = re.sub(r"\D", "", found["whole"]), found["decimals"] or "0", plain.endswith("k")
    number = int(Decimal(f"{whole}.{decimals}") * (1000 if thousands else 1))
    return number if 1 <= number <= highest else None


def read_choice(text: str | None, choices, default: str) -> str:
    return text if text in choices else default


def read_currency(text: str | None) -> str:
    code = (text or "").upper()
    return code if re.fullmatch("[A-Z]{3}", code) and code in LOCALE.currencies else "USD"


def posted_in_words(days: int) -> str:
    return "posted in the last day" if days == 1 else f"posted in the last {days} days"

"""A row of a table as an advert in our words, or what is wrong with it, field by field."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from babel.numbers import get_currency_precision
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email

from accounts.characters import readable
from jobs import pay, validators
from jobs.countries import country_codes
from jobs.files import Row
from jobs.models import EmploymentType, Job, Level, Workplace
from sources import guesses

# The highest pay that is believed, in major units a year; above it a figure is a slip.
HIGHEST_PAY = Decimal(10**9)
AMOUNT = re.compile(r"^[^\d\-.,]{0,3}\s*(\d{1,3}(?:[, \u00a0\u202f']\d{3})+|\d+)(\.\d{1,2})?\s*(k?)$", re.IGNORECASE)
PERIODS = {
    "hour": pay.Period.HOUR, "hourly": pay.Period.HOUR, "hr": pay.Period.HOUR,
    "day": pay.Period.DAY, "daily": pay.Period.DAY,
    "week": pay.Period.WEEK, "weekly": pay.Period.WEEK,
    "month": pay.Period.MONTH, "monthly": pay.Period.MONTH,
    "year": pay.Period.YEAR, "yearly": pay.Period.YEAR, "annual": pay.Period.YEAR, "annually": pay.Period.YEAR,
}  # fmt: skip
WORKPLACES = {
    "remote": Workplace.REMOTE, "true": Workplace.REMOTE, "yes": Workplace.REMOTE, "telecommute": Workplace.REMOTE,
    "fully remote": Workplace.REMOTE, "hybrid": Workplace.HYBRID, "onsite": Workplace.ONSITE,
    "on-site": Workplace.ONSITE, "on site": Workplace.ONSITE, "office": Workplace.ONSITE,
    "false": "", "no": "", "unspecified": "", "unknown": "",
}  # fmt: skip
EMPLOYMENT_TYPES = {
    "fulltime": EmploymentType.FULL_TIME, "permanent": EmploymentType.FULL_TIME,
    "parttime": EmploymentType.PART_TIME,
    "contract": EmploymentType.CONTRACT, "contractor": EmploymentType.CONTRACT,
    "freelance": EmploymentType.FREELANCE,
    "intern": EmploymentType.INTERNSHIP, "internship": EmploymentType.INTERNSHIP,
    "temporary": EmploymentType.TEMPORARY, "temp": EmploymentType.TEMPORARY,
}  # fmt: skip
LEVELS = {
    "intern": Level.INTERN, "internship": Level.INTERN, "junior": Level.JUNIOR, "entry": Level.JUNIOR,
    "entry level": Level.JUNIOR, "middle": Level.MIDDLE, "mid": Level.MIDDLE, "mid-level": Level.MIDDLE,
    "midweight": Level.MIDDLE, "senior": Level.SENIOR, "lead": Level.LEAD, "principal": Level.LEAD,
    "executive": Level.EXECUTIVE, "any": "", "all": "",
}  # fmt: skip
UNKNOWN = {"unknown", "n/a", "na", "none", "null", "-", "-1"}


@dataclass
class Advert:
    """`fields` are JSON values; money in minor units, countries as ISO codes, category and regions as slugs."""

    line: int
    external_id: str = ""
    fields: dict = field(default_factory=dict)
    problems: list[dict] = field(default_factory=list)

    def refuse(self, name: str, problem: str):
        self.problems.append({"field": name, "problem": problem})


@dataclass(frozen=True)
class Taxonomy:
    """The board's words an advert is read against; loaded once for a file."""

    categories: dict[str, str]  # slug → name
    regions: dict[str, str]  # ISO code of a country → slug of the region that is this country
    default_category: str


def read_advert(row: Row, columns: dict[str, str], taxonomy: Taxonomy) -> Advert:
    advert = Advert(row.line)
    if row.problem:
        advert.refuse("row", row.problem)
        return advert
    cells = Cells(advert, {name: row.cells.get(header, "") for name, header in columns.items()})
    read_words(cells, taxonomy)
    read_ways_to_apply(cells)
    read_pay(cells)
    read_company(cells)
    advert.external_id = cells.text("reference", longest=200)
    return advert


class Cells:
    """A row's cells by our names; reading one puts its value, or what is wrong with it, into the advert."""

    def __init__(self, advert: Advert, values: dict[str, str]):
        self.advert = advert
        self.values = {name: readable(value) for name, value in values.items()}

    def keep(self, name: str, value):
        self.advert.fields[name] = value

    def raw(self, name: str) -> str:
        return self.values.get(name, "")

    def text(self, name: str, *, longest: int, required: bool = False) -> str:
        """One line of text; spaces and line breaks become one space."""
        value = " ".join(self.raw(name).split())
        if required and not value:
            self.advert.refuse(name, "It is empty.")
        if len(value) > longest:
            self.advert.refuse(name, f"It has {len(value):,} characters; {longest} is the most.")
        return value

    def word(self, name: str, words: dict, example: str) -> str:
        """The value a word of a closed list stands for; a word that isn't in it is a problem."""
        said = self.raw(name).strip().lower()
        if said and said not in words:
            self.advert.refuse(name, f"“{self.raw(name)[:60]}” isn't known; write {example}.")
        return str(words.get(said, ""))

    def checked(self, name: str, check: Callable, value):
        """The value, kept even when the check refuses it, so that the preview shows what was given."""
        try:
            if value:
                check(value)
        except ValidationError as error:
            self.advert.refuse(name, " ".join(error.messages))
        return value


def read_words(cells: Cells, taxonomy: Taxonomy):
    title = cells.checked("title", validators.validate_title, cells.text("title", longest=200, required=True))
    cells.keep("title", title)
    cells.keep("company", cells.text("company", longest=160, required=True))
    cells.keep("location", cells.text("location", longest=160))
    cells.keep("description", read_description(cells))
    cells.keep("category", read_category(cells, title, taxonomy))
    cells.keep(
        "level",
        cells.word("level", LEVELS, "intern, junior, middle, senior, lead or executive") or guesses.level_of(title),
    )
    cells.keep(
        "workplace", cells.word("workplace", WORKPLACES, "remote, hybrid or on-site") or guesses.workplace_of(title)
    )
    cells.keep("employment_types", read_employment_types(cells) or guesses.employment_types_of(title))
    cells.keep("regions", read_regions(cells, taxonomy))
    cells.keep("countries", read_countries(cells, "countries"))
    cells.keep("tags", read_tags(cells))
    cells.keep("expires_on", read_day(cells, "expires_on"))


def read_description(cells: Cells) -> str:
    text = cells.raw("description").replace("\r\n", "\n").replace("\r", "\n").strip()
    if not text:
        cells.advert.refuse("description", "It is empty.")
    return cells.checked("description", validators.validate_description, text)


def read_category(cells: Cells, title: str, taxonomy: Taxonomy) -> str:
    """The category the row names, else the one its title names, else the source's own."""
    said = " ".join(cells.raw("category").split())
    for slug, name in taxonomy.categories.items():
        if said.lower() in (slug, name.lower()):
            cells.keep("names_category", True)
            return slug
    cells.keep("unknown_category", said[:60])
    slug, word = guesses.category_of(title)
    found = slug if slug in taxonomy.categories else ""
    cells.keep("category_word", word if found else "")
    return found or taxonomy.default_category


def read_employment_types(cells: Cells) -> list[str]:
    types = []
    for said in listed(cells.raw("employment_types")):
        known = EMPLOYMENT_TYPES.get(re.sub(r"[^a-z]", "", said.lower()))
        if known is None:
            cells.advert.refuse("employment_types", f"“{said[:60]}” isn't known; write full-time, part-time, contract…")
        elif known not in types:
            types.append(str(known))
    return types


def read_regions(cells: Cells, taxonomy: Taxonomy) -> list[str]:
    """Where the place is; it says nothing about who may apply."""
    countries = read_countries(cells, "country")
    return sorted({taxonomy.regions[code] for code in countries if code in taxonomy.regions})


def read_countries(cells: Cells, name: str) -> list[str]:
    codes = []
    for said in listed(cells.raw(name)):
        code = country_codes().get(said.lower())
        if code is None:
            cells.advert.refuse(name, f"“{said[:60]}” isn't a country; write its name or its two-letter code.")
        elif code not in codes:
            codes.append(code)
    return codes


def listed(cell: str) -> list[str]:
    return [part.strip() for part in re.split(r"[,;|\n]", cell) if part.strip()]


def read_tags(cells: Cells) -> list[str]:
    tags = listed(cells.raw("tags"))
    if too_long := next((tag for tag in tags if len(tag) > 40), None):
        cells.advert.refuse("tags", f"“{too_long[:60]}” is longer than 40 characters.")
    return list(dict.fromkeys(tags))[:20]


def read_day(cells: Cells, name: str) -> str:
    said = cells.raw(name).strip()
    if not said:
        return ""
    try:
        day = date.fromisoformat(said[:10])
    except ValueError:
        cells.advert.refuse(name, f"“{said[:40]}” isn't a date; write 2027-01-31.")
        return ""
    if day.year == date.max.year:
        return ""  # how programs write that there is no last day
    cells.checked(name, validators.validate_within_two_years, day)
    return day.isoformat()


def read_ways_to_apply(cells: Cells):
    url = cells.text("apply_url", longest=1000)
    email = cells.text("apply_email", longest=254)
    if not url and not email:
        cells.advert.refuse("apply_url", "There is neither an address to apply at nor an e-mail.")
    cells.keep("apply_url", cells.checked("apply_url", check_address, url))
    # A job has one way to apply; the address is the surer one.
    cells.keep("apply_email", cells.checked("apply_email", validate_email, "" if url else email))


def check_address(url: str):
    validators.validate_apply_url(url)
    Job._meta.get_field("apply_url").run_validators(url)


def read_pay(cells: Cells):
    lowest, highest = read_amount(cells, "pay_min"), read_amount(cells, "pay_max")
    is_stated = lowest is not None or highest is not None
    currency = read_currency(cells) if is_stated else ""
    period = cells.word("pay_period", PERIODS, "hour, day, week, month or year") if is_stated else ""
    if is_stated and not period and not cells.raw("pay_period"):
        cells.advert.refuse("pay_period", "Pay needs a period: hour, day, week, month or year.")
    if lowest is not None and highest is not None and lowest > highest:
        cells.advert.refuse("pay_min", "The lowest pay is above the highest.")
    if currency and not get_currency_precision(currency):
        for name, amount in (("pay_min", lowest), ("pay_max", highest)):
            if amount is not None and amount % 1:
                cells.advert.refuse(name, f"“{amount}” has decimals, and {currency} has none.")
    cells.keep("pay_min", minor_units(lowest, currency))
    cells.keep("pay_max", minor_units(highest, currency))
    cells.keep("pay_currency", currency)
    cells.keep("pay_period", period)


def read_amount(cells: Cells, name: str) -> Decimal | None:
    """Major units of '85,000', '$85k', '25.50'; none when empty."""
    said = cells.raw(name).strip()
    if not said or said.lower() in UNKNOWN:
        return None
    found = AMOUNT.match(said)
    amount = decimal_of(found) if found else None
    if problem := problem_of(said, amount):
        cells.advert.refuse(name, f"“{said[:40]}” {problem}")
        return None
    return amount


def problem_of(said: str, amount: Decimal | None) -> str:
    """What is wrong with an amount, as the end of a sentence; "" when nothing is."""
    if amount is None:
        is_negative = said[0] in "-−" and AMOUNT.match(said[1:].strip())
        return "is below zero." if is_negative else "isn't an amount; write 85000 or 25.50."
    if not amount:
        return "is no pay; leave it empty when the advert states none."
    return f"is too large; {HIGHEST_PAY:,} is the most." if amount > HIGHEST_PAY else ""


def decimal_of(found: re.Match) -> Decimal | None:
    try:
        amount = Decimal(re.sub(r"\D", "", found[1]) + (found[2] or ""))
    except InvalidOperation:
        return None
    return amount * 1000 if found[3] else amount


def read_currency(cells: Cells) -> str:
    said = cells.raw("pay_currency").strip().upper()
    if not said:
        cells.advert.refuse("pay_currency", "Pay needs a currency: its three letters, such as USD.")
        return ""
    if not pay.is_currency(said):
        cells.advert.refuse("pay_currency", f"“{said[:20]}” isn't a currency; write its three letters, such as USD.")
        return ""
    return said


def minor_units(amount: Decimal | None, currency: str) -> int | None:
    return None if amount is None or not currency else int(amount.scaleb(get_currency_precision(currency)))


def read_company(cells: Cells):
    cells.keep(
        "company_website",
        cells.checked("company_website", URLValidator(["http", "https"]), fact(cells, "company_website", 500)),
    )
    cells.keep("company_headquarters", fact(cells, "company_headquarters", 160))
    cells.keep("company_size", fact(cells, "company_size", 60))
    cells.keep("company_industry", fact(cells, "company_industry", 120))
    cells.keep("company_founded_year", read_year(cells))


def fact(cells: Cells, name: str, longest: int) -> str:
    said = cells.text(name, longest=longest)
    return "" if said.lower() in UNKNOWN else said


def read_year(cells: Cells) -> int | None:
    said = fact(cells, "company_founded", 40)
    if not said:
        return None
    if not re.fullmatch("[0-9]{4}", said) or not validators.may_be_founded_in(int(said)):
        cells.advert.refuse("company_founded", f"“{said}” isn't a year.")
        return None
    return int(said)

"""What a job's facts are called on a page: where it is, who may apply, how old it is."""

import re
from datetime import datetime, timedelta

from accounts.regions import countries
from jobs.models import EmploymentType, Job, Level, Workplace
from jobs.pay import TIMES_A_YEAR, Period, pay_in_words

AN_HOUR, A_DAY = 60, 24 * 60
# From so many minutes on, an age is told in units of so many minutes.
AGES = [
    (60 * A_DAY, 30 * A_DAY, "month"),
    (14 * A_DAY, 7 * A_DAY, "week"),
    (A_DAY, A_DAY, "day"),
    (AN_HOUR, AN_HOUR, "hour"),
]
MANY_COUNTRIES, FEW_COUNTRIES = 6, 3
# What adverts write for a place when they mean none.
EVERYWHERE = ("anywhere", "worldwide", "remote", "global", "anywhere in the world")
# Names in which adverts write a country beside its own.
SHORT_NAMES = {"US": ("USA", "US"), "GB": ("UK", "Great Britain")}
LEVEL_WORDS = r"\b(senior|sr|junior|jr|middle|mid|lead|staff|principal|intern|trainee|entry[ -]level|i{1,3}|iv)\b\.?"


def pay_a_year(job: Job) -> str:
    """The pay for a whole year in the same currency, when the advert states another period; else ""."""
    if job.pay_period in ("", Period.YEAR):
        return ""
    times = TIMES_A_YEAR[Period(job.pay_period)]
    low, high = (amount and amount * times for amount in (job.pay_min, job.pay_max))
    return pay_in_words(Job(pay_min=low, pay_max=high, pay_currency=job.pay_currency, pay_period=Period.YEAR))


def country(code: str) -> str:
    return countries().get(code, code)


def who_may_apply(job: Job) -> str:
    """One sentence that says where applicants may live."""
    if job.open_worldwide:
        return "You may apply from anywhere in the world."
    names = areas(job)
    if not names:
        return "The advert doesn’t say where applicants may live."
    if len(names) > MANY_COUNTRIES:
        names = [*names[: MANY_COUNTRIES - 1], f"{len(names) - MANY_COUNTRIES + 1} more places"]
    return f"You may apply from {enumerated(names)}."


def all_areas(job: Job) -> list[str]:
    """Where applicants may live, when that is more than the sentence says."""
    names = areas(job)
    return names if len(names) > MANY_COUNTRIES and not job.open_worldwide else []


def areas(job: Job) -> list[str]:
    """The regions the job names and the countries that none of them holds; needs the regions prefetched."""
    regions = [region for region in job.regions.all() if set(region.countries) <= set(job.countries)]
    held = {code for region in regions for code in region.countries}
    singles = [country(code) for code in job.countries if code not in held]
    return sorted({with_article(region.name) for region in regions} | {with_article(name) for name in singles})


def with_article(name: str) -> str:
    """ "the United States", as a sentence says it."""
    takes = name.startswith("United") or name in ("Netherlands", "Philippines", "Czech Republic")
    return f"the {name}" if takes else name


def enumerated(names: list[str]) -> str:
    return "".join(names) if len(names) < 2 else f"{', '.join(names[:-1])} and {names[-1]}"


def who_may_apply_briefly(job: Job) -> str:
    """For a row of a list: "Anywhere", "Canada and the United States", "Germany and 3 more", "14 countries".

    "" when the advert doesn’t say, or when the place beside it has said it.
    """
    if job.open_worldwide:
        return "Anywhere"
    if len(job.countries) > MANY_COUNTRIES:
        return f"{len(job.countries)} countries"
    place = where(job)
    if not job.countries or all(is_said(code, place) for code in job.countries):
        return ""
    names = [with_article(country(code)) for code in job.countries]
    if len(names) > FEW_COUNTRIES:
        return f"{country(job.countries[0])} and {len(names) - 1} more"
    return enumerated(sorted(names)) if len(names) > 1 else country(job.countries[0])


def is_said(code: str, words: str) -> bool:
    """Whether the words name the country."""
    names = "|".join(re.escape(name) for name in (country(code), *SHORT_NAMES.get(code, ())))
    return bool(re.search(rf"\b({names})\b", words, re.IGNORECASE))


def where(job: Job) -> str:
    """Where the work is done, each thing once: "Remote", "Berlin", "Remote, Berlin", "Hybrid in Berlin"."""
    label, place = Workplace(job.workplace).label if job.workplace else "", job.location.strip()
    if job.workplace == Workplace.REMOTE and place.casefold() in EVERYWHERE:
        return label
    if not label or re.search(rf"^{label}\b", place, re.IGNORECASE):
        return place[:1].upper() + place[1:]
    if job.workplace != Workplace.REMOTE:
        return f"{label} in {place}" if place else label
    return f"{label}, {re.sub('^Anywhere ', 'anywhere ', place)}" if place else label


def employment_types(job: Job) -> str:
    return ", ".join(EmploymentType(kind).label for kind in job.employment_types)


def kind(job: Job) -> str:
    """For a row of a list: "Full-time, Senior"."""
    return ", ".join(part for part in (employment_types(job), Level(job.level).label if job.level else "") if part)


def is_new(job: Job, now: datetime) -> bool:
    return now - job.published_at < timedelta(days=1)


def age(then: datetime, now: datetime) -> str:
    """How long ago, in the one unit a reader needs."""
    minutes = int((now - then).total_seconds() // 60)
    for least, size, unit in AGES:
        if minutes >= least:
            return ago(minutes // size, unit)
    return "just now"


def ago(count: int, unit: str) -> str:
    return f"{count} {unit}{'' if count == 1 else 's'} ago"


def role_words(title: str) -> str:
    """What the job is called anywhere: "Senior Data Engineer (m/f/d) - Payments" is a "Data Engineer"."""
    plain = re.sub(r"\(.*?\)|\[.*?\]", " ", title)
    plain = re.split(r"\s[-–—|/]\s|[,:|–—]", plain.strip(" -–—|/,:"))[0]
    words = re.sub(LEVEL_WORDS, " ", plain, flags=re.IGNORECASE)
    words = re.sub(r"[^\w\s+#.&-]", " ", words)
    return " ".join(words.split()) or " ".join(title.split())

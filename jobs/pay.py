"""Pay as adverts state it, and one figure to compare it by."""

import time
from decimal import ROUND_HALF_UP, Decimal

from babel import Locale
from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol
from django.db import connection, models, transaction


class Period(models.TextChoices):
    HOUR = "hour", "an hour"
    DAY = "day", "a day"
    WEEK = "week", "a week"
    MONTH = "month", "a month"
    YEAR = "year", "a year"


# A working year: 52 weeks of 40 hours, 260 days, 12 months.
TIMES_A_YEAR = {Period.HOUR: 2080, Period.DAY: 260, Period.WEEK: 52, Period.MONTH: 12, Period.YEAR: 1}


# What ISO 4217 has codes for and nobody is paid in: metals, units of account, "for testing" and "no currency".
NOT_PAID_IN = frozenset(
    ("XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XFO", "XFU", "XPD", "XPT", "XRE", "XSU", "XTS", "XUA", "XXX")
)
# In dollars a year. More is a slip in the pay or in its rate, and far below what the database can hold.
MOST_A_YEAR = 10**15


# Rates as they were read last, and when: an import asks for thousands. Another process sees a change a minute later.
REMEMBERED_FOR = 60
remembered: dict = {"until": 0.0, "dollars": {}}


class ExchangeRate(models.Model):
    """What one unit of a currency is worth in US dollars; only for comparing and filtering, never shown as pay."""

    currency = models.CharField(max_length=3, primary_key=True)
    dollars = models.DecimalField(max_digits=16, decimal_places=8)
    as_of = models.DateField()
    source = models.CharField(max_length=120)

    def __str__(self):
        return f"1 {self.currency} = {self.dollars} USD"

    @transaction.atomic
    def save(self, **kwargs):
        super().save(**kwargs)
        forget_rates()
        recompute_yearly_pay(self.currency, self.dollars)

    @transaction.atomic
    def delete(self, **kwargs):
        recompute_yearly_pay(self.currency, None)
        forget_rates()
        return super().delete(**kwargs)


def is_currency(code: str) -> bool:
    """Whether somebody can be paid in it; `code` in capitals."""
    return code in Locale("en").currencies and code not in NOT_PAID_IN


def dollars_of(currency: str) -> Decimal | None:
    """What one unit of the currency is worth in US dollars, if known."""
    if currency == "USD":
        return Decimal(1)
    if time.monotonic() >= remembered["until"]:
        remembered["dollars"] = dict(ExchangeRate.objects.values_list("currency", "dollars"))
        remembered["until"] = time.monotonic() + REMEMBERED_FOR
    return remembered["dollars"].get(currency)


def forget_rates() -> None:
    remembered["until"] = 0.0


def recompute_yearly_pay(currency: str, dollars: Decimal | None) -> None:
    """Bring the yearly pay of every job in this currency up to date, and what search compares it by."""
    params = {"currency": currency, "dollars": dollars, "minor_units": 10 ** get_currency_precision(currency)}
    params["most"] = MOST_A_YEAR
    with connection.cursor() as cursor:
        cursor.execute(RECOMPUTE_JOBS, params)
        for table in ("jobs_jobdocument", "jobs_sampleddocument"):
            cursor.execute(RECOMPUTE_DOCUMENTS.format(table=table), params)


# The same figure as yearly_dollars() gives.
RECOMPUTE_JOBS = f"""
UPDATE jobs_job SET pay_yearly = (SELECT CASE WHEN yearly <= %(most)s THEN yearly END FROM (SELECT round(
    coalesce(pay_max, pay_min)::numeric / %(minor_units)s * %(dollars)s
    * CASE pay_period {" ".join(f"WHEN '{period.value}' THEN {times}" for period, times in TIMES_A_YEAR.items())} END
) AS yearly) AS worked_out)
WHERE pay_currency = %(currency)s AND coalesce(pay_max, pay_min) IS NOT NULL
"""
RECOMPUTE_DOCUMENTS = """
UPDATE {table} document SET pay_yearly = job.pay_yearly
FROM jobs_job job WHERE job.id = document.job_id AND job.pay_currency = %(currency)s
"""


def yearly_dollars(amount: int | None, currency: str, period: str) -> int | None:
    """Whole US dollars a year for `amount` minor units each `period`.

    None when unstated, the rate is unknown, or it would be more than MOST_A_YEAR.
    """
    dollars = dollars_of(currency) if amount is not None else None
    if dollars is None:
        return None
    yearly = major_units(amount, currency) * TIMES_A_YEAR[Period(period)] * dollars
    return int(yearly.quantize(Decimal(1), ROUND_HALF_UP)) if yearly <= MOST_A_YEAR else None


def pay_in_words(job) -> str:
    """The pay as the advert states it: '$70,000–90,000 a year', 'from €45 an hour' or 'Pay not stated'."""
    low, high = job.pay_min, job.pay_max
    if low is None and high is None:
        return "Pay not stated"
    period = Period(job.pay_period).label
    if low is None:
        return f"up to {money(high, job.pay_currency)} {period}"
    if high is None:
        return f"from {money(low, job.pay_currency)} {period}"
    if low == high:
        return f"{money(low, job.pay_currency)} {period}"
    return f"{money(low, job.pay_currency)}–{number(high, job.pay_currency)} {period}"


def is_wide_range(job) -> bool:
    """Whether the highest pay is more than twice the lowest: then the range says little."""
    return bool(job.pay_min and job.pay_max) and job.pay_max > 2 * job.pay_min


def money(amount: int, currency: str) -> str:
    """Minor units with the currency's sign, or its code where it has none of its own: '$70,000', 'CHF 95.50'."""
    sign = get_currency_symbol(currency, locale="en")
    return f"{sign}\u00a0{number(amount, currency)}" if sign.isalpha() else f"{sign}{number(amount, currency)}"


def number(amount: int, currency: str) -> str:
    """Minor units as a number in major units, with decimals only where there are any."""
    value = major_units(amount, currency)
    pattern = "#,##0" if value == value.to_integral_value() else "#,##0." + "0" * get_currency_precision(currency)
    return format_decimal(value, pattern, locale="en")


def rounded_money(amount: int, currency: str) -> str:
    """Minor units to three figures that count, for what is no stated amount: '$72,300' for 72,345.60."""
    major = major_units(amount, currency)
    places = 2 - major.adjusted()
    return money(int(round(major, places) * 10 ** get_currency_precision(currency)), currency)


def major_units(amount: int, currency: str) -> Decimal:
    """1250 minor units of EUR are 12.50; of JPY, which has none, 1250."""
    return Decimal(amount).scaleb(-get_currency_precision(currency))


def minor_units(amount: int, currency: str) -> int:
    return amount * 10 ** get_currency_precision(currency)

"""Pay as adverts state it, and one figure to compare it by."""

import time
from decimal import Decimal

from babel.numbers import get_currency_precision
from django.db import models


class Period(models.TextChoices):
    HOUR = "hour", "an hour"
    DAY = "day", "a day"
    WEEK = "week", "a week"
    MONTH = "month", "a month"
    YEAR = "year", "a year"


# A working year: 52 weeks of 40 hours, 260 days, 12 months.
TIMES_A_YEAR = {Period.HOUR: 2080, Period.DAY: 260, Period.WEEK: 52, Period.MONTH: 12, Period.YEAR: 1}


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

    def save(self, **kwargs):
        super().save(**kwargs)
        forget_rates()


def dollars_of(currency: str) -> Decimal | None:
    """What one unit of the currency is worth in US dollars, if known."""
    if time.monotonic() >= remembered["until"]:
        remembered["dollars"] = dict(ExchangeRate.objects.values_list("currency", "dollars"))
        remembered["until"] = time.monotonic() + REMEMBERED_FOR
    return Decimal(1) if currency == "USD" else remembered["dollars"].get(currency)


def forget_rates() -> None:
    remembered["until"] = 0.0


def yearly_dollars(amount: int | None, currency: str, period: str) -> int | None:
    """Whole US dollars a year for `amount` minor units each `period`; None when unstated or the rate is unknown."""
    dollars = dollars_of(currency) if amount is not None else None
    if dollars is None:
        return None
    return round(major_units(amount, currency) * TIMES_A_YEAR[Period(period)] * dollars)


def major_units(amount: int, currency: str) -> Decimal:
    """1250 minor units of EUR are 12.50; of JPY, which has none, 1250."""
    return Decimal(amount).scaleb(-get_currency_precision(currency))


def minor_units(amount: int, currency: str) -> int:
    return amount * 10 ** get_currency_precision(currency)

from decimal import Decimal

import pytest
from django.utils import timezone

from jobs import pay
from jobs.documents import JobDocument
from jobs.models import Category, Company, Job
from jobs.pay import ExchangeRate
from tests.factories import CompanyFactory, JobFactory


@pytest.mark.parametrize(
    ("low", "high", "currency", "period", "words"),
    [
        (7_000_000, 9_000_000, "USD", "year", "$70,000–90,000 a year"),
        (4500, 4500, "EUR", "hour", "€45 an hour"),
        (2250, None, "GBP", "hour", "from £22.50 an hour"),
        (None, 500_000, "JPY", "month", "up to ¥500,000 a month"),
        (9_550_000, 10_000_000, "CHF", "year", "CHF\u00a095,500–100,000 a year"),
        (None, None, "", "", "Pay not stated"),
    ],
)
def test_pay_is_said_as_the_advert_states_it(low, high, currency, period, words):
    job = Job(pay_min=low, pay_max=high, pay_currency=currency, pay_period=period)

    assert pay.pay_in_words(job) == words


@pytest.mark.parametrize(("low", "high", "is_wide"), [(100, 200, False), (100, 201, True), (100, None, False)])
def test_a_range_is_wide_beyond_twice_its_lowest(low, high, is_wide):
    assert pay.is_wide_range(Job(pay_min=low, pay_max=high)) is is_wide


@pytest.mark.django_db
def test_yearly_pay_takes_the_seeded_rates():
    pay.forget_rates()

    assert pay.yearly_dollars(4500, "EUR", "hour") == round(45 * 2080 * Decimal("1.082251"))
    assert pay.yearly_dollars(1_000_000, "JPY", "month") == round(12_000_000 * Decimal("0.007117"))
    assert pay.yearly_dollars(100_00, "USD", "week") == 5200
    assert pay.yearly_dollars(100, "XAF", "week") is None


@pytest.mark.django_db
def test_a_new_rate_recomputes_jobs_and_what_search_compares():
    company = Company(name="Acme")
    company.save()
    job = Job(
        title="Cook",
        company=company,
        category=Category.objects.get(slug="dev"),
        description_raw="Cook.",
        apply_url="https://example.com/",
        pay_min=1001,
        pay_currency="EUR",
        pay_period="hour",
    )
    job.save()
    job.publish(by=None, at=timezone.now())
    rate = ExchangeRate.objects.get(currency="EUR")

    rate.dollars = Decimal("1.5")
    rate.save()

    job.refresh_from_db()
    expected = round(Decimal("10.01") * 2080 * Decimal("1.5"))
    assert job.pay_yearly == pay.yearly_dollars(1001, "EUR", "hour") == expected
    assert JobDocument.objects.get(job=job).pay_yearly == expected


@pytest.mark.django_db
def test_no_pay_and_no_rate_are_too_much_for_the_database():
    company = CompanyFactory()
    usual, absurd = (
        JobFactory(company=company, pay_min=amount, pay_max=None, pay_currency="JPY", pay_period="hour")
        for amount in (2000, 10**9)
    )

    ExchangeRate.objects.get(currency="JPY").delete()
    ExchangeRate(currency="JPY", dollars=Decimal("99999999"), as_of="2026-01-01", source="A slip").save()

    for job in (usual, absurd):
        job.refresh_from_db()
    at_once = [pay.yearly_dollars(job.pay_min, "JPY", "hour") for job in (usual, absurd)]
    assert [usual.pay_yearly, absurd.pay_yearly] == at_once == [2000 * 2080 * 99_999_999, None]
    assert JobDocument.objects.get(job=absurd).pay_yearly is None
    absurd.save()


ADD_RATE = "/admin/jobs/exchangerate/add/"
OTHER_WAY_ROUND = (
    "Write what one unit of the currency is worth in dollars, such as 0.0071 for JPY: above 0, and 10 at most."
)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("dollars", "0", OTHER_WAY_ROUND),
        ("dollars", "-1", OTHER_WAY_ROUND),
        ("dollars", "140.5", OTHER_WAY_ROUND),
        ("dollars", "NaN", "Enter a number."),
        ("currency", "ZZZ", "Write the three letters of a currency, such as USD."),
        ("currency", "XAU", "Write the three letters of a currency, such as USD."),
        ("currency", "USD", "The dollar needs no rate: one is one."),
        ("as_of", "9999-12-31", "This day is yet to come; give the day that the rate is of."),
    ],
)
def test_a_rate_that_cannot_be_is_refused_at_its_field(field, value, said, editor_client):
    rate = {"currency": "pln", "dollars": "0.25", "as_of": "2026-01-31", "source": "ECB"}

    refused = editor_client.post(ADD_RATE, rate | {field: value})
    kept = editor_client.post(ADD_RATE, rate)

    assert refused.context["adminform"].form.errors == {field: [said]}
    assert (kept.status_code, ExchangeRate.objects.get(currency="PLN").dollars) == (302, Decimal("0.25"))


@pytest.mark.django_db
def test_many_jobs_ask_for_the_rates_once(django_assert_num_queries):
    pay.forget_rates()

    with django_assert_num_queries(1):
        for amount in range(1, 100):
            pay.yearly_dollars(amount, "EUR", "year")

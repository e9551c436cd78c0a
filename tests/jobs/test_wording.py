from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import wording
from tests.factories import JobFactory


@pytest.mark.parametrize(
    ("title", "role"),
    [
        ("Data Engineer", "Data Engineer"),
        ("Senior Data Engineer (m/f/d) - Payments", "Data Engineer"),
        ("Sr. Machine Learning Engineer, Search", "Machine Learning Engineer"),
        ("Software Engineer II | Berlin", "Software Engineer"),
        ("C++ Developer [Remote]", "C++ Developer"),
        ("Lead", "Lead"),
        ("- ", "-"),
        ("مهندس برمجيات أول", "مهندس برمجيات أول"),
    ],
)
def test_the_role_is_what_the_job_is_called_anywhere(title, role):
    assert wording.role_words(title) == role


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (timedelta(minutes=-3), "just now"),
        (timedelta(minutes=59), "just now"),
        (timedelta(hours=1), "1 hour ago"),
        (timedelta(hours=23, minutes=59), "23 hours ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=14), "2 weeks ago"),
        (timedelta(days=59), "8 weeks ago"),
        (timedelta(days=60), "2 months ago"),
        (timedelta(days=800), "26 months ago"),
    ],
)
def test_an_age_is_told_in_one_unit(age, words):
    now = timezone.now()

    assert wording.age(now - age, now) == words


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"countries": ["DE"]}, "You may apply from Germany."),
        ({"countries": ["US", "DE"]}, "You may apply from Germany and the United States."),
        ({"countries": [], "open_worldwide": True}, "You may apply from anywhere in the world."),
        ({"countries": []}, "The advert doesn't say where applicants may live."),
        (
            {"countries": ["AT", "BE", "CH", "DE", "ES", "FR", "IT"]},
            "You may apply from Austria, Belgium, France, Germany, Italy and 2 more places.",
        ),
        ({"countries": ["GB"], "regions": ["uk"]}, "You may apply from the United Kingdom."),
        ({"countries": ["US", "CA"], "regions": ["usa"]}, "You may apply from Canada and the United States."),
    ],
)
def test_who_may_apply_is_a_sentence(fields, sentence):
    assert wording.who_may_apply(JobFactory(**fields)) == sentence


@pytest.mark.parametrize(
    ("countries", "worldwide", "words"),
    [
        ([], True, "Anywhere"),
        ([], False, ""),
        (["DE"], False, "Germany"),
        (["DE", "AT"], False, "Germany and 1 more"),
        (["AT", "BE", "CH", "DE", "ES", "FR", "IT"], False, "7 countries"),
        (["ZZ"], False, "ZZ"),
    ],
)
def test_a_row_says_it_in_few_words(countries, worldwide, words):
    job = JobFactory.build(category=None, countries=countries, open_worldwide=worldwide)

    assert wording.who_may_apply_briefly(job) == words


@pytest.mark.parametrize(
    ("fields", "yearly"),
    [
        ({}, ""),
        ({"pay_min": 100_000, "pay_currency": "EUR", "pay_period": "year"}, ""),
        ({"pay_min": 4500, "pay_max": 6000, "pay_currency": "EUR", "pay_period": "hour"}, "€93,600–124,800 a year"),
        ({"pay_max": 400_000, "pay_currency": "JPY", "pay_period": "month"}, "up to ¥4,800,000 a year"),
    ],
)
def test_pay_of_another_period_is_told_for_a_year_too(fields, yearly):
    assert wording.pay_a_year(JobFactory.build(category=None, **fields)) == yearly


@pytest.mark.parametrize(
    ("workplace", "location", "words"),
    [
        ("remote", "Berlin", "Remote"),
        ("hybrid", "Berlin", "Hybrid in Berlin"),
        ("onsite", "", "On-site"),
        ("", "Berlin", ""),
    ],
)
def test_the_workplace_says_where(workplace, location, words):
    assert wording.workplace(JobFactory.build(category=None, workplace=workplace, location=location)) == words

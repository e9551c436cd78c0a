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
        ({"countries": []}, "The advert doesn’t say where applicants may live."),
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
        (["US"], False, "United States"),
        (["US", "CA"], False, "Canada and the United States"),
        (["DE", "AT", "CH"], False, "Austria, Germany and Switzerland"),
        (["DE", "AT", "CH", "FR"], False, "Germany and 3 more"),
        (["AT", "BE", "CH", "DE", "ES", "FR", "IT"], False, "7 countries"),
        (["ZZ"], False, "ZZ"),
    ],
)
def test_a_row_says_it_in_few_words(countries, worldwide, words):
    job = JobFactory.build(category=None, countries=countries, open_worldwide=worldwide, location="")

    assert wording.who_may_apply_briefly(job) == words


@pytest.mark.parametrize(
    ("location", "countries", "words"),
    [
        ("Berlin, Germany", ["DE"], ""),
        ("Berlin, Germany", ["DE", "AT"], "Austria and Germany"),
        ("anywhere in Canada or the USA", ["CA", "US"], ""),
        ("Austin, Texas", ["US"], "United States"),
        ("Status House", ["US"], "United States"),
    ],
)
def test_a_row_does_not_repeat_the_countries_that_its_place_names(location, countries, words):
    job = JobFactory.build(category=None, countries=countries, location=location)

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
        ("remote", "", "Remote"),
        ("remote", "Worldwide", "Remote"),
        ("remote", "Berlin", "Remote, Berlin"),
        ("remote", "remote in North America", "Remote in North America"),
        ("remote", "Anywhere in Canada", "Remote, anywhere in Canada"),
        ("remote", "Remoteville", "Remote, Remoteville"),
        ("hybrid", "Berlin", "Hybrid in Berlin"),
        ("hybrid", "Hybrid, Berlin", "Hybrid, Berlin"),
        ("onsite", "", "On-site"),
        ("", "Berlin", "Berlin"),
        ("", "", ""),
    ],
)
def test_where_the_work_is_done_is_told_once(workplace, location, words):
    assert wording.where(JobFactory.build(category=None, workplace=workplace, location=location)) == words

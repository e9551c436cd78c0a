"""A row of a file as an advert: every kind of mistake is refused with its field and a reason."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from jobs.files import Row
from sources.adverts import Taxonomy, read_advert

TAXONOMY = Taxonomy(categories={"dev": "Programming"}, regions={"US": "usa"}, default_category="dev")
FURTHEST = date_format(timezone.now() + timedelta(days=731))
GOOD = {
    "reference": "7",
    "title": "Baker",
    "company": "Oven Ltd",
    "location": "Bonn",
    "description": "Bake bread.",
    "apply_url": "https://oven.test/7",
}


def advert(**said):
    cells = GOOD | said
    return read_advert(Row(2, cells), {name: name for name in cells}, TAXONOMY)


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("title", "", "It is empty."),
        ("title", "🙂🙂", "Write a title in words, such as “Data engineer”."),
        ("title", "x" * 201, "It has 201 characters; 200 is the most."),
        ("company", " ", "It is empty."),
        ("location", "Remote" * 1000, "It has 6,000 characters; 160 is the most."),
        ("description", "\n", "It is empty."),
        ("description", "<p> </p>", "Nothing of this text can be read. Say what the job is about."),
        ("description", "x" * 100_001, "The text has 100,001 characters; 100,000 is the most."),
        ("apply_url", "", "There is neither an address to apply at nor an e-mail."),
        ("apply_url", "ftp://oven.test", "Start the address with https:// or http://."),
        (
            "apply_url",
            "https://paypal.com@evil.test/",
            "Remove what stands before the @: it hides where the link leads.",
        ),
        ("apply_url", "https://127.0.0.1/", "Give an address that everybody on the internet can reach."),
        ("workplace", "moon", "“moon” isn't known; write remote, hybrid or on-site."),
        ("level", "guru", "“guru” isn't known; write intern, junior, middle, senior, lead or executive."),
        ("employment_types", "slave", "“slave” isn't known; write full-time, part-time, contract…"),
        ("country", "Atlantis", "“Atlantis” isn't a country; write its name or its two-letter code."),
        ("countries", "US, XX", "“XX” isn't a country; write its name or its two-letter code."),
        ("tags", "x" * 41, f"“{'x' * 41}” is longer than 40 characters."),
        ("expires_on", "tomorrow", "“tomorrow” isn't a date; write 2027-01-31."),
        ("expires_on", "2027-02-30", "“2027-02-30” isn't a date; write 2027-01-31."),
        ("expires_on", "2099-12-31", f"This day is more than two years away; {FURTHEST} is the furthest."),
        ("company_founded", "long ago", "“long ago” isn't a year."),
        ("company_founded", "2099", "“2099” isn't a year."),
        ("company_website", "oven", "Enter a valid URL."),
    ],
)
def test_a_mistake_is_refused_at_its_field(field, value, problem):
    assert advert(**{field: value}).problems == [{"field": field, "problem": problem}]


@pytest.mark.parametrize("said", ["9999-12-31", "9999-12-31T23:59:59Z", ""])
def test_the_last_day_of_all_time_is_none(said):
    read = advert(expires_on=said)

    assert (read.problems, read.fields["expires_on"]) == ([], "")


def test_what_no_page_can_show_is_a_space():
    said = advert(title="Ring\x07bell", company="Oven\x1b Ltd", description="Bake\x01\nbread", tags="Rye\x07").fields

    assert (said["title"], said["company"], said["description"], said["tags"]) == (
        "Ring bell",
        "Oven Ltd",
        "Bake \nbread",
        ["Rye"],
    )


def test_what_turns_a_line_round_or_hides_in_it_is_left_out():
    said = advert(
        title="\u202egnp.\u200bexe", company="Oven\u2069 Ltd", description="Bake\u202e\nSilben\u00adtrennung"
    ).fields

    assert (said["title"], said["company"], said["description"]) == (
        "gnp.exe",
        "Oven Ltd",
        "Bake\nSilben\u00adtrennung",
    )


@pytest.mark.parametrize(
    ("pay", "field", "problem"),
    [
        (
            {"pay_min": "£40k - €9999999999999"},
            "pay_min",
            "“£40k - €9999999999999” isn't an amount; write 85000 or 25.50.",
        ),
        # A spreadsheet's 60.125 is written so, too: it can't be told from sixty thousand.
        ({"pay_min": "60.125"}, "pay_min", "“60.125” isn't an amount; write 85000 or 25.50."),
        ({"pay_min": "NaN"}, "pay_min", "“NaN” isn't an amount; write 85000 or 25.50."),
        ({"pay_min": "1" + "0" * 400}, "pay_min", f"“1{'0' * 39}” is too large; 1,000,000,000 is the most."),
        ({"pay_min": "-5"}, "pay_min", "“-5” is below zero."),
        ({"pay_min": "0"}, "pay_min", "“0” is no pay; leave it empty when the advert states none."),
        ({"pay_min": "9", "pay_max": "8"}, "pay_min", "The lowest pay is above the highest."),
        (
            {"pay_min": "9", "pay_currency": " ", "pay_period": "hour"},
            "pay_currency",
            "Pay needs a currency: its three letters, such as USD.",
        ),
        (
            {"pay_min": "9", "pay_currency": "ZZZ"},
            "pay_currency",
            "“ZZZ” isn't a currency; write its three letters, such as USD.",
        ),
        (
            {"pay_min": "9", "pay_currency": "xts"},
            "pay_currency",
            "“XTS” isn't a currency; write its three letters, such as USD.",
        ),
        ({"pay_max": "25.55", "pay_currency": "JPY"}, "pay_max", "“25.55” has decimals, and JPY has none."),
        ({"pay_min": "9", "pay_period": ""}, "pay_period", "Pay needs a period: hour, day, week, month or year."),
        (
            {"pay_min": "9", "pay_period": "decade"},
            "pay_period",
            "“decade” isn't known; write hour, day, week, month or year.",
        ),
    ],
)
def test_a_mistake_in_pay_is_refused_at_its_field(pay, field, problem):
    said = advert(**({"pay_currency": "USD", "pay_period": "hour"} | pay))

    assert said.problems == [{"field": field, "problem": problem}]


@pytest.mark.parametrize(
    ("written", "minor"), [("85,000", 8_500_000), ("$85k", 8_500_000), ("25.5", 2_550), ("85 000", 8_500_000)]
)
def test_pay_is_read_as_people_write_it(written, minor):
    said = advert(pay_min=written, pay_currency="usd", pay_period="yearly").fields

    assert (said["pay_min"], said["pay_max"], said["pay_currency"], said["pay_period"]) == (minor, None, "USD", "year")


def test_yen_have_no_minor_unit():
    assert advert(pay_min="5000000", pay_currency="JPY", pay_period="year").fields["pay_min"] == 5_000_000


def test_the_country_of_the_place_is_no_answer_to_who_may_apply():
    said = advert(country="US").fields

    assert (said["regions"], said["countries"]) == (["usa"], [])


def test_a_row_of_the_wrong_length_is_refused_whole():
    said = read_advert(Row(9, {}, "The row has 3 cells, the header 6."), {}, TAXONOMY)

    assert said.problems == [{"field": "row", "problem": "The row has 3 cells, the header 6."}]

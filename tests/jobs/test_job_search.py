import pytest
from django.http import QueryDict
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from jobs.search import JobSearch
from jobs.search.page import UnknownPage, search_jobs
from jobs.words import web_query, words
from tests.jobs.wishes import searches


def of(query_string):
    return JobSearch.from_query(QueryDict(query_string))


@given(searches())
def test_a_query_string_gives_the_same_search_back(search):
    assert of(search.query_string()) == search


@given(st.dictionaries(st.sampled_from(["q", "category", "pay", "posted", "sort", "country", "x"]), st.text()))
def test_whatever_is_asked_becomes_a_search_that_comes_back(query):
    search = JobSearch.from_query(query)

    assert of(search.query_string()) == search


@pytest.mark.parametrize(
    ("query_string", "canonical"),
    [
        ("q=", ""),
        ("sort=newest&q=nurse&page=7", "q=nurse"),
        ("region=usa&category=dev&q=%20a%20%20b", "q=a+b&category=dev&region=usa"),
        ("q=soft%C2%ADware%E2%80%8B+%E2%80%AEengineer", "q=software+engineer"),
        ("level=senior&level=junior&level=nobody", "level=junior&level=senior"),
        ("country=de&country=zz&country=DE", "country=DE"),
        ("pay=70,000&pay_period=year&pay_currency=usd", "pay=70000"),
        ("pay=70k&pay_currency=eur&pay_period=month", "pay=70000&pay_currency=EUR&pay_period=month"),
        ("pay_currency=EUR&pay_period=month", ""),
        ("pay=22.50&pay_period=hour", "pay=22&pay_period=hour"),
        ("posted=7&posted=3", "posted=7"),
        ("posted=366", ""),
        ("filter[company__owner__email__startswith]=a&company__name=x", ""),
    ],
)
def test_a_query_string_is_made_canonical(query_string, canonical):
    assert of(query_string).query_string() == canonical


@pytest.mark.parametrize(
    ("typed", "pay"),
    [
        ("60.000", 60_000),
        ("60,000", 60_000),
        ("60 000", 60_000),
        ("60'000", 60_000),
        ("60’000.50", 60_000),
        ("1.200.000", 1_200_000),
        ("1,200,000", 1_200_000),
        ("12,00,000", 1_200_000),
        ("60.000,50", 60_000),
        ("60,000.50", 60_000),
        ("60000,50", 60_000),
        ("60.5", 60),
        ("15.50", 15),
        ("15,50", 15),
        ("62.5k", 62_500),
        ("62,5 K", 62_500),
    ],
)
def test_a_mark_before_three_digits_groups_thousands_and_before_fewer_starts_decimals(typed, pay):
    assert JobSearch.from_query({"pay": typed}).pay_min == pay


@pytest.mark.parametrize(
    "pay", ["1234.567", "0.500", "60.000.50", "60,000,50", "60.00,000", "1.200,000", "1.200k", "15.5000", "60.", ".5"]
)
def test_pay_that_could_be_read_in_two_ways_is_left_out(pay):
    assert JobSearch.from_query({"pay": pay}) == JobSearch()


@pytest.mark.parametrize("pay", ["NaN", "Infinity", "-0", "0", "1e400", "-5", "１", "9" * 40, "0x10", "\x00", "٣"])
def test_pay_that_is_no_sum_is_left_out(pay):
    assert JobSearch.from_query({"pay": pay}) == JobSearch()


def test_an_alert_keeps_neither_order_nor_age_nor_capitals():
    search = of("q=Data+Engineer&posted=7&sort=pay&region=usa")

    assert search.alert_query_string() == "q=data+engineer&region=usa"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Manager OR", "manager"),
        ("or or manager or or", "manager"),
        ("cook or baker", "cook or baker"),
        ("or", "or"),
        ("or or", "or"),
        ("major", "major"),
        ("orderly floor", "orderly floor"),
    ],
)
def test_an_or_with_nothing_beside_it_makes_no_other_search(typed, kept):
    assert JobSearch(keywords=typed).alert_query_string() == JobSearch(keywords=kept).query_string()


@pytest.mark.django_db
def test_a_search_is_said_in_words_and_undone_bit_by_bit():
    search = of(
        "q=nurse&category=healthcare&region=germany&region=austria&pay=20&pay_period=hour&pay_currency=EUR&posted=1"
    )

    assert search.in_words() == (
        "“nurse”, Health care, Austria or Germany, at least €20 an hour, posted in the last day"
    )
    assert [label for label, _ in search.criteria()] == [
        "“nurse”",
        "Health care",
        "Austria",
        "Germany",
        "at least €20 an hour",
        "posted in the last day",
    ]
    assert search.criteria()[3].search == search.without("region", "germany")
    assert search.without("region").regions == ()


@pytest.mark.parametrize("keywords", ["the", "a & | ! ( <->", "%%%___", "😀" * 200, "\x00", "-", '"', "or", "‮"])
@pytest.mark.django_db
def test_keywords_without_a_word_search_nothing_and_say_so(keywords):
    search = JobSearch.from_query({"q": keywords})

    assert (search.web_query, search.is_empty, search.keyword_tsquery_sql()) == ("", True, None)
    assert (search.in_words(), bool(search.why_unheard)) == ("All jobs", bool(search.keywords))


@pytest.mark.parametrize(
    ("keywords", "sentence"),
    [
        ("the", "“the” is too common a word to look for."),
        ("the other", "All words of “the other” are too common."),
        ("!?", "There is no word in “!?” to look for."),
        ("the nurse", ""),
        ("", ""),
    ],
)
def test_a_search_says_why_its_keywords_find_nothing(keywords, sentence):
    assert JobSearch(keywords=keywords).why_unheard == sentence


def test_keywords_that_are_too_common_are_no_part_of_a_search_in_words():
    assert JobSearch(keywords="the", levels=("senior",)).in_words() == "Senior"


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ('"front-end" developer OR c++ -java', '"front end" developer or cplusplus -java'),
        ("“quoted phrase”", '"quoted phrase"'),
        (".NET C# node.js R&D", 'dotnet csharp "node js" "r d"'),
        ("<script>alert(1)</script>", '"script alert 1 script"'),
        ("Düsseldorf ŁÓDŹ", "dusseldorf lodz"),
    ],
)
def test_keywords_become_words_of_web_search(typed, query):
    assert web_query(typed) == query


@pytest.mark.django_db
@given(st.text(st.characters(exclude_categories=["Cs", "Cn", "Co"], exclude_characters="\x00")))
def test_python_and_postgresql_find_the_same_words(text):
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT job_words(%s)", [text])
        (found,) = cursor.fetchone()

    assert found.split(" ") == [*words(text)] or found.split() == words(text)


AWKWARD = [
    {"q": "\x00"},
    {"q": "\ud800"},
    {"q": "a & | ! ( <->"},
    {"q": "'''\\'\\"},
    {"q": ":* foo:*AB"},
    {"q": "%%%___"},
    {"q": "<script>alert(1)</script>"},
    {"q": "{{7*7}}{% debug %}${7*7}"},
    {"q": "\u202egnp.exe"},
    {"q": "😀" * 200},
    {"q": "a " * 100_000},
    {"q": '"' * 199},
    {"q": "-" * 200},
    {"q": "or " * 60},
    {"q": "-nothing"},
    {"region": [f"region-{n}" for n in range(1000)]},
    {"region": "../../etc/passwd", "category": "' OR 1=1 --", "company": "\\'"},
    {"pay": "999999999", "pay_currency": "XAF"},
    {"pay": "9" * 400, "posted": "9" * 400},
    {"pay": "NaN", "posted": "-1", "sort": "id; DROP TABLE jobs_job"},
    {"sort": "relevance"},
    {"q": "cook", "sort": ["relevance", "pay"], "country": ["de", None, 7]},
]


@pytest.mark.django_db
@pytest.mark.parametrize("query", AWKWARD, ids=range(len(AWKWARD)))
def test_awkward_searches_give_a_page(query):
    search = JobSearch.from_query(query)

    page = search_jobs(search)

    assert (page.jobs, page.total) == ([], 0)
    assert of(search.query_string()) == search
    search.in_words()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "cursor",
    [
        "AAAA",
        "=",
        "\x00",
        "é",
        "a" * 10_000,
        "bmV3ZXN0LjEuMQ",
        "cGF5LjEuMS4x",
        "bmV3ZXN0Ljk5OTk5OTk5OTk5OTk5OTk5OTkuMS4x",
        "bmV3ZXN0LjkyMjMzNzIwMzY4NTQ3NzU4MDcuMS4x",
        "bmV3ZXN0LjEuMS45MjIzMzcyMDM2ODU0Nzc1ODA3",
    ],
)
def test_a_forged_cursor_is_a_page_that_does_not_exist(cursor):
    with pytest.raises(UnknownPage):
        search_jobs(JobSearch(), cursor=cursor)


@pytest.mark.django_db
def test_a_cursor_serves_its_own_order_only():
    from tests.jobs.test_search import publish

    company = publish_company()
    for _ in range(3):
        publish(company, "Cook")
    cursor = search_jobs(JobSearch(), size=2).next_cursor

    with pytest.raises(UnknownPage):
        search_jobs(JobSearch(sort="pay"), cursor=cursor)


def publish_company():
    from jobs.models import Company

    return Company.objects.create(name=f"Acme {timezone.now():%f}")


@pytest.mark.parametrize(
    ("query", "fits_nearly_all"),
    [
        ("", True),
        ("q=the", True),
        ("q=-foo", True),
        ("q=-foo -%22data or bar%22 the", True),
        ("q=nurse or -foo", True),
        ("not_company=acme&sort=pay", True),
        ("q=-foo&not_company=acme", True),
        ("q=nurse", False),
        ("q=-foo nurse", False),
        ("q=-%22data or bar%22 nurse", False),
        ("q=nurse or the", False),
        ("q=-foo&level=senior", False),
        ("q=-foo&pay=50000", False),
    ],
)
def test_a_search_that_only_leaves_jobs_out_fits_nearly_all(query, fits_nearly_all):
    assert JobSearch.from_query(QueryDict(query)).fits_nearly_all == fits_nearly_all

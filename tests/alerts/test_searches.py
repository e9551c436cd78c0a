from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.http import QueryDict
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import lexemes, searches, weeks
from alerts.matching import match_pending
from alerts.models import Alert
from alerts.searches import LexemeFrequency, Match, Search, SearchAnchor
from jobs import pay
from jobs.search import JobSearch
from tests.factories import JobFactory

pytestmark = pytest.mark.django_db


def keep(query_string: str) -> Search:
    return Search.objects.keep(JobSearch.from_query(QueryDict(query_string)))


def keys_of(search: Search) -> list[str]:
    return sorted(search.anchors.values_list("key", flat=True))


def test_searches_that_differ_in_order_age_and_case_only_are_one():
    first = keep("q=Rust&region=usa&region=germany")

    second = keep("region=germany&region=usa&q=rust&sort=pay&posted=7")

    assert first == second
    assert first.query_string == "q=rust&region=germany&region=usa"


def test_a_search_is_kept_with_its_anchors_in_one_statement():
    search = JobSearch.from_query(QueryDict("q=rust+or+kafka&category=dev"))

    with CaptureQueriesContext(connection) as queries:
        kept = Search.objects.keep(search)

    assert len([query for query in queries if "alerts_keep_search" in query["sql"]]) == 1
    assert len(queries) == 2  # and the row read back
    assert keys_of(kept) == ["\x01cdev"]


def test_a_search_hangs_on_the_rarest_thing_that_it_cannot_do_without():
    common = {"engin": 900, "senior": 500, "rust": 20, "kafka": 30, "\x01cdev": 700, "\x01rgermany": 100}
    LexemeFrequency.objects.bulk_create(LexemeFrequency(lexeme=key, documents=n) for key, n in common.items())

    assert keys_of(keep("q=senior+rust+engineer")) == ["rust"]
    assert keys_of(keep('q="senior+engineer"+or+"kafka+engineer"')) == ["kafka", "senior"]
    assert keys_of(keep("q=engineer&region=germany")) == ["\x01rgermany"]
    assert keys_of(keep("q=rust+or+-java&category=dev")) == ["\x01cdev"]
    assert keys_of(keep("q=-java")) == ["\x01*"]


def test_a_key_that_says_everything_needs_no_query_beside_it():
    decided = keep("q=rust+or+kafka")
    undecided = keep("q=rust+kafka")

    assert set(decided.anchors.values_list("query", flat=True)) == {None}
    assert undecided.anchors.get().query == undecided.query


def test_words_with_quotes_and_backslashes_can_be_keys():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT alerts_keep_search(gen_random_uuid(), '', NULL, now(), '[]', q, q) FROM (SELECT %s::tsquery) t(q)",
            [r"'it''s' | 'back\\slash' | '<->' | '''*'"],
        )
        search = Search.objects.get(pk=cursor.fetchone()[0])

    assert keys_of(search) == ["'*", "<->", "back\\slash", "it's"]


def test_a_prefix_is_never_a_key():
    with connection.cursor() as cursor:
        cursor.execute("SELECT alerts_keyword_keys('rus:* & kafka'), alerts_keyword_keys('rust:A & kafka:B')")
        prefix, weighted = cursor.fetchone()

    assert (prefix, weighted) == (None, ["kafka"])


@pytest.fixture
def no_rates_remembered():
    yield
    pay.forget_rates()


@pytest.mark.usefixtures("no_rates_remembered")
def test_a_new_exchange_rate_reaches_the_searches_kept_before():
    search = keep("pay=50000&pay_currency=EUR")
    keep("pay=50000")
    rate = pay.ExchangeRate.objects.get(currency="EUR")
    rate.dollars = Decimal(2)
    rate.save()

    changed = Search.objects.refresh_pay()

    search.refresh_from_db()
    assert changed == 1
    assert search.pay_min_yearly == 100_000
    assert search.anchors.get().pay_min_yearly == 100_000


def test_a_search_kept_by_an_older_release_is_read_anew_and_stays_as_unused_as_it_was():
    search, kept_at = keep("q=rust+kafka"), timezone.now() - timedelta(days=3)
    Search.objects.filter(pk=search.pk).update(query="'rusty'", kept_at=kept_at)
    search.anchors.update(query="'rusty'")

    refreshed = Search.objects.refresh()

    again = Search.objects.get()
    assert (refreshed, again.pk, again.query, again.kept_at) == ([search.pk], search.pk, "'rust' & 'kafka'", kept_at)
    assert search.anchors.get().query == "'rust' & 'kafka'"


def test_all_are_read_anew_piece_by_piece_and_a_lost_piece_is_taken_up_again(monkeypatch):
    monkeypatch.setattr(searches, "AT_ONCE", 2)
    for words in ("rust", "kafka", "java"):
        keep(f"q={words}")
    Search.objects.update(query="'older'")

    before = Search.objects.refresh_some()
    Search.objects.begin_refreshing(timezone.now())
    first = Search.objects.refresh_some()
    half = Search.objects.filter(query="'older'").count()
    rest = [Search.objects.refresh_some() for _ in range(3)]

    assert (before, first, half, rest) == (0, 2, 1, [1, 0, 0])
    assert sorted(Search.objects.values_list("query", flat=True)) == ["'java'", "'kafka'", "'rust'"]


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_read_each_search_anew_once(monkeypatch):
    monkeypatch.setattr(searches, "AT_ONCE", 2)
    for number in range(6):
        keep(f"q=word{number}")
    Search.objects.begin_refreshing(timezone.now())

    def refresh(_):
        try:
            return Search.objects.refresh_some()
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        at_once = sum(threads.map(refresh, range(3)))

    assert at_once + sum(Search.objects.refresh_some() for _ in range(4)) == 6


def test_counting_lexemes_changes_keys_and_not_what_is_found():
    for number in range(3):
        job = JobFactory(title=f"Rust engineer {number}", published_at=None)
        job.publish(by=None, at=timezone.now())
    keep("q=rust+engineer")

    lexemes.refresh()
    keep("q=engineer+rust")
    match_pending()

    assert LexemeFrequency.objects.get(lexeme="rust").documents == 3
    assert Match.objects.count() == 2 * 3


def test_searches_that_nobody_uses_are_removed_with_what_belongs_to_them(seeker):
    used, unused, recent = keep("q=rust"), keep("q=kafka"), keep("q=java")
    Search.objects.exclude(pk=recent.pk).update(kept_at=timezone.now() - timedelta(days=2))
    Alert.objects.create(owner=seeker, search=used, name="Rust", paused_at=timezone.now(), paused_by="person")
    job = JobFactory()
    Match.objects.create(search=unused, job=job)
    Match.objects.create(search=used, job=job)

    Search.objects.unused(timezone.now()).delete()

    assert set(Search.objects.all()) == {used, recent}
    assert set(SearchAnchor.objects.values_list("search_id", flat=True)) == {used.pk, recent.pk}
    assert list(Match.objects.values_list("search_id", flat=True)) == [used.pk]


def test_a_removed_search_asked_for_again_has_its_anchors_again():
    before = keep("q=rust")
    before.delete()

    again = keep("q=rust")

    assert keys_of(again) == ["rust"]


def test_matches_older_than_forty_days_leave_with_their_week():
    now, search, job = timezone.now(), keep("q=rust"), JobFactory()
    for days in (0, 39, 60):
        weeks.prepare(now - timedelta(days=days))
        Match.objects.create(search=search, job=job, matched_at=now - timedelta(days=days))

    dropped = weeks.drop_old(now)

    assert weeks.table_of(weeks.monday(now - timedelta(days=60))) in dropped
    assert sorted(Match.objects.values_list("matched_at", flat=True)) == [now - timedelta(days=39), now]


def test_a_match_written_before_its_week_was_prepared_moves_there():
    at, search, job = timezone.now() + timedelta(days=365), keep("q=rust"), JobFactory()
    Match.objects.create(search=search, job=job, matched_at=at)

    weeks.prepare(at)

    with connection.cursor() as cursor:
        cursor.execute("SELECT tableoid::regclass::text, search_id, job_id FROM alerts_match")
        assert cursor.fetchall() == [(weeks.table_of(weeks.monday(at)), search.pk, job.pk)]


def test_a_pair_cannot_be_written_twice():
    at, search, job = timezone.now(), keep("q=rust"), JobFactory()

    Match.objects.create(search=search, job=job, matched_at=at)
    written = Match.objects.bulk_create([Match(search=search, job=job, matched_at=at)], ignore_conflicts=True)

    assert (len(written), Match.objects.count()) == (1, 1)

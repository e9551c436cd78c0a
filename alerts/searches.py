"""What alerts look for, kept once for each distinct search, and what was found (docs/matching.md)."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.search import SearchQueryField
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils import timezone

from alerts.watermarks import Watermark
from jobs.models import Job
from jobs.search import JobSearch

# Whoever has just asked for a search may be about to make an alert of it.
UNUSED_TIME = timedelta(days=1)
# So many are read anew in one piece of work, in a second or two: other work of the same worker waits no longer.
AT_ONCE = 1000
REFRESHING = "refresh searches"


class SearchQuerySet(models.QuerySet):
    def keep(self, job_search: JobSearch) -> Search:
        """The one row of a canonical search, with its anchors written; `posted` and `sort` do not count."""
        with connection.cursor() as cursor:
            query_string = job_search.alert_query_string()
            cursor.execute(*keeping(job_search, query_string=query_string, at=timezone.now()))
            (pk,) = cursor.fetchone()
        return self.get(pk=pk)

    def unused(self, at):
        """Those that nothing points to any more and that nobody has just asked for."""
        links = [link for link in Search._meta.related_objects if link.related_model not in (SearchAnchor, Match)]
        searches = self.filter(kept_at__lt=at - UNUSED_TIME)
        for link in links:
            pointing = link.related_model._base_manager.filter(**{link.field.name: OuterRef("pk")})
            searches = searches.exclude(Exists(pointing))
        return searches

    def paid(self):
        """Those that ask for a lowest pay."""
        return self.filter(query_string__contains="pay=")

    def refresh_pay(self) -> int:
        """Keep anew those whose lowest pay is another sum in dollars now, AT_ONCE at most; says how many."""
        yearly: dict[tuple, int | None] = {}
        changed = []
        for pk, query_string, kept in self.paid().values_list("pk", "query_string", "pay_min_yearly").order_by("pk"):
            search = JobSearch.from_query(QueryDict(query_string))
            asked = search.pay_min, search.pay_currency, search.pay_period
            if asked not in yearly:
                yearly[asked] = search.pay_min_yearly()
            if yearly[asked] != kept:
                changed.append(pk)
            if len(changed) == AT_ONCE:
                break
        return len(self.filter(pk__in=changed).refresh())

    def begin_refreshing(self, at) -> None:
        """From now on refresh_some() goes over all of them, from the first one."""
        Watermark.objects.update_or_create(step=REFRESHING, defaults={"at": at, "position": 0})

    @transaction.atomic
    def refresh_some(self) -> int:
        """Read the next AT_ONCE anew and say how many there were: 0 when all are done, or another worker is at it."""
        under_way = Watermark.objects.filter(step=REFRESHING, position__isnull=False)
        mark = under_way.select_for_update(skip_locked=True).first()
        if mark is None:
            return 0
        refreshed = self.filter(pk__gt=mark.position).order_by("pk")[:AT_ONCE].refresh()
        mark.position = refreshed[-1] if refreshed else None
        mark.save(update_fields=["position"])
        return len(refreshed)

    def refresh(self) -> list[int]:
        """Read them anew as the search page does today, and say which there were; what is unchanged stays.

        A release that reads searches otherwise would else part the alerts from the page.
        """
        rows = list(self.values_list("pk", "query_string", "kept_at"))
        with connection.cursor() as cursor:
            for _, query_string, kept_at in rows:
                search = JobSearch.from_query(QueryDict(query_string))
                cursor.execute(*keeping(search, query_string=query_string, at=kept_at))
        return [pk for pk, *_ in rows]

    def about_how_many(self) -> int:
        """The planner's figure, at least 1; exact while it has none."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'alerts_search'::regclass")
            (about,) = cursor.fetchone()
        return max(1, int(about) if about >= 0 else self.count())


def keeping(job_search: JobSearch, *, query_string: str, at) -> tuple[str, list]:
    """The statement that keeps a search under its name (alerts_keep_search in the migration), with its parameters."""
    keywords, keywords_params = job_search.keyword_tsquery_sql() or ("NULL", [])
    query, query_params = job_search.tsquery_sql() or ("NULL", [])
    facts = [fingerprint(query_string), query_string, job_search.pay_min_yearly(), at]
    filters = json.dumps(job_search.facet_groups())
    return (
        f"SELECT alerts_keep_search(%s, %s, %s, %s, %s, {keywords}, {query})",
        [*facts, filters, *keywords_params, *query_params],
    )


def fingerprint(query_string: str) -> uuid.UUID:
    return uuid.uuid5(uuid.NAMESPACE_URL, query_string)


class Search(models.Model):
    """A canonical search, however many alerts say it. Made by Search.objects.keep only."""

    id = models.AutoField(primary_key=True)
    fingerprint = models.UUIDField(unique=True)
    query_string = models.TextField()
    # The whole condition on JobDocument.doc, keywords and filters in one; null when there is none.
    query = SearchQueryField(null=True)
    # Whole US dollars.
    pay_min_yearly = models.BigIntegerField(null=True)
    # When an alert was last made of it, so that one just kept is not removed as unused.
    kept_at = models.DateTimeField()

    objects = SearchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "searches"

    def __str__(self):
        return self.query_string or "everything"


class SearchAnchor(models.Model):
    """A key that a job must carry for the search to be looked at, with the search's condition repeated beside it.

    Repeating the condition saves a join for every candidate. `prev` asks for the search's earlier keys, so that
    a job which carries several of them is still found once.
    """

    pk = models.CompositePrimaryKey("search_id", "key")
    search = models.ForeignKey(Search, models.CASCADE, related_name="anchors", db_index=False)
    key = models.TextField(db_collation="C")
    # Null when the key alone decides, or when it is too long for the index (not `is_whole`).
    query = SearchQueryField(null=True)
    # False: what `query` leaves out has to be read at the search.
    is_whole = models.BooleanField(default=True, db_default=True)
    pay_min_yearly = models.BigIntegerField(null=True)
    prev = SearchQueryField(null=True)

    class Meta:
        # Matching reads the index alone: rows of one key lie side by side in it and all over the table.
        indexes = [
            models.Index(
                fields=["key"],
                include=["search", "pay_min_yearly", "is_whole", "query", "prev"],
                name="searchanchor_by_key",
            )
        ]

    def __str__(self):
        return f"{self.key} of {self.search_id}"


class LexemeFrequency(models.Model):
    """In how many sampled adverts a lexeme stands; it chooses anchors, so it decides what matching costs, not finds."""

    lexeme = models.TextField(primary_key=True, db_collation="C")
    documents = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = "lexeme frequencies"

    def __str__(self):
        return f"{self.lexeme}: {self.documents}"


class MatchingQuerySet(models.QuerySet):
    def pending(self):
        return self.filter(matched_at__isnull=True)


class Matching(models.Model):
    """What has become of one published job: noticed, and then matched once, for ever; edits do not match it again."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True, related_name="+")
    noticed_at = models.DateTimeField(default=timezone.now)
    matched_at = models.DateTimeField(null=True)

    objects = MatchingQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["job"], name="matching_pending", condition=Q(matched_at__isnull=True))]

    def __str__(self):
        return f"job {self.job_id}"


class Match(models.Model):
    """One distinct search found one job. `matched_at` is the job's own, so a pair is there once; see alerts/weeks.py.

    Foreign keys are not enforced by the database: millions of rows are written at a time, and a row of something
    deleted says nothing to anybody.
    """

    pk = models.CompositePrimaryKey("search_id", "matched_at", "job_id")
    search = models.ForeignKey(Search, models.CASCADE, related_name="matches", db_constraint=False, db_index=False)
    job = models.ForeignKey(Job, models.CASCADE, related_name="matches", db_constraint=False, db_index=False)
    matched_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "matches"
        # Rows come in the order of both, so a few bytes for each hundred pages find "since" and a job that is deleted.
        indexes = [BrinIndex(fields=["matched_at", "job"], name="match_since", autosummarize=True)]

    def __str__(self):
        return f"search {self.search_id} found job {self.job_id}"

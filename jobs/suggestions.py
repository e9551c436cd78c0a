"""Words of titles, companies and tags: for other spelling, for completing what is typed, for telling what is rare.

PostgreSQL's pg_trgm isn't there everywhere, so a word's trigrams are an array of their own with an ordinary index.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models, transaction

from jobs.words import STOP_WORDS, fold, words

# A word found in this many jobs or fewer may be a slip.
FEW = 2
SHORTEST = 4
CANDIDATES = 40


class Term(models.Model):
    """A word of open jobs' titles, companies and tags, folded but not stemmed; `jobs` says in how many it stands."""

    word = models.TextField(primary_key=True, db_collation="C")
    lexeme = models.TextField(db_collation="C")
    jobs = models.PositiveIntegerField()
    trigrams = ArrayField(models.TextField())

    class Meta:
        indexes = [
            GinIndex("trigrams", name="term_trigrams"),
            models.Index("lexeme", name="term_lexeme"),
        ]

    def __str__(self):
        return f"{self.word}: {self.jobs}"


@transaction.atomic
def refresh_terms() -> int:
    """Take the terms of the open jobs anew and say how many changed."""
    with connection.cursor() as cursor:
        # Two refreshes would only wait for each other's rows: the later one has nothing to add.
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext('jobs.refresh_terms'))")
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(REFRESH)
        return cursor.fetchone()[0]


REFRESH = """
WITH found AS MATERIALIZED (
    SELECT word, ndoc FROM ts_stat($$
        SELECT to_tsvector('simple', job_words(
            job.title || ' ' || company.name || ' ' || array_to_string(job.tags, ' ')))
        FROM jobs_jobdocument document
        JOIN jobs_job job ON job.id = document.job_id
        JOIN jobs_company company ON company.id = job.company_id
    $$)
    WHERE length(word) BETWEEN 2 AND 40
), gone AS (
    DELETE FROM jobs_term term WHERE NOT EXISTS (SELECT FROM found WHERE found.word = term.word) RETURNING 1
), written AS (
    INSERT INTO jobs_term (word, lexeme, jobs, trigrams)
    SELECT word, lexeme, ndoc, trigrams(word)
    FROM found, LATERAL (SELECT (tsvector_to_array(to_tsvector('english', word)))[1] AS lexeme) stem
    WHERE lexeme IS NOT NULL
    ON CONFLICT (word) DO UPDATE SET jobs = excluded.jobs WHERE jobs_term.jobs <> excluded.jobs
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""


def other_spelling(search):
    """The search with rare words put as words of jobs that they may be meant for; None when none is."""
    typed = [word for word in bare_words(search.keywords) if len(word) >= SHORTEST and word not in STOP_WORDS]
    better = {word: best for word, found in candidates(typed).items() if (best := best_of(word, found))}
    if not better:
        return None
    return replace(search, keywords=respelt(search.keywords, better))


def bare_words(keywords: str) -> list[str]:
    """Words that were typed alone: what is quoted or excluded was meant as it stands."""
    return [word for part in re.sub(r'-?"[^"]*"?', " ", keywords).split() if part[0] != "-" for word in words(part)]


def candidates(typed: list[str]) -> dict[str, list[tuple[str, int]]]:
    """For each word that few jobs have, terms that share trigrams with it, with their jobs."""
    if not typed:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(CANDIDATES_SQL, {"words": typed, "few": FEW, "most": CANDIDATES})
        found: dict[str, list[tuple[str, int]]] = {}
        for word, term, jobs in cursor.fetchall():
            found.setdefault(word, []).append((term, jobs))
    return found


CANDIDATES_SQL = """
SELECT typed.word, term.word, term.jobs
FROM unnest(%(words)s::text[]) typed (word),
LATERAL (
    SELECT count(*) AS jobs FROM (
        SELECT FROM jobs_jobdocument WHERE doc @@ plainto_tsquery('english', typed.word) LIMIT %(few)s + 1
    ) found
) here,
LATERAL (
    SELECT term.word, term.jobs FROM jobs_term term
    WHERE term.trigrams && trigrams(typed.word) AND term.jobs > here.jobs
        AND abs(length(term.word) - length(typed.word)) <= 2
    ORDER BY cardinality(ARRAY(SELECT unnest(term.trigrams) INTERSECT SELECT unnest(trigrams(typed.word)))) DESC,
        term.jobs DESC, term.word
    LIMIT %(most)s
) term
WHERE here.jobs <= %(few)s
"""


def best_of(word: str, found: Iterable[tuple[str, int]]) -> str | None:
    """The nearest of the terms, the commonest among equals; None when all are too far to be meant."""
    reach = 1 if len(word) <= 5 else 2
    near = [(distance(word, term), -jobs, term) for term, jobs in found if term != word]
    near = [one for one in near if one[0] <= reach]
    return min(near)[2] if near else None


def distance(one: str, other: str) -> int:
    """Letters to put in, leave out, change or swap with their neighbour (optimal string alignment)."""
    before, row = [], list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], earlier[j - 2] + 1)
    return row[-1]


def respelt(keywords: str, better: dict[str, str]) -> str:
    return "".join(better.get(fold(piece), piece) for piece in re.split(r"(\W+)", keywords))


def completions(typed: str, count: int = 5) -> list[str]:
    """What the last word being typed may become, the commonest words first; [] for fewer than two letters."""
    found = words(typed)
    if not found or len(found[-1]) < 2 or typed[-1:].isspace():
        return []
    start = typed.rstrip()[: len(typed.rstrip()) - len(typed.split()[-1])]
    terms = Term.objects.filter(word__gt=found[-1], word__lt=found[-1] + "\U0010ffff").order_by("-jobs", "word")
    return [f"{start}{term}" for term in terms.values_list("word", flat=True)[:count]]

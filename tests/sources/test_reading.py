"""Who reads a file: one worker at a time, and another when it falls silent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sources import preview
from sources.models import SILENCE, ImportRow, ImportRun, Overtaken
from sources.tasks import read_import
from tests import adverts

pytestmark = pytest.mark.django_db


def few(count: int = 3) -> bytes:
    return adverts.table([adverts.advert(number) for number in range(count)])


def claimed(run, at):
    return ImportRun.objects.claim_reading(run.pk, at=at)


def test_two_workers_do_not_read_one_file(upload):
    run, at = upload(few()), timezone.now()

    claims = [claimed(run, at) for _ in range(2)]

    assert [bool(claim) for claim in claims] == [True, False]


def test_a_silent_reader_is_followed_by_another_and_can_write_no_more(upload):
    run, at = upload(few()), timezone.now()
    silent = claimed(run, at - SILENCE)

    another = claimed(run, at)

    assert another.reader != silent.reader
    with pytest.raises(Overtaken):
        preview.preview(silent)


def test_a_reader_that_gives_signs_of_life_is_left_alone(upload):
    run, at = upload(few()), timezone.now()
    claimed(run, at - SILENCE).note_read(1, at=at)

    assert claimed(run, at + SILENCE - timedelta(seconds=1)) is None


def test_what_a_killed_reader_left_is_not_doubled(upload):
    run, at = upload(few(5)), timezone.now()
    ImportRow.objects.create(run=claimed(run, at - SILENCE), line=2, outcome="new")

    read_import(run.pk)

    run.refresh_from_db()
    assert (run.rows.count(), run.rows_read, run.counts["new"]) == (5, 5, 5)


def test_repeats_and_references_are_found_across_batches(upload, monkeypatch):
    monkeypatch.setattr(preview, "ROWS_AT_ONCE", 2)
    rows = [adverts.advert(number) for number in (0, 1, 2, 600)]
    run = upload(adverts.table([*rows, adverts.advert(5) | {"reference": rows[0]["reference"]}]))

    read_import(run.pk)

    first, *_, repeat, double = run.rows.order_by("line")
    assert (repeat.outcome, repeat.repeats_line) == ("repeated", first.line)
    assert [found["problem"] for found in double.problems] == [
        f"“real-0000” is already the reference of line {first.line}."
    ]


def test_columns_that_another_upload_took_away_are_named(upload, source):
    run = upload(few())
    source.remember_columns({"title": ""})

    read_import(run.pk)

    run.refresh_from_db()
    assert (run.state, run.failure) == ("failed", "No column holds: Title.")

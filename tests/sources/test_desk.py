"""The import desk in the admin, through its pages."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from jobs.models import Category, Company, Job
from sources.models import ImportFile, ImportRow, ImportRun, Outcome, Source
from sources.tasks import apply_import, forget_rows, read_import
from tests import adverts

pytestmark = pytest.mark.django_db


def post_file(client, content: bytes, **answers):
    answers = {"new_source": "Research", "default_category": Category.objects.get(slug="engineering").pk} | answers
    file = SimpleUploadedFile("jobs.csv", content, "text/csv")
    answer = client.post(reverse("admin:sources_importrun_add"), answers | {"file": file})
    read_files()
    return answer


def read_files():
    """What a worker does."""
    for run in ImportRun.objects.reading():
        read_import(run.pk)


def few(count: int = 3, **said) -> bytes:
    return adverts.table([adverts.advert(number) | said for number in range(count)])


def page_of(run, **query) -> str:
    return f"{run.get_absolute_url()}?{'&'.join(f'{name}={value}' for name, value in query.items())}"


def address(name, run):
    return reverse(f"admin:sources_importrun_{name}", args=[run.pk])


def test_the_real_adverts_are_uploaded_previewed_confirmed_and_published(editor_client, editor):
    answer = post_file(editor_client, adverts.file())
    run = ImportRun.objects.get()
    preview = editor_client.get(answer["Location"])
    editor_client.post(address("confirm", run), {"publishes": "yes"})
    while ImportRun.objects.running().exists():
        # On a busy machine one call stops after its twenty seconds and leaves the rest to the next.
        apply_import(run.pk)
    done = editor_client.get(run.get_absolute_url())

    assert answer["Location"] == run.get_absolute_url()
    assert run.counts == {"new": 600, "changed": 0, "unchanged": 0, "repeated": 356, "refused": 0}
    assert [(tab["label"], tab["count"]) for tab in preview.context["tabs"]] == [
        ("All", 956),
        ("New", 600),
        ("Changed", 0),
        ("Unchanged", 0),
        ("Repeated", 356),
        ("Refused", 0),
    ]
    assert (Job.objects.open(timezone.now()).count(), Job.objects.filter(published_by=editor).count()) == (600, 600)
    assert b"The import is done: 600 rows." in done.content


def test_the_guess_of_pay_is_not_shown_as_pay(editor_client):
    post_file(editor_client, few(pay_estimate_min="53000", pay_estimate_max="91000"))

    rows = ImportRow.objects.order_by("line")
    assert [(row.fields["pay_min"], row.fields["pay_max"]) for row in rows][1:] == [(None, None)] * 2


def test_a_preview_needs_the_same_queries_for_3_rows_and_for_30(editor_client):
    counts = []
    for count in (3, 30):
        post_file(editor_client, few(count), new_source=f"Source of {count}")
        with CaptureQueriesContext(connection) as queries:
            editor_client.get(ImportRun.objects.latest("pk").get_absolute_url())
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_running_import_says_how_far_it_is(editor_client):
    post_file(editor_client, few())
    run = ImportRun.objects.get()
    editor_client.post(address("confirm", run), {"publishes": "yes"})

    page = editor_client.get(run.get_absolute_url()).content.decode()

    assert "<strong>0 of 3</strong> rows are done." in page
    assert "Look again now" in page


def test_a_file_is_read_by_a_worker_and_its_page_says_how_far_it_is(editor_client, upload):
    run = upload(few())
    ImportRun.objects.claim_reading(run.pk, at=timezone.now()).note_read(2, at=timezone.now())

    page = editor_client.get(run.get_absolute_url()).content.decode()

    assert "<strong>2 of 3</strong> rows are compared with the board." in page
    assert "Look again now" in page


def test_a_reading_that_failed_says_so_and_is_begun_anew(editor_client, upload):
    run = upload(few())
    ImportRun.objects.claim_reading(run.pk, at=timezone.now()).fail_reading(at=timezone.now(), why="Out of paper.")
    page = editor_client.get(run.get_absolute_url())

    editor_client.post(address("read_again", run))
    read_files()

    run.refresh_from_db()
    assert b"Out of paper." in page.content
    assert (run.state, run.failure, run.counts["new"]) == ("to confirm", "", 3)


def test_an_import_can_be_thrown_away_while_it_is_read(editor_client, upload):
    run = upload(few())

    editor_client.post(address("discard", run), {"confirmed": "yes"})
    read_files()

    run.refresh_from_db()
    assert (run.state, run.rows.count()) == ("discarded", 0)


def test_what_is_confirmed_is_not_read_again(editor_client):
    post_file(editor_client, few())
    run = ImportRun.objects.get()
    editor_client.post(address("confirm", run), {"publishes": "yes"})

    editor_client.post(address("read_again", run))

    run.refresh_from_db()
    assert (run.state, run.rows.count()) == ("running", 3)


def test_jobs_can_be_kept_as_drafts(editor_client):
    post_file(editor_client, few())
    run = ImportRun.objects.get()

    editor_client.post(address("confirm", run), {"publishes": "no"})
    apply_import(run.pk)

    assert Job.objects.drafts().count() == 3


def test_a_changed_row_shows_the_old_and_the_new_and_keeps_what_staff_edited(editor_client):
    post_file(editor_client, few(1, location="Berlin"))
    first = ImportRun.objects.get()
    editor_client.post(address("confirm", first), {"publishes": "yes"})
    apply_import(first.pk)
    Job.objects.update(level="lead")

    post_file(editor_client, few(1, location="Hamburg"), new_source="", source=Source.objects.get().pk)
    second = ImportRun.objects.latest("pk")
    page = editor_client.get(page_of(second, outcome="changed")).content.decode()
    editor_client.post(address("confirm", second), {"publishes": "yes"})
    apply_import(second.pk)

    assert "<strong>Place:</strong> <del>Berlin</del> → <ins>Hamburg</ins>" in page
    assert Job.objects.values_list("location", "level").get() == ("Hamburg", "lead")


def test_a_corrected_fact_of_a_company_is_corrected_unless_staff_wrote_another(editor_client):
    facts = {"company_size": "11 to 50", "industry": "Baking"}
    post_file(editor_client, few(1, **facts))
    first = ImportRun.objects.get()
    editor_client.post(address("confirm", first), {"publishes": "yes"})
    apply_import(first.pk)
    Company.objects.update(industry="Bread and cake")

    facts = {"company_size": "51 to 200", "industry": "Bakeries"}
    post_file(editor_client, few(1, **facts), new_source="", source=Source.objects.get().pk)
    second = ImportRun.objects.latest("pk")
    editor_client.post(address("confirm", second), {"publishes": "yes"})
    apply_import(second.pk)

    assert Company.objects.values_list("size", "industry").get() == ("51 to 200", "Bread and cake")


@pytest.mark.parametrize(
    ("title", "category", "said"),
    [
        ("Clerk of all sorts", "Programming", "Programming (the row says so)"),
        ("Clerk of all sorts", " dev ", "Programming (the row says so)"),
        ("Clerk of all sorts", "", "Engineering (the source's own)"),
        ("Clerk of all sorts", "nonsense", "Engineering (“nonsense” is no category; the source's own)"),
        ("Accountant", "a  b", "Finance and accounting (“a b” is no category; the title says “accountant”)"),
    ],
)
def test_the_preview_says_what_decided_a_category(editor_client, title, category, said):
    row = adverts.advert(0) | {"title": title, "category": category}
    post_file(editor_client, adverts.table([row], [*adverts.HEADERS, "category"]))
    run = ImportRun.objects.get()

    [shown] = editor_client.get(run.get_absolute_url()).context["rows"].object_list
    [reported] = csv.DictReader(io.StringIO(editor_client.get(address("report", run)).getvalue().decode("utf-8-sig")))

    assert shown["facts"][0] == said
    assert reported["what and why"] == (f"Category: {said[said.index('(') + 1 : -1]}" if "no category" in said else "")


def test_counts_and_rules_are_said_in_words(editor_client):
    post_file(editor_client, few(1))

    one = words_of(editor_client, page_of(ImportRun.objects.get()))
    new = words_of(editor_client, page_of(ImportRun.objects.get(), outcome="new"))

    assert "1 row is in the file." in one
    assert "1 row becomes a job." in new
    assert "<td>Programming</td>" in one
    assert "<td>dev</td>" not in one


def test_a_refused_row_says_its_line_its_field_and_why(editor_client):
    post_file(
        editor_client,
        adverts.table([adverts.advert(0), adverts.advert(1) | {"title": "  ", "apply_url": "javascript:1"}]),
    )
    run = ImportRun.objects.get()

    rows = editor_client.get(page_of(run, outcome="refused")).context["rows"].object_list

    assert [row["problems"] for row in rows] == [
        [
            {"label": "Title", "problem": "It is empty."},
            {"label": "Address to apply at", "problem": "Start the address with https:// or http://."},
        ]
    ]


def test_ticked_repeats_are_imported_and_others_skipped(editor_client):
    post_file(editor_client, adverts.table([adverts.advert(n) for n in (0, 600, 1, 601)]))
    run = ImportRun.objects.get()
    first, second = run.rows.filter(outcome=Outcome.REPEATED).order_by("line")

    editor_client.post(address("repeats", run), {"shown": [first.pk, second.pk], "anyway": [first.pk]})
    editor_client.post(address("confirm", run), {"publishes": "yes"})
    apply_import(run.pk)

    assert Job.objects.count() == 3


def test_a_job_on_the_board_is_repeated_not_doubled(editor_client):
    post_file(editor_client, few(1))
    first = ImportRun.objects.get()
    editor_client.post(address("confirm", first), {"publishes": "yes"})
    apply_import(first.pk)

    post_file(editor_client, few(1), new_source="Another")

    row = ImportRow.objects.latest("pk")
    assert (row.outcome, row.job) == (Outcome.REPEATED, Job.objects.get())


def test_other_headers_are_found_and_a_choice_of_columns_is_remembered(editor_client):
    content = b"Job Title;Employer;City;Job Description;Link;Notes\nBaker;Oven Ltd;Bonn;Bread.;https://oven.test/1;x\n"
    post_file(editor_client, content)
    run = ImportRun.objects.get()

    columns = {"title": "Job Title", "company": "Employer", "description": "Notes", "apply_url": "Link"}
    editor_client.post(address("columns", run), columns)
    post_file(editor_client, content, new_source="", source=Source.objects.get().pk)

    said = ImportRow.objects.latest("pk").fields
    assert (said["title"], said["company"], said["location"], said["description"]) == ("Baker", "Oven Ltd", "", "x")


def test_missing_columns_are_named_and_can_be_chosen(editor_client):
    answer = post_file(editor_client, b"what,firm,words\nBaker,Oven,Bread\n")
    run = ImportRun.objects.get()
    page = editor_client.get(answer["Location"])
    wrong = editor_client.post(address("columns", run), {"title": "what", "company": "what", "description": "words"})

    assert answer["Location"] == address("columns", run)
    assert b"No column holds: Title, Company, Text, Address to apply at" in page.content
    assert wrong.context["form"].errors == {"title": ["“what” is chosen more than once."]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\n\n", "The file is empty."),
        (b"title,company\n", "The file has a header and no rows."),
        (b"title\nBaker\n", "Only one column was found (“title”). Separate columns by commas, semicolons or tabs."),
        (
            b"title,company\nB\xe9,x\n",
            "Line 2 isn't written in UTF-8. Save the file as “CSV UTF-8” and upload it again.",
        ),
        (b"title,company\nB\x00,x\n", "Line 2 has a NUL character: the file is damaged or isn't text."),
        (
            b'title,company\nBaker,x\n"Cook,',
            "The row on line 3 opens a quotation mark that is never closed: the file seems cut off.",
        ),
        (b"PK\x03\x04zip", "The workbook is damaged. Open it, save it anew and upload that."),
        (b"\xd0\xcf\x11\xe0old", "This is an old or a locked workbook. Save it as XLSX without a password."),
        (
            b"<!doctype html><title>Log in</title>",
            "This is a web page or XML, not a table. Was a login page saved instead of the file?",
        ),
        (b"title,title,company\na,b,c\n", "The header names the column “title” twice."),
        (
            b'title,company\n"x' + b"x" * 200_001 + b'",y\n',
            "The row on line 2 has a cell of more than 200,000 characters: is a quotation mark missing?",
        ),
        (b"\xff\xfe" + "title,company\n".encode("utf-16-le"), "The file has a header and no rows."),
        (b"title,company\n" + b"a,b\n" * 10_001, "The file has more than 10,000 rows. Split it and import the parts."),
    ],
)
def test_an_unreadable_file_is_refused_in_one_sentence_at_the_field(editor_client, content, said):
    answer = post_file(editor_client, content)

    assert answer.context["form"].errors["file"] == [said]
    assert (ImportRun.objects.count(), Source.objects.count()) == (0, 0)


def test_an_upload_without_a_source_says_so_and_keeps_what_was_typed(editor_client):
    answer = post_file(editor_client, few(), new_source="", default_category="")

    assert answer.context["form"].errors == {
        "new_source": ["Name the new source, or choose one above."],
        "default_category": ["A new source needs a category for adverts that name none."],
    }


def test_a_source_without_a_finished_import_is_taken_over_by_its_name(editor_client):
    other = Category.objects.exclude(slug="engineering").order_by("pk").first()
    post_file(editor_client, few())

    post_file(editor_client, few(), new_source="research", default_category=other.pk)

    source = Source.objects.get()
    assert (source.name, source.default_category, source.runs.count()) == ("Research", other, 2)


def test_a_source_with_a_finished_import_is_to_be_chosen(editor_client):
    post_file(editor_client, few())
    ImportRun.objects.update(confirmed_at=timezone.now(), finished_at=timezone.now())

    answer = post_file(editor_client, few())

    assert answer.context["form"].errors == {"new_source": ["There is a source of this name; choose it above."]}


def test_a_file_is_kept_while_another_field_is_corrected(editor_client):
    wrong = post_file(editor_client, few(), new_source="")
    kept = wrong.context["form"].kept_file
    answers = {"new_source": "Research", "default_category": Category.objects.get(slug="engineering").pk}
    editor_client.post(reverse("admin:sources_importrun_add"), answers | {"kept": kept.pk})
    read_files()

    run = ImportRun.objects.get()
    assert f'name="kept" value="{kept.pk}"' in wrong.content.decode()
    assert "<strong>jobs.csv</strong> is kept: 3 rows" in wrong.content.decode()
    assert (run.file, run.file_name, run.counts["new"]) == (kept, "jobs.csv", 3)


def test_nobody_imports_a_file_that_another_keeps(editor_client, admin_client):
    kept = post_file(editor_client, few(), new_source="").context["form"].kept_file
    answers = {"new_source": "Research", "default_category": Category.objects.get(slug="engineering").pk}

    answer = admin_client.post(reverse("admin:sources_importrun_add"), answers | {"kept": kept.pk})

    assert answer.context["form"].errors["file"] == ["Choose a file."]
    assert ImportRun.objects.count() == 0


def test_files_that_became_no_import_are_forgotten_after_a_day(editor_client):
    post_file(editor_client, few(), new_source="")
    post_file(editor_client, few())
    ImportFile.objects.update(uploaded_at=timezone.now() - timedelta(days=1))

    forget_rows()

    assert ImportFile.objects.get().run == ImportRun.objects.get()


def test_what_must_be_filled_in_is_marked(editor_client):
    page = editor_client.get(reverse("admin:sources_importrun_add")).content.decode()

    assert 'File <span class="needed">required</span>' in page
    assert 'Name of the new source <span class="needed">required for a new source</span>' in page


def test_the_decision_stands_below_what_it_is_about(editor_client):
    post_file(editor_client, few())

    page = editor_client.get(ImportRun.objects.get().get_absolute_url()).content.decode()

    places = [page.index(sign) for sign in ('class="counts"', 'class="import-rows"', 'class="decision"')]
    assert places == sorted(places)


def test_repeats_ticked_and_not_kept_yet_are_imported_too(editor_client):
    post_file(editor_client, adverts.table([adverts.advert(n) for n in (0, 600, 1, 601)]))
    run = ImportRun.objects.get()
    first, second = run.rows.filter(outcome=Outcome.REPEATED).order_by("line")

    answers = {"publishes": "yes", "shown": [first.pk, second.pk], "anyway": [second.pk]}
    editor_client.post(address("confirm", run), answers)
    apply_import(run.pk)

    assert list(run.rows.filter(applied_at=None).values_list("pk", flat=True)) == [first.pk]
    assert Job.objects.count() == 3


def test_a_second_import_of_a_source_waits_for_the_first(editor_client):
    post_file(editor_client, few())
    post_file(editor_client, few(), new_source="", source=Source.objects.get().pk)
    first, second = ImportRun.objects.order_by("pk")

    editor_client.post(address("confirm", first), {"publishes": "yes"})
    answer = editor_client.post(address("confirm", second), {"publishes": "yes"}, follow=True)

    second.refresh_from_db()
    assert second.state == "to confirm"
    assert b"Another import of Research is running. Confirm again when it is done." in answer.content


def test_a_preview_that_another_import_outdated_is_made_anew(editor_client):
    post_file(editor_client, few())
    post_file(editor_client, few(), new_source="", source=Source.objects.get().pk)
    first, second = ImportRun.objects.order_by("pk")
    editor_client.post(address("confirm", first), {"publishes": "yes"})
    apply_import(first.pk)

    editor_client.post(address("confirm", second), {"publishes": "yes"})
    read_files()

    second.refresh_from_db()
    assert (second.state, second.counts["new"], second.counts["unchanged"]) == ("to confirm", 0, 3)


def test_confirming_twice_and_applying_twice_changes_nothing(editor_client):
    post_file(editor_client, few())
    run = ImportRun.objects.get()

    for _ in range(2):
        editor_client.post(address("confirm", run), {"publishes": "yes"})
        apply_import(run.pk)

    assert Job.objects.count() == 3


def test_throwing_an_import_away_is_asked_about_first(editor_client):
    post_file(editor_client, few())
    run = ImportRun.objects.get()

    page = editor_client.post(address("discard", run))

    run.refresh_from_db()
    assert (page.status_code, run.state) == (200, "to confirm")
    assert b'name="confirmed" value="yes"' in page.content


def test_a_discarded_import_changes_no_job(editor_client):
    post_file(editor_client, few())
    run = ImportRun.objects.get()

    editor_client.post(address("discard", run), {"confirmed": "yes"})
    editor_client.post(address("confirm", run), {"publishes": "yes"})
    apply_import(run.pk)

    run.refresh_from_db()
    assert (run.state, Job.objects.count()) == ("discarded", 0)


def test_the_report_holds_every_row_and_no_formula(editor_client):
    post_file(
        editor_client,
        adverts.table([adverts.advert(0) | {"title": '=HYPERLINK("http://evil")'}, adverts.advert(1) | {"title": ""}]),
    )

    report = editor_client.get(address("report", ImportRun.objects.get()))

    lines = list(csv.reader(io.StringIO(b"".join(report.streaming_content).decode("utf-8-sig"))))
    assert [line[:2] + line[3:4] + line[6:7] for line in lines[1:]] == [
        ["2", "New", '\'=HYPERLINK("http://evil")', ""],
        [lines[2][0], "Refused", "", "Title: It is empty."],
    ]


def test_a_moderator_sees_an_import_and_can_not_change_it(editor_client, moderator_client):
    post_file(editor_client, few())
    run = ImportRun.objects.get()

    statuses = [
        moderator_client.get(run.get_absolute_url()).status_code,
        moderator_client.get(reverse("admin:sources_importrun_add")).status_code,
        *(moderator_client.post(address(name, run)).status_code for name in ("confirm", "discard", "repeats", "go_on")),
    ]

    assert statuses == [200, 403, 403, 403, 403, 403]


@pytest.mark.parametrize(
    "name", ["confirm", "discard", "repeats", "repeats_all", "repeats_none", "go_on", "read_again"]
)
def test_no_link_changes_an_import(editor_client, name):
    post_file(editor_client, few())

    assert editor_client.get(address(name, ImportRun.objects.get())).status_code == 405


def test_an_import_that_does_not_exist_is_not_found(editor_client):
    assert editor_client.post(reverse("admin:sources_importrun_confirm", args=[99])).status_code == 404


def test_a_failed_import_says_so_and_goes_on(editor_client):
    post_file(editor_client, few())
    run = ImportRun.objects.get()
    editor_client.post(address("confirm", run), {"publishes": "yes"})
    run.fail(at=timezone.now(), why="The worker was switched off.")
    page = editor_client.get(run.get_absolute_url())

    editor_client.post(address("go_on", run))
    apply_import(run.pk)

    run.refresh_from_db()
    assert b"The worker was switched off." in page.content
    assert (run.state, Job.objects.count()) == ("done", 3)


def imported(client, content: bytes, **answers) -> ImportRun:
    """A confirmed and applied import of this file, as the next one of the source after the first."""
    again = {"source": source.pk, "new_source": ""} if (source := Source.objects.first()) else {}
    post_file(client, content, **again)
    run = ImportRun.objects.latest("pk")
    client.post(address("confirm", run), answers)
    apply_import(run.pk)
    return run


def words_of(client, page: str) -> str:
    return " ".join(client.get(page).content.decode().split())


def test_an_import_that_brings_no_new_job_neither_asks_about_new_ones_nor_speaks_of_them(editor_client):
    imported(editor_client, few(2), publishes="yes")
    post_file(editor_client, adverts.table([adverts.advert(0)]), source=Source.objects.get().pk, new_source="")
    run = ImportRun.objects.latest("pk")

    asked = words_of(editor_client, run.get_absolute_url())
    editor_client.post(address("confirm", run))
    apply_import(run.pk)
    done = words_of(editor_client, run.get_absolute_url())

    assert ("Import 1 row" in asked, "new job" in asked.lower()) == (True, False)
    assert ("The import is done: 1 row." in done, "new job" in done.lower()) == (True, False)
    assert Job.objects.open(timezone.now()).count() == 2


def test_repeats_that_can_be_ticked_are_asked_about_as_new_jobs(editor_client):
    imported(editor_client, few(1), publishes="yes")
    source, rows = Source.objects.get(), adverts.table([adverts.advert(n) for n in (0, 600)])
    post_file(editor_client, rows, source=source.pk, new_source="")
    run = ImportRun.objects.latest("pk")

    pages = [words_of(editor_client, page_of(run, outcome=outcome)) for outcome in ("unchanged", "repeated")]
    repeated = run.rows.get(outcome=Outcome.REPEATED)
    answers = {"publishes": "yes", "shown": [repeated.pk], "anyway": [repeated.pk]}
    editor_client.post(address("confirm", run), answers)
    apply_import(run.pk)

    assert ["Publish at once" in page for page in pages] == [False, True]
    assert "The new job is published." in words_of(editor_client, run.get_absolute_url())


def test_the_row_of_a_job_that_staff_closed_says_that_it_stays_closed(editor_client, editor):
    imported(editor_client, few(2), publishes="yes")
    Job.objects.earliest("pk").close(by=editor, at=timezone.now(), reason="staff")

    run = imported(editor_client, few(2))

    said = "The job is closed and stays so: closed by staff."
    rows = editor_client.get(run.get_absolute_url()).context["rows"].object_list
    report = editor_client.get(address("report", run))
    reasons = [line[6] for line in csv.reader(io.StringIO(b"".join(report.streaming_content).decode("utf-8-sig")))]
    assert [(row["outcome"], row["closed"]) for row in rows] == [("unchanged", said), ("unchanged", "")]
    assert reasons[1:] == [said.rstrip("."), ""]
    assert said in words_of(editor_client, run.get_absolute_url())


@pytest.mark.parametrize(("period", "said"), [("hour", "an hour"), ("month", "a month")])
def test_pay_reads_as_people_say_it(editor_client, period, said):
    pay = {"pay_min": "25.50", "pay_max": "30", "pay_currency": "USD", "pay_period": period}
    post_file(editor_client, adverts.table([adverts.advert(0) | pay], list(dict.fromkeys([*adverts.HEADERS, *pay]))))

    (row,) = editor_client.get(ImportRun.objects.get().get_absolute_url()).context["rows"].object_list
    assert row["facts"][-1] == f"USD 25.50–30.00 {said}"

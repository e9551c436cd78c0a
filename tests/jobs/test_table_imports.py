"""Companies, categories and regions from a table: what is judged, said, written and refused."""

import csv
import io
import tempfile

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from jobs.models import Category, Company, Region
from tests.factories import CompanyFactory, JobFactory
from tests.sheets import workbook

COMPANIES, CATEGORIES, REGIONS = (f"/admin/jobs/{name}/" for name in ("company", "category", "region"))


def preview(client, rows, at=COMPANIES):
    content = rows if isinstance(rows, bytes) else rows.encode()
    file = SimpleUploadedFile("list.csv", content)
    return client.post(f"{at}import/", {"import_file": file, "format": "0", "resource": "0"})


def confirm(client, page, at=COMPANIES):
    form = page.context["confirm_form"]
    return client.post(f"{at}process_import/", {field.html_name: field.value() for field in form})


def reasons(page) -> list[tuple]:
    """(line, field, problem) of each refusal."""
    return [
        (row["line"], found["label"], found["problem"]) for row in page.context["rows"] for found in row["problems"]
    ]


def outcomes(page) -> list[tuple]:
    return [(row["line"], row["word"], row["name"]) for row in page.context["rows"]]


def test_a_table_adds_and_changes_companies_after_its_preview(editor_client, editor):
    known = CompanyFactory(name="Oven", website="https://oven.test", verified_at=None)
    same = CompanyFactory(name="Same")
    rows = f"id,Name,website\n{known.pk},Oven Works,https://works.test\n,Kiln,kiln.test\n{same.pk},Same,\n"

    page = preview(editor_client, rows)
    names_before = set(Company.objects.values_list("name", flat=True))
    response = confirm(editor_client, page)

    assert outcomes(page) == [(2, "Changed", "Oven Works"), (3, "New", "Kiln"), (4, "Unchanged", "Same")]
    assert page.context["rows"][0]["differences"] == [
        {"label": "Name", "old": "Oven", "new": "Oven Works"},
        {"label": "Website", "old": "https://oven.test", "new": "https://works.test"},
    ]
    assert names_before == {"Oven", "Same"}
    assert response["Location"] == COMPANIES
    assert "Companies imported: 1 new, 1 changed, 1 unchanged." in editor_client.get(COMPANIES).text
    assert list(Company.objects.order_by("pk").values_list("name", "slug", "key", "website", "verified_at")) == [
        ("Oven Works", "oven", "oven works", "https://works.test", None),
        ("Same", "same", "same", "", None),
        ("Kiln", "kiln", "kiln", "https://kiln.test", None),
    ]
    assert sorted(LogEntry.objects.values_list("user", "object_repr")) == [
        (editor.pk, "Kiln"),
        (editor.pk, "Oven Works"),
    ]


def test_each_refusal_of_a_company_is_said_at_its_row_in_plain_words(editor_client):
    CompanyFactory(name="Oven")
    known = CompanyFactory(name="Kiln")
    rows = (
        "id,name,website,founded_year,verified_at\n"
        ",,https://oven.test,,\n"
        ",ÖVEN,javascript:alert(1),many,soon\n"
        ",Bakery,http://localhost/,-5,\n"
        "99999999999999999999,Far,,,\n"
        f"{known.pk},Kiln,ftp://kiln.test/,,\n"
        f"{known.pk},Kiln again,,,\n"
        ",Short\n"
        ",Tomorrow,,3000,\n"
        ",Twice,,,\n"
        ",twice,,,\n"
    )

    page = preview(editor_client, rows)

    assert reasons(page) == [
        (2, "Name", "This field is required."),
        (3, "Name", "There is a company of this name: “Oven”."),
        (3, "Website", "Enter a whole web address, such as https://example.com."),
        (3, "Founded year", "Enter a whole number."),
        (3, "Verified at", "Enter a valid date/time."),
        (4, "Website", "Give an address that everybody on the internet can reach."),
        (4, "Founded year", "Ensure this value is greater than or equal to 0."),
        (5, "Number", "No company has the number “99999999999999999999”. Leave it empty for a new company."),
        (6, "Website", "Start the address with https:// or http://."),
        (7, "Number", "Line 6 is about the same company."),
        (8, "Row", "The row has 2 cells, the header 5."),
        (9, "Founded year", f"Give a year from 1000 to {timezone.now().year}."),
        (11, "Name", "There is a company of this name: “Twice”."),
    ]
    assert "Nothing is imported: 9 rows can’t be." in page.text
    assert "confirm_form" not in page.context
    assert set(Company.objects.values_list("name", flat=True)) == {"Oven", "Kiln"}


def test_categories_and_regions_are_judged_as_their_forms_judge(editor_client):
    categories = preview(
        editor_client, "name,slug,position\n,,7\nPottery,bad slug/../!,\nPottery,dev,\n", at=CATEGORIES
    )
    regions = preview(editor_client, "name,slug,countries\nNowhere,nowhere,ZZ\nAlps,alps,\n", at=REGIONS)

    assert reasons(categories) == [
        (2, "Name", "This field is required."),
        (2, "Slug", "This field is required."),
        (3, "Slug", "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
        (4, "Slug", "Category with this Slug already exists."),
    ]
    assert reasons(regions) == [
        (2, "Countries", "“ZZ” isn't a country. Write names or codes, such as Germany, FR."),
        (3, "Countries", "This field is required."),
    ]


def test_a_region_may_name_its_countries_and_hides_nothing_in_its_name(editor_client):
    page = preview(editor_client, "name;slug;countries\nAl\u202eps;alps;Austria, ch\n", at=REGIONS)
    confirm(editor_client, page, at=REGIONS)

    alps = Region.objects.get(slug="alps")
    assert (alps.name, alps.countries, alps.position) == ("Alps", ["AT", "CH"], 0)


@pytest.mark.parametrize("query", ["verified_at__isempty=zz", "foo=1", "p=999"])
def test_an_export_by_a_forged_address_is_no_error_of_ours(editor_client, query):
    company = CompanyFactory(name="Oven")

    answer = editor_client.get(f"{COMPANIES}export/?{query}")

    if query == "p=999":
        assert (answer.status_code, company.slug in answer.text) == (200, True)
    else:
        assert (answer.status_code, answer["Location"]) == (302, COMPANIES)


def test_what_an_export_holds_can_be_imported_again_unchanged(editor_client):
    CompanyFactory(name="Oven", website="https://oven.test", founded_year=1900)
    Company.objects.update(verified_at="2026-01-02T03:04:05Z")
    Region.objects.exclude(slug="germany").delete()

    for at, model in [(COMPANIES, Company), (CATEGORIES, Category), (REGIONS, Region)]:
        table = editor_client.post(f"{at}export/", {"format": "0"}).content

        page = preview(editor_client, table, at=at)

        assert {word for _, word, _ in outcomes(page)} == {"Unchanged"}, page.text
        assert len(outcomes(page)) == model.objects.count()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            b"name,slug\nCaf\xe9,x\n",
            "Line 2 isn&#x27;t written in UTF-8. Save the file as “CSV UTF-8” and upload it again.",
        ),
        (b"name,Name\nA,B\n", "The header names the column “name” twice."),
        (b"name,name\nA,B\n", "The header names the column “name” twice."),
        (b"", "The file is empty."),
        (b"name,slug\n", "The file has a header and no rows."),
        (b"<html></html>", "This is a web page or XML, not a table. Was a login page saved instead of the file?"),
        (b"name,web site\nA,B\n", "No field is called “web site”. The header may name: id, name, website, about,"),
        (b"name,size\n" + b"A,B\n" * 2001, "The file has more than 2,000 rows. Split it and import the parts."),
        (b"name,about\nA," + b"B" * 2**21, "The file is larger than 2 MB. Split it and import the parts."),
        (b"PK\x03\x04", "The workbook is damaged. Open it, save it anew and upload that."),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(editor_client, table, said):
    page = preview(editor_client, table)

    assert said in page.text
    assert page.context.get("confirm_form") is None


def test_a_workbook_is_read_too(editor_client):
    page = preview(editor_client, workbook([["name", "size"], ["Kiln", "11-50"]]))

    assert outcomes(page) == [(2, "New", "Kiln")]


def test_a_second_confirmation_lands_on_the_list_with_a_sentence(editor_client):
    page = preview(editor_client, "name,size\nKiln,11-50\n")

    confirm(editor_client, page)
    second = confirm(editor_client, page)

    assert second["Location"] == COMPANIES
    assert "Nothing is imported: this preview was confirmed already" in editor_client.get(COMPANIES).text
    assert Company.objects.count() == 1


def test_what_somebody_added_since_the_preview_is_not_added_again(editor_client):
    page = preview(editor_client, "name,size\nOven,1-10\nKiln,11-50\n")
    CompanyFactory(name="Kiln")

    response = confirm(editor_client, page)

    assert response["Location"] == f"{COMPANIES}import/"
    assert "Nothing is imported: something changed since the preview." in editor_client.get(response["Location"]).text
    assert list(Company.objects.values_list("name", flat=True)) == ["Kiln"]


def test_a_confirmation_names_no_file_but_the_one_that_was_uploaded(editor_client):
    with tempfile.NamedTemporaryFile(suffix=".csv") as other:
        other.write(b"name,size\nKiln,11-50\n")
        other.flush()
        forged = {"import_file_name": other.name, "original_file_name": "x", "format": "0", "resource": "0"}

        response = editor_client.post(f"{COMPANIES}process_import/", forged)

    assert (response["Location"], Company.objects.count()) == (COMPANIES, 0)


def test_only_who_may_add_and_change_may_import(moderator_client, editor_client):
    pages = [f"{COMPANIES}import/", f"{COMPANIES}process_import/"]

    assert [moderator_client.post(page, {}).status_code for page in pages] == [403, 403]
    assert moderator_client.get(pages[0]).status_code == 403
    assert "import_link" not in moderator_client.get(COMPANIES).text
    assert "import_link" in editor_client.get(COMPANIES).text


def test_staff_cannot_write_a_second_company_of_the_same_name(editor_client):
    CompanyFactory(name="Oven")

    page = editor_client.post(f"{COMPANIES}add/", {"name": "OVEN", "website": "javascript:alert(1)"})

    assert "There is a company of this name: “Oven”" in page.text
    assert set(page.context["adminform"].errors) == {"name", "website"}


def test_a_website_that_is_no_web_address_is_no_link_anywhere(client, db):
    job = JobFactory(company=CompanyFactory(website="javascript:alert(1)"))

    pages = [client.get(page).text for page in (job.company.get_absolute_url(), job.get_absolute_url())]

    assert not any("javascript:" in page for page in pages)


def test_an_export_starts_no_formula(editor_client):
    CompanyFactory(name="=1+1")

    table = editor_client.post(f"{COMPANIES}export/", {"format": "0"}).content.decode()

    assert [row["name"] for row in csv.DictReader(io.StringIO(table))] == ["1+1"]
    assert reverse("admin:jobs_company_export") == f"{COMPANIES}export/"

"""Categories and regions in the admin: their slugs last, and no two have one name."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jobs.admin_forms import SLUG_STAYS
from jobs.models import Category, Region

JOBS = "/admin/jobs"


@pytest.mark.parametrize(("kind", "slug"), [("category", "data-science"), ("region", "europe")])
def test_a_slug_that_searches_and_alerts_hold_stays(kind, slug, editor_client):
    model = {"category": Category, "region": Region}[kind]
    address = f"{JOBS}/{kind}/{model.objects.get(slug=slug).pk}/change/"

    page = editor_client.get(address).content.decode()
    said = {"name": "Another name", "slug": "another", "position": "5", "countries": "DE"}
    response = editor_client.post(address, said)

    assert ('name="slug"' in page, SLUG_STAYS in page) == (False, True)
    assert (response.status_code, model.objects.get(slug=slug).name) == (302, "Another name")


def test_a_new_category_is_given_its_slug(editor_client):
    editor_client.post(f"{JOBS}/category/add/", {"name": "Farming", "slug": "farming", "position": "90"})

    assert Category.objects.get(slug="farming").name == "Farming"


@pytest.mark.parametrize(("kind", "name"), [("category", "programming"), ("region", "EUROPE")])
def test_a_name_that_is_there_is_refused_at_its_field(kind, name, editor_client):
    said = {"name": name, "slug": "second", "position": "90", "countries": "DE"}

    response = editor_client.post(f"{JOBS}/{kind}/add/", said)

    assert response.context["adminform"].form.errors == {"name": [f"“{name}” is there already."]}
    assert 'value="second"' in response.content.decode()


def test_a_category_keeps_its_own_name_or_another_spelling_of_it(editor_client):
    category = Category.objects.get(slug="dev")

    editor_client.post(f"{JOBS}/category/{category.pk}/change/", {"name": "programming", "position": "0"})

    category.refresh_from_db()
    assert category.name == "programming"


def test_a_file_changes_no_slug_and_brings_no_name_a_second_time(editor_client):
    category = Category.objects.get(slug="dev")
    rows = [f"{category.pk},code,Programming", ",second,legal", ",third,Third"]
    file = SimpleUploadedFile("categories.csv", "\n".join(["id,slug,name", *rows]).encode())

    page = editor_client.post(f"{JOBS}/category/import/", {"format": "0", "import_file": file})

    assert [(row["line"], row["problems"][0]["problem"]) for row in page.context["rows"]] == [
        (2, f"The slug “dev” can't be changed. {SLUG_STAYS}"),
        (3, "“legal” is there already."),
    ]

"""How the rows of an import's preview, and of the jobs it makes, stand on a desk."""

import pytest

from sources.tasks import read_import
from tests import adverts
from tests.audit.chromium import open_page
from tests.factories import JobFactory

pytestmark = pytest.mark.xdist_group("audit")


def test_one_long_word_pushes_nothing_out_of_sight(chromium, admin_client, upload):
    JobFactory(title="W" * 200, company__name="M" * 160, location="N" * 160)
    long = {"title": "W" * 201, "company": "M" * 160, "location": "N" * 160}
    run = upload(adverts.table([adverts.advert(0) | long, adverts.advert(1)]))
    read_import(run.pk)

    pages = [open_page(chromium, admin_client, at)[0] for at in (run.get_absolute_url(), "/admin/jobs/job/")]

    overflow = "results => results.scrollWidth - results.clientWidth"
    assert [page.locator(".results").evaluate(overflow) for page in pages] == [0, 0]

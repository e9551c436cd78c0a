"""What each role may do with guides: editors and admins write and publish, moderators and consultants look."""

import pytest
from django.urls import reverse

from careers.desk.steps import STEPS
from careers.models import Guide
from tests.careers.guides import published

pytestmark = pytest.mark.django_db

LOOKING = ["changelist", "change", "history", "version", "export"]
WRITING = ["add", "import", "import_confirm", "restore", "text_preview", "count_market", *(step.name for step in STEPS)]
POSTED = ["import_confirm", "restore", "text_preview", "count_market", *(step.name for step in STEPS)]


def status_of(client, name, guide) -> int:
    version = guide.versions.latest("pk").pk
    named = {"version": [guide.pk, version], "restore": [guide.pk, version], "export": [guide.pk, "yaml"]}
    of_all = ("changelist", "add", "import", "import_confirm", "text_preview")
    address = reverse(f"admin:careers_guide_{name}", args=named.get(name, [] if name in of_all else [guide.pk]))
    return (client.post if name in POSTED else client.get)(address).status_code


@pytest.mark.parametrize("role", ["moderator", "consultant"])
def test_who_looks_sees_everything_and_changes_nothing(role, request):
    client, guide = request.getfixturevalue(f"{role}_client"), published()
    before = Guide.objects.for_head().get().fingerprint

    seen = {name: status_of(client, name, guide) for name in LOOKING}
    refused = {name: status_of(client, name, guide) for name in WRITING}
    changed = client.post(reverse("admin:careers_guide_change", args=[guide.pk]), {"title": "Mine"}).status_code
    deleted = client.post(reverse("admin:careers_guide_delete", args=[guide.pk]), {"post": "yes"}).status_code

    assert seen == dict.fromkeys(LOOKING, 200)
    assert refused == dict.fromkeys(WRITING, 403)
    assert (changed, deleted, Guide.objects.for_head().get().fingerprint) == (403, 403, before)


@pytest.mark.parametrize("role", ["moderator", "consultant"])
def test_who_looks_is_offered_nothing_to_change(role, request):
    client, guide = request.getfixturevalue(f"{role}_client"), published()

    form = client.get(reverse("admin:careers_guide_change", args=[guide.pk])).content.decode()
    rows = client.get(reverse("admin:careers_guide_changelist"))

    offered = [
        name
        for name in ("_save", "_publish", "text-preview", "/publication/", "/market/count/", "<textarea")
        if name in form
    ]
    assert (offered, list(rows.context["action_form"].fields["action"].choices)[1:]) == (
        [],
        [("export_chosen", "Export…")],
    )


@pytest.mark.parametrize("role", ["editor", "admin"])
def test_who_writes_is_refused_nothing(role, request):
    client, guide = request.getfixturevalue(f"{role}_client"), published()

    refused = [name for name in [*LOOKING, *WRITING] if status_of(client, name, guide) in (403, 404, 405)]

    assert refused == []


@pytest.mark.parametrize(("role", "status"), [("editor", 403), ("admin", 200)])
def test_only_admins_delete_guides(role, status, request):
    client, guide = request.getfixturevalue(f"{role}_client"), published()

    assert client.get(reverse("admin:careers_guide_delete", args=[guide.pk])).status_code == status

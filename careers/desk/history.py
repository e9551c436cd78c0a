"""What was done to a guide, by whom and when, with the differences in words, and the way back to any of it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from careers.content.differences import differences
from careers.content.loading import load_guide
from careers.content.planning import plan
from careers.content.reading import BadGuide
from careers.content.writing import jsonable, mapping_of
from careers.desk.addresses import address
from careers.models import Guide, GuideVersion

PAGE_SIZE = 20


def paths(model_admin) -> list:
    return [
        address(model_admin, "<int:pk>/versions/<int:number>/", version, "careers_guide_version"),
        address(model_admin, "<int:pk>/versions/<int:number>/restoration/", restore, "careers_guide_restore"),
    ]


def history(model_admin, request, guide: Guide):
    if not model_admin.has_view_permission(request, guide):
        raise PermissionDenied
    versions = Paginator(guide.versions.newest_first().with_what_was_before(), PAGE_SIZE)
    shown = versions.get_page(request.GET.get("page"))
    told = [(one, differences(one.before, one.content) if one.before else None) for one in shown]
    context = {"title": f"History of “{guide}”", "page": shown, "told": told}
    return answer(model_admin, request, guide, "history", context)


def version(request, model_admin, pk, number):
    """One version and what bringing it back would change."""
    found = version_or_404(pk, number)
    if not model_admin.has_view_permission(request, found.guide):
        raise PermissionDenied
    try:
        found_differences, problems = plan(content_of(found)).differences, []
    except BadGuide as bad:
        found_differences = differences(jsonable(mapping_of(found.guide)), content_of(found))
        problems = bad.problems
    context = {"title": str(found), "version": found, "differences": found_differences, "problems": problems}
    return answer(model_admin, request, found.guide, "version", context)


@require_POST
def restore(request, model_admin, pk, number):
    found = version_or_404(pk, number)
    if not model_admin.has_change_permission(request, found.guide):
        raise PermissionDenied
    said = f"Brought back what it said on {found.at:%-d %B %Y, %H:%M} UTC"
    try:
        loaded = load_guide(content_of(found), by=request.user, did=said)
    except BadGuide as bad:
        messages.error(request, f"This version can't be brought back. {' '.join(map(str, bad.problems))}")
        return redirect("admin:careers_guide_version", pk, number)
    if loaded.is_changed:
        model_admin.log_change(request, loaded.guide, f"{said}.")
        messages.success(request, f"{said}.")
    else:
        messages.info(request, "The guide says this already.")
    return redirect("admin:careers_guide_history", pk)


def content_of(version: GuideVersion) -> dict:
    """What it said, at the address that the guide has now."""
    return version.content | {"slug": version.guide.slug}


def version_or_404(pk: int, number: int) -> GuideVersion:
    return get_object_or_404(GuideVersion.objects.select_related("guide", "by"), guide=pk, pk=number)


def guide_or_404(object_id: str) -> Guide:
    if not (object_id.isascii() and object_id.isdecimal() and len(object_id) < 19):
        raise Http404
    return get_object_or_404(Guide, pk=object_id)


def answer(model_admin, request, guide: Guide, template: str, context: dict) -> TemplateResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "guide": guide,
        "may_change": model_admin.has_change_permission(request, guide),
        "now": timezone.now(),
        **context,
    }
    return TemplateResponse(request, f"admin/careers/guide/{template}.html", context)

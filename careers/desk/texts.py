"""How a long text will look while it is being written: drawn by the function that draws it for readers."""

from django.core.exceptions import PermissionDenied
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST

from careers.desk.addresses import address
from careers.markdown import LONGEST, as_html, tidy


def paths(model_admin) -> list:
    return [address(model_admin, "text-preview/", preview, "careers_guide_text_preview")]


@require_POST
def preview(request, model_admin):
    """`field` names the value that holds the text. With `live` only the piece that a module puts beside the field."""
    if not (model_admin.has_add_permission(request) or model_admin.has_change_permission(request)):
        raise PermissionDenied
    field = request.POST.get("field", "")
    text = tidy(request.POST.get(field, ""))
    drawn = {"html": as_html(text) if len(text) <= LONGEST else "", "said": said_of(text)}
    if "live" in request.POST:
        return TemplateResponse(request, "admin/careers/guide/_text.html", drawn)
    page = {
        **model_admin.admin_site.each_context(request),
        "title": f"Preview: {field.rpartition('-')[2]}",
        "opts": model_admin.opts,
    }
    return TemplateResponse(request, "admin/careers/guide/text.html", page | drawn)


def said_of(text: str) -> str:
    if len(text) > LONGEST:
        return f"This has {len(text):,} characters; {LONGEST:,} is the most."
    words = len(text.split())
    return (
        f"The preview is up to date: {words:,} word{'' if words == 1 else 's'}." if words else "Nothing is written yet."
    )

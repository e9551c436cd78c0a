"""Guides out to files and in from them: first what a file would change, then, asked for, the change itself."""

import io
import zipfile
from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_POST, require_safe

from careers.content.loading import load_guide
from careers.content.planning import Plan, guide_of, plan
from careers.content.reading import BadGuide, read_file
from careers.content.writing import as_json, as_yaml, mapping_of
from careers.desk.addresses import address
from careers.models import Guide

LARGEST = 200_000
FORMATS = {"yaml": (as_yaml, "application/yaml; charset=utf-8"), "json": (as_json, "application/json")}


class FileForm(forms.Form):
    """The file, or its text as it was sent and perhaps corrected since."""

    file = forms.FileField(
        required=False, label="File", help_text="One guide as YAML or JSON, as an export writes it; at most 200 KB."
    )
    text = forms.CharField(
        required=False, label="Its text", strip=False, widget=forms.Textarea({"rows": 24, "spellcheck": "false"})
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST:
            raise ValidationError(f"This file has {file.size:,} bytes; {LARGEST:,} is the most.")
        return file

    def clean(self):
        file, text = self.cleaned_data.get("file"), self.cleaned_data.get("text", "")
        if not (file or text.strip()) and not self.errors:
            self.add_error("file", "Choose a file, or write its text below.")
        if len(text) > LARGEST:
            self.add_error("text", f"This is longer than {LARGEST:,} characters.")
        return self.cleaned_data

    def content(self) -> bytes:
        file = self.cleaned_data["file"]
        return file.read() if file else self.cleaned_data["text"].encode("utf-8", "surrogatepass")


class KeepForm(forms.Form):
    """The text that the page showed the differences of, and the version of the guide that they were to."""

    text = forms.CharField(strip=False, max_length=LARGEST)
    seen = forms.IntegerField(required=False)


def paths(model_admin) -> list:
    return [
        address(model_admin, "import/", look_over, "careers_guide_import"),
        address(model_admin, "import/confirmation/", keep, "careers_guide_import_confirm"),
        address(model_admin, "<int:pk>/export.<slug:kind>", export, "careers_guide_export"),
    ]


def look_over(request, model_admin):
    """The form; after a file was sent what it would change, or what is wrong with it, line by line."""
    refuse_outsiders(model_admin, request)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if not form.is_valid():
        return answer(model_admin, request, form, None, [])
    content = form.content()
    try:
        mapping, lines = read_file(content)
        found, problems = plan(mapping, lines=lines), []
    except BadGuide as bad:
        found, problems = None, bad.problems
    shown = FileForm(initial={"text": content.decode("utf-8", "replace").lstrip("\ufeff").replace("\x00", "�")})
    return answer(model_admin, request, shown, found, problems)


@require_POST
def keep(request, model_admin):
    """Do what was shown; when the guide was changed meanwhile, show the differences once more."""
    refuse_outsiders(model_admin, request)
    asked = KeepForm(request.POST)
    if not asked.is_valid():
        return redirect("admin:careers_guide_import")
    text = asked.cleaned_data["text"]
    try:
        mapping, lines = read_file(text.encode("utf-8", "surrogatepass"))
        if newest(guide_of(mapping)) != asked.cleaned_data["seen"]:
            messages.warning(request, "Somebody has changed the guide meanwhile. Look again at what differs.")
            return answer(model_admin, request, FileForm(initial={"text": text}), plan(mapping, lines=lines), [])
        loaded = load_guide(mapping, lines=lines, by=request.user, did="Imported from a file")
    except BadGuide as bad:
        return answer(model_admin, request, FileForm(initial={"text": text}), None, bad.problems)
    tell(model_admin, request, loaded)
    return redirect("admin:careers_guide_change", loaded.guide.pk)


def tell(model_admin, request, loaded):
    if loaded.is_new:
        model_admin.log_addition(request, loaded.guide, "Imported from a file.")
        messages.success(request, f"“{loaded.guide}” is imported, as a draft.")
    elif loaded.is_changed:
        model_admin.log_change(request, loaded.guide, "Imported from a file.")
        messages.success(request, f"“{loaded.guide}” says what the file says now.")
    else:
        messages.info(request, f"“{loaded.guide}” said all of this already.")


def refuse_outsiders(model_admin, request):
    if not (model_admin.has_add_permission(request) and model_admin.has_change_permission(request)):
        raise PermissionDenied


def newest(guide: Guide | None) -> int | None:
    """The number of the guide's newest version."""
    return guide.versions.order_by("-pk").values_list("pk", flat=True).first() if guide else None


def answer(model_admin, request, form: FileForm, found: Plan | None, problems: list) -> TemplateResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Import a guide",
        "opts": model_admin.opts,
        "form": form,
        "plan": found,
        "problems": problems,
        "seen": newest(found.guide) if found else None,
    }
    return TemplateResponse(request, "admin/careers/guide/import.html", context)


@require_safe
def export(request, model_admin, pk, kind):
    guide = get_object_or_404(Guide, pk=pk)
    if not model_admin.has_view_permission(request, guide):
        raise PermissionDenied
    if kind not in FORMATS:
        raise Http404
    write, content_type = FORMATS[kind]
    return as_download(write(mapping_of(guide)), content_type, f"{guide.slug}.{kind}")


class ExportForm(forms.Form):
    kind = forms.ChoiceField(
        choices=[("yaml", "YAML, good to read and to write"), ("json", "JSON, for programs")],
        initial="yaml",
        label="Format",
        widget=forms.RadioSelect,
    )


def asked_or_exported(model_admin, request, chosen):
    """The answer to the bulk action: the page that says what the files hold, then the files."""
    guides = list(chosen.select_related("category").order_by("title", "pk"))
    form = ExportForm(request.POST if "confirmed" in request.POST else None)
    if form.is_bound and form.is_valid():
        return exported(guides, form.cleaned_data["kind"])
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Export these guides?",
        "opts": model_admin.opts,
        "form": form,
        "guides": guides,
        "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/careers/guide/export.html", context)


def exported(guides: list[Guide], kind: str) -> HttpResponse:
    """One file each, in an archive; the guide's own file when it is one."""
    write, content_type = FORMATS[kind]
    if len(guides) == 1:
        return as_download(write(mapping_of(guides[0])), content_type, f"{guides[0].slug}.{kind}")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        for guide in guides:
            files.writestr(f"{guide.slug}.{kind}", write(mapping_of(guide)))
    return as_download(archive.getvalue(), "application/zip", f"guides-{datetime.now(UTC):%Y-%m-%d}.zip")


def as_download(content, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )

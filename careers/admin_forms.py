"""Forms of the admin in which guides are written."""

from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import ValidationError
from django.forms import BaseInlineFormSet, CheckboxSelectMultiple, ModelForm
from django.urls import reverse_lazy
from django.utils.functional import cached_property

from accounts.admin_versions import LastChange, SeenVersionForm
from careers.markdown import as_html
from careers.models import Stage
from careers.reviews import validate_done_on, validate_next_review
from careers.stages import check_stages


class MarkdownWidget(AdminTextareaWidget):
    """A long text and how readers will see it: drawn with the page, and while somebody writes by js/markdown.js."""

    template_name = "admin/careers/guide/markdown_field.html"
    preview_url = reverse_lazy("admin:careers_guide_text_preview")

    def __init__(self, attrs=None):
        super().__init__({"rows": 12, **(attrs or {})})

    def get_context(self, name, value, attrs):
        more = {"called": name.rpartition("-")[2], "html": as_html(value or ""), "preview_url": self.preview_url}
        return super().get_context(name, value, attrs) | more


class StageFormSet(BaseInlineFormSet):
    def clean(self):
        super().clean()
        if not any(self.errors):
            check_stages(self.kept())

    def kept(self) -> list[Stage]:
        """The stages that the guide will have: neither removed nor left empty."""
        kept = [form for form in self.forms if form not in self.deleted_forms]
        return [form.instance for form in kept if form.instance.pk or form.has_changed()]


class OrderedFormSet(BaseInlineFormSet):
    """Rows without a number of their own go to the end, in the order they were added."""

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if "DELETE" in form.fields:
            form.fields["DELETE"].widget.attrs["aria-label"] = "Remove"

    def save_new(self, form, commit=True):
        if "position" not in form.changed_data:
            last = max((kept.instance.position for kept in self.initial_forms), default=0)
            form.instance.position = last + 1 + self.extra_forms.index(form)
        return super().save_new(form, commit)


class CheckedDays:
    """Judges the days of reviews that were typed anew: an older one may be left as it stands."""

    checked_days: dict

    def clean(self):
        cleaned = super().clean()
        for name, check in self.checked_days.items():
            if name in self.changed_data and self.cleaned_data.get(name):
                try:
                    check(self.cleaned_data[name])
                except ValidationError as error:
                    self.add_error(name, error)
        return cleaned


class FigureForm(CheckedDays, ModelForm):
    checked_days = {"checked_on": validate_done_on, "review_due_on": validate_next_review}


class GuideForm(CheckedDays, SeenVersionForm):
    checked_days = {"reviewed_on": validate_done_on, "review_due_on": validate_next_review}

    class Meta:
        widgets = {
            **{name: AdminTextareaWidget({"rows": 2}) for name in ("summary", "demand_note", "remote_note")},
            "platforms": CheckboxSelectMultiple,
        }

    @cached_property
    def newest(self):
        return self.instance.versions.newest_first().first()

    def version(self):
        return str(self.newest.pk) if self.newest else ""

    def last_change(self):
        return LastChange(by=self.newest.by, did=self.newest.did, at=self.newest.at)

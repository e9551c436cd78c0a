"""Two people, or two tabs, with one form of the admin: who saves last is told first what came in between."""

from dataclasses import dataclass
from datetime import datetime

from django import forms


@dataclass(frozen=True)
class LastChange:
    """`by` is None for what no person did."""

    by: object
    did: str
    at: datetime


class SeenVersionForm(forms.ModelForm):
    """Knows the version that was open, so that nobody's change is overwritten unseen."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["seen"] = self.version() if self.instance.pk else ""

    def version(self) -> str:
        """Another text after each change that saving this form would overwrite."""
        raise NotImplementedError

    def last_change(self) -> LastChange:
        raise NotImplementedError

    def clean(self):
        cleaned = super().clean()
        if self.cleaned_data.get("seen") not in ("", None, self.initial["seen"]):
            self.add_error(None, self.warning(self.last_change()))
            self.data = self.data.copy()
            self.data[self.add_prefix("seen")] = self.initial["seen"]
        return cleaned

    def warning(self, last: LastChange) -> str:
        who, what = last.by or "Somebody", self.instance._meta.verbose_name
        return (
            f"{who} has changed this {what} since you opened it ({last.did}, "
            f"{last.at:%-d %B, %H:%M} UTC). Nothing is saved yet: see the history; saving again overwrites it."
        )


class SeenVersionAdmin:
    """For a ModelAdmin whose form is a SeenVersionForm; its field is nothing to read for those who may only look."""

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if not self.has_change_permission(request, obj):
            return fieldsets
        (title, first), *others = fieldsets
        return [(title, {**first, "fields": [*first["fields"], "seen"]}), *others]

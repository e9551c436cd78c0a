"""Keys of rows as forms of the admin send them: what can be no key names no row, instead of being an error of ours."""

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db import models


def is_key(field: models.Field, text: str) -> bool:
    """Whether the database would look for the text in this field: it takes neither "abc" nor 2**64 for a number."""
    try:
        field.run_validators(field.to_python(text))
    except ValidationError:
        return False
    return "\x00" not in text


class ChosenByKeys:
    """For every ModelAdmin: leaves out of a list's chosen rows what can be none."""

    def response_action(self, request, queryset):
        chosen = request.POST.getlist(ACTION_CHECKBOX_NAME)
        request.POST = request.POST.copy()
        request.POST.setlist(ACTION_CHECKBOX_NAME, [key for key in chosen if is_key(self.opts.pk, key)])
        return super().response_action(request, queryset)

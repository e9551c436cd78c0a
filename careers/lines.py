"""A list of short plain sentences: an array in the database, one line each in a form."""

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

LONGEST = 200


class LinesField(ArrayField):
    """Ordered short texts without markup, such as the responsibilities of a level."""

    def __init__(self, verbose_name=None, *, blank=True, default=list, **options):
        options["base_field"] = models.CharField(max_length=LONGEST)
        super().__init__(verbose_name=verbose_name, blank=blank, default=default, **options)

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        del options["base_field"]
        return name, path, args, options | {"blank": self.blank}

    def formfield(self, **options):
        return models.Field.formfield(self, **{"form_class": LinesFormField, **options})


class LinesWidget(forms.Textarea):
    def __init__(self, attrs=None):
        super().__init__({"rows": 6, "cols": 80, **(attrs or {})})

    def format_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value


class LinesFormField(forms.CharField):
    widget = LinesWidget

    def __init__(self, **options):
        options.pop("max_length", None)
        options["help_text"] = options.get("help_text") or "One a line, without full stops."
        super().__init__(**options)
        self.empty_value = []

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return lines_of(value)

    def validate(self, value):
        super().validate(value)
        problems = [*too_long(value), *repeated(value)]
        if problems:
            raise ValidationError(problems)

    def run_validators(self, value):
        """The validators of a CharField look at a text; ours have looked at each line."""
        super().run_validators("\n".join(value))

    def has_changed(self, initial, data):
        return list(initial or []) != lines_of(data)


def lines_of(value) -> list[str]:
    if isinstance(value, list):
        return value
    return [" ".join(line.split()) for line in (value or "").splitlines() if line.strip()]


def too_long(lines: list[str]) -> list[str]:
    return [
        f"Line {number} has {len(line)} characters; keep it to {LONGEST}."
        for number, line in enumerate(lines, 1)
        if len(line) > LONGEST
    ]


def repeated(lines: list[str]) -> list[str]:
    return [
        f"Line {number} says the same as line {lines.index(line) + 1}."
        for number, line in enumerate(lines, 1)
        if line in lines[: number - 1]
    ]

"""A list of short plain sentences: an array in the database, one line each in a form."""

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

LONGEST = 200


def check_lines(lines: list[str]) -> None:
    problems = [*too_long(lines), *repeated(lines)]
    if problems:
        raise ValidationError(problems)


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


class LinesField(ArrayField):
    """Ordered short texts without markup, such as the responsibilities of a level."""

    default_validators = [check_lines]

    def __init__(self, verbose_name=None, *, blank=True, default=list, **options):
        options["base_field"] = models.CharField(max_length=LONGEST)
        super().__init__(verbose_name=verbose_name, blank=blank, default=default, **options)

    def deconstruct(self):
        name, path, args, options = super().deconstruct()
        del options["base_field"]
        return name, path, args, options | {"blank": self.blank}

    def formfield(self, **options):
        # An empty list is no moving default: Django needn't send what the form began with along.
        return models.Field.formfield(
            self, **{"form_class": LinesFormField, "show_hidden_initial": False, "initial": None, **options}
        )


class LinesWidget(forms.Textarea):
    def __init__(self, attrs=None):
        super().__init__({"rows": 6, "cols": 80, **(attrs or {})})


class LinesFormField(forms.CharField):
    widget = LinesWidget

    def __init__(self, **options):
        options["help_text"] = options.get("help_text") or "One a line, without full stops."
        super().__init__(**options)

    def prepare_value(self, value):
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        return lines_of(value)

    def run_validators(self, value):
        """Those of a CharField look at one text; the model's own field looks at the lines."""

    def has_changed(self, initial, data):
        return lines_of(initial) != lines_of(data)


def lines_of(value) -> list[str]:
    """["a", "b"] of "a\\nb"; a list stays what it is."""
    if isinstance(value, list):
        return value
    return [" ".join(line.split()) for line in (value or "").replace("\x00", "").splitlines() if line.strip()]

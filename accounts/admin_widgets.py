"""Django's admin widgets with the names that screen readers need."""

from django.contrib.admin.widgets import AdminSplitDateTime, AutocompleteSelect


class DateAndTime(AdminSplitDateTime):
    """Two fields under one label: each says which it is."""

    def __init__(self, attrs=None):
        super().__init__(attrs)
        for widget, name in zip(self.widgets, ("Date", "Time (UTC)"), strict=True):
            widget.attrs["aria-label"] = name


class SearchSelect(AutocompleteSelect):
    """While nothing is chosen it says what to do, which is also its accessible name."""

    def build_attrs(self, base_attrs, extra_attrs=None):
        return super().build_attrs(base_attrs, extra_attrs) | {"data-placeholder": "Search by name"}

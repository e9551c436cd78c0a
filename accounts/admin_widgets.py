"""Django's admin widgets with the names that screen readers need."""

from django.contrib.admin.widgets import AdminSplitDateTime, AutocompleteSelect

from accounts.admin_keys import is_key


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

    def optgroups(self, name, value, attr=None):
        key = self.field.target_field
        return super().optgroups(name, [said for said in value if is_key(key, said)], attr)


class SearchSelects:
    """For a ModelAdmin or an inline: its autocomplete_fields are SearchSelects."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = SearchSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

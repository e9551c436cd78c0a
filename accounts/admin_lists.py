"""What the admin's lists share in every app."""

from django.contrib import admin, messages
from django.contrib.admin.views.main import PAGE_VAR
from django.http import HttpResponse
from django.shortcuts import redirect


class ReadOnlyAdmin(admin.ModelAdmin):
    """A list to look through; nothing is added, changed or deleted by hand."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def may_act(self, request) -> bool:
        """Whether the role may change such rows, which it does by the page's own buttons."""
        return super().has_change_permission(request)


class StateFilter(admin.SimpleListFilter):
    """Words of a QuerySet as choices: {value: (label, rows -> rows)}."""

    title = "state"
    parameter_name = "state"
    states: dict = {}

    def lookups(self, request, model_admin):
        return [(value, label) for value, (label, _) in self.states.items()]

    def queryset(self, request, rows):
        return self.states[self.value()][1](rows) if self.value() in self.states else rows


def leave_page(request) -> None:
    """Ask for all that a list's filters leave, whichever of its pages one came from."""
    request.GET = request.GET.copy()
    request.GET.pop(PAGE_VAR, None)


def refuse_filters(request, opts) -> HttpResponse:
    """Back to the list, which drops what it can't read."""
    messages.warning(request, "Nothing was exported: the address held a filter that can’t be read.")
    return redirect(f"admin:{opts.app_label}_{opts.model_name}_changelist")

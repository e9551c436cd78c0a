"""People in the admin: who they are and what they may; secrets are never shown."""

from copy import copy

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import UserChangeForm
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import SplitDateTimeField
from django.shortcuts import redirect

from accounts.admin_widgets import DateAndTime
from accounts.deletion import CannotDeleteNow, delete_account
from accounts.models import User, canonical_email

# What only a superuser may hand out: with it anybody could make themselves one.
ONLY_SUPERUSERS_SET = ["is_superuser", "user_permissions"]


# What lets people in; nobody takes any of it from themselves, so that always somebody is left who can let others in.
FLAGS, SETS = ["is_active", "is_staff", "is_superuser"], ["groups", "user_permissions"]
OWN_ACCESS = "This is your own way into the admin: another admin can take it away."


class PersonForm(UserChangeForm):
    password = None
    # Who fills in the form.
    by: User

    def clean_email(self):
        return canonical_email(self.cleaned_data["email"])

    def clean(self):
        cleaned = super().clean()
        if self.instance == self.by:
            for name in self.taken_away():
                self.add_error(name, OWN_ACCESS)
        elif (taken := self.taken_away()) and not still_manages_people(self.by):
            self.add_error(taken[0], "Somebody has taken away your own access meanwhile, so nothing is saved.")
        return cleaned

    def taken_away(self) -> list[str]:
        """The fields in which something is left out that let the person in till now."""
        said = self.cleaned_data
        unticked = [name for name in FLAGS if getattr(self.instance, name) and not said.get(name, True)]
        kept = {name: set(said[name]) for name in SETS if name in said}
        return unticked + [name for name in kept if set(getattr(self.instance, name).all()) - kept[name]]


def still_manages_people(staff: User) -> bool:
    """Asked before access is taken from somebody: of two admins who do it to each other, the second is refused.

    Locks all staff until the transaction ends.
    """
    list(User.objects.filter(is_staff=True).order_by("pk").select_for_update().values_list("pk"))
    now = User.objects.get(pk=staff.pk)
    return now.is_staff and now.has_perm("accounts.change_user")


class AddressInline(admin.TabularInline):
    model = EmailAddress
    fields = readonly_fields = ["email", "verified", "primary"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = PersonForm
    inlines = [AddressInline]
    # Apps above this one say more about a person, such as the plan and why: functions of the user.
    facts_of_other_apps: list = []

    list_display = ["email", "name", "is_staff", "is_active", "joined_at", "last_login"]
    list_filter = ["is_staff", "is_active", "groups"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-joined_at", "-pk"]
    search_fields = ["email", "name"]
    filter_horizontal = []
    formfield_overrides = {
        models.DateTimeField: {"form_class": SplitDateTimeField, "widget": DateAndTime},
    }
    readonly_fields = ["joined_at", "last_login"]
    fieldsets = [
        (None, {"fields": ["email", "name"]}),
        ("Preferences", {"fields": ["time_zone", "country", "locale", "theme", "wants_news", "wants_reminders"]}),
        ("What they may", {"fields": ["is_active", "is_staff", "groups", "is_superuser", "user_permissions"]}),
        ("Dates", {"fields": ["joined_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "usable_password", "password1", "password2"]})]

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.by = request.user
        return form

    def get_inlines(self, request, obj):
        return super().get_inlines(request, obj) if obj else []

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        return [*fieldsets, ("Plan", {"fields": self.facts_of_other_apps})] if obj else fieldsets

    def get_readonly_fields(self, request, obj=None):
        fields = [*super().get_readonly_fields(request, obj), *self.facts_of_other_apps]
        return fields if request.user.is_superuser else [*fields, *ONLY_SUPERUSERS_SET]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and may_touch(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        """Nobody deletes themselves here: the log of what staff did keeps who did it."""
        return super().has_delete_permission(request, obj) and may_touch(request.user, obj) and obj != request.user

    def get_deleted_objects(self, objs, request):
        """Counts alone: what is theirs goes with them, whoever else may delete it, and may be thousands of rows."""
        _, counts, _, _ = super().get_deleted_objects(objs, request)
        return [], counts, set(), []

    def get_actions(self, request):
        """People are deleted one by one: each may be refused for a reason of its own."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def delete_view(self, request, object_id, extra_context=None):
        """By staff as by the person, and not within one transaction, because what must end elsewhere ends first."""
        person = self.get_object(request, unquote(object_id))
        if request.method != "POST" or not person or not self.has_delete_permission(request, person):
            return super().delete_view(request, object_id, extra_context)
        gone = copy(person)
        try:
            is_deleted = delete_account(person)
        except CannotDeleteNow as refusal:
            self.message_user(request, refusal.words, messages.ERROR)
            return redirect("admin:accounts_user_change", object_id)
        if is_deleted:
            self.log_deletions(request, [gone])
        return self.response_delete(request, str(gone), gone.pk)

    def user_change_password(self, request, id, form_url=""):
        """Nobody sets somebody else's password: people reset their own by mail."""
        if not request.user.is_superuser:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)


def may_touch(staff: User, person: User | None) -> bool:
    """A superuser is changed by superusers only."""
    return person is None or staff.is_superuser or not person.is_superuser


@admin.register(UserSession)
class UserSessionAdmin(admin.ModelAdmin):
    """Where people are logged in; deleting a row logs that browser out."""

    list_display = ["user", "created_at", "last_seen_at", "ip", "user_agent"]
    list_select_related = ["user"]
    list_per_page = 50
    show_full_result_count = False
    ordering = ["-created_at", "-pk"]
    search_fields = ["user__email", "ip"]
    fields = readonly_fields = ["user", "created_at", "last_seen_at", "ip", "user_agent"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

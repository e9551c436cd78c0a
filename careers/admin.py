"""Where editors write guides: fields in the order of the page, parts below them, nothing that asks for markup."""

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.forms import BaseInlineFormSet, CheckboxSelectMultiple, ModelForm
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from careers.models import (
    Certification,
    Contributor,
    Figure,
    Guide,
    GuideIncomplete,
    GuideSkill,
    OwnQuestion,
    Platform,
    Skill,
    Stage,
)
from careers.previews import preview_path
from careers.stages import check_stages
from careers.words import capitalised


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("draft", "Draft"), ("published", "Published"), ("due", "Due for review")]

    def queryset(self, request, queryset):
        now = timezone.now()
        match self.value():
            case "draft":
                return queryset.exclude(pk__in=Guide.objects.published(now))
            case "published":
                return queryset.published(now)
            case "due":
                return queryset.due_for_review(now.date())
        return queryset


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


class GuideSkillInline(admin.TabularInline):
    model = GuideSkill
    formset = OrderedFormSet
    autocomplete_fields = ["skill"]
    fields = ["skill", "expected_from", "position"]
    ordering = ["position", "pk"]
    extra = 1

    def formfield_for_dbfield(self, field, request, **options):
        """In a table only the column's head names a field: say it to screen readers too."""
        form_field = super().formfield_for_dbfield(field, request, **options)
        if form_field:
            form_field.widget.attrs["aria-label"] = capitalised(field.verbose_name)
        return form_field


class StageInline(admin.StackedInline):
    model = Stage
    formset = StageFormSet
    fields = ["title", "level", ("years_from", "years_to"), "responsibilities"]
    ordering = ["years_from", "pk"]
    extra = 0


class CertificationInline(admin.StackedInline):
    model = Certification
    formset = OrderedFormSet
    fields = [("name", "issuer"), "url", "position"]
    ordering = ["position", "pk"]
    extra = 0


class FigureInline(admin.StackedInline):
    model = Figure
    formset = OrderedFormSet
    fields = [
        ("measure", "amount"),
        ("counts", "place"),
        ("from_year", "to_year"),
        ("source", "source_year"),
        "source_url",
        "note",
        ("checked_on", "review_due_on"),
        "position",
    ]
    ordering = ["position", "pk"]
    extra = 0


class OwnQuestionInline(admin.StackedInline):
    model = OwnQuestion
    formset = OrderedFormSet
    fields = ["question", "answer", "position"]
    ordering = ["position", "pk"]
    verbose_name = "question of this guide alone"
    verbose_name_plural = "questions of this guide alone, after the standard seven"
    extra = 0


class GuideForm(ModelForm):
    class Meta:
        widgets = {
            **{name: AdminTextareaWidget({"rows": 2}) for name in ("summary", "demand_note", "remote_note")},
            "platforms": CheckboxSelectMultiple,
        }


@admin.register(Guide)
class GuideAdmin(admin.ModelAdmin):
    form = GuideForm
    list_display = ["title", "category", "state", "reviewed_on", "review_due_on", "revised_at"]
    list_filter = [
        StateFilter,
        ("category", admin.RelatedOnlyFieldListFilter),
        "language",
        ("author", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["category"]
    list_per_page = 50
    search_fields = ["title", "role", "summary", "skills__name"]
    ordering = ["title", "pk"]
    prepopulated_fields = {"slug": ["role"]}
    actions = ["publish_chosen", "unpublish_chosen"]
    save_on_top = True
    readonly_fields = ["state", "published_at", "published_by", "withdrawn_at", "withdrawn_by", "revised_at"]
    inlines = [GuideSkillInline, StageInline, CertificationInline, FigureInline, OwnQuestionInline]
    fieldsets = [
        (None, {"fields": ["role", "title", "slug", "category", "language", "summary"]}),
        ("What the role is", {"fields": ["introduction", "overview", "aspects"]}),
        (
            "Core responsibilities",
            {"fields": ["junior_responsibilities", "middle_responsibilities", "senior_responsibilities"]},
        ),
        ("Education", {"fields": ["education"]}),
        (
            "Market",
            {"fields": ["demand", "demand_note", "remote", "remote_note", "industries", "platforms", "search"]},
        ),
        ("People and review", {"fields": ["author", ("reviewer", "reviewed_on", "review_due_on")]}),
        (
            "State",
            {"fields": ["state", ("published_at", "published_by"), ("withdrawn_at", "withdrawn_by"), "revised_at"]},
        ),
    ]

    @admin.display(description="State")
    def state(self, guide):
        return state_of(guide, timezone.now())

    def get_urls(self):
        ours = [
            path("<int:pk>/publication/", self.admin_site.admin_view(self.publish), name="careers_guide_publish"),
            path("<int:pk>/withdrawal/", self.admin_site.admin_view(self.unpublish), name="careers_guide_unpublish"),
        ]
        return ours + super().get_urls()

    def view_on_site(self, guide):
        return guide.get_absolute_url() if guide.is_published(timezone.now()) else preview_path(guide)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        guide = self.get_object(request, object_id)
        told = {"is_published": guide.is_published(timezone.now()), "gaps": guide.gaps()} if guide else {}
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), **told})

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        guide = form.instance
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            guide.revise(at=timezone.now())
        if guide.is_published(timezone.now()) and (gaps := guide.gaps()):
            messages.warning(request, f"Readers of this published guide now miss: {', '.join(gaps)}.")

    def publish(self, request, pk):
        return self.change_state(request, pk, publish)

    def unpublish(self, request, pk):
        return self.change_state(request, pk, unpublish)

    @method_decorator(require_POST)
    def change_state(self, request, pk, verb):
        guide = get_object_or_404(Guide, pk=pk)
        if not self.has_change_permission(request, guide):
            raise PermissionDenied
        verb(request, self, [guide])
        return redirect("admin:careers_guide_change", guide.pk)

    @admin.action(description="Publish the chosen guides", permissions=["change"])
    def publish_chosen(self, request, guides):
        publish(request, self, guides)

    @admin.action(description="Take the chosen guides off the site", permissions=["change"])
    def unpublish_chosen(self, request, guides):
        unpublish(request, self, guides)


def state_of(guide: Guide, at) -> str:
    if guide.published_at is None:
        return "Draft"
    if guide.withdrawn_at is not None:
        return "Taken off the site"
    return "Published" if guide.is_published(at) else "Scheduled"


def publish(request, model_admin, guides):
    for guide in guides:
        try:
            guide.publish(by=request.user, at=timezone.now())
        except GuideIncomplete as incomplete:
            messages.error(request, f"“{guide}” can't be published yet. {incomplete}")
        else:
            model_admin.log_change(request, guide, "Published.")
            messages.success(request, f"“{guide}” is published.")


def unpublish(request, model_admin, guides):
    for guide in guides:
        guide.unpublish(by=request.user, at=timezone.now())
        model_admin.log_change(request, guide, "Taken off the site.")
        messages.success(request, f"“{guide}” is off the site.")


@admin.register(Skill)
class SkillAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "slug", "guides_asking"]
    list_filter = ["kind"]
    search_fields = ["name", "also_called"]
    ordering = ["name"]
    fields = ["name", "kind", "also_called", "slug"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(asking=Count("guide_skills"))

    @admin.display(description="Guides", ordering="asking")
    def guides_asking(self, skill):
        return skill.asking


@admin.register(Platform)
class PlatformAdmin(admin.ModelAdmin):
    list_display = ["name", "offers", "url"]
    list_filter = ["offers"]
    search_fields = ["name"]
    ordering = ["name"]


@admin.register(Contributor)
class ContributorAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "occupation"]
    list_filter = ["kind"]
    search_fields = ["name", "occupation"]
    ordering = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    raw_id_fields = ["user"]

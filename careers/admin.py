"""Where editors write guides: fields in the order of the page, parts below them, Markdown in long texts alone."""

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from accounts import nudging
from accounts.admin_lists import ReadOnlyAdmin, StateFilter
from accounts.admin_versions import SeenVersionAdmin
from accounts.admin_widgets import SearchSelects
from careers.admin_forms import FigureForm, GuideForm, MarkdownWidget, OrderedFormSet, StageFormSet
from careers.desk import files, history, markets, skills, steps, texts
from careers.link_checks import follow_figures
from careers.markdown import MarkdownField
from careers.models import (
    Certification,
    Contributor,
    Figure,
    Guide,
    GuideSkill,
    OwnQuestion,
    Platform,
    Skill,
    SourceLink,
    Stage,
    State,
)
from careers.previews import preview_path
from careers.words import capitalised

RENUMBERED = "Skills renumbered: the technical and the soft ones each kept their order"
MARKDOWN = {MarkdownField: {"widget": MarkdownWidget}}


class GuideStates(StateFilter):
    states = {
        State.DRAFT: (State.DRAFT.label, lambda guides: guides.drafts()),
        State.REVIEW: (State.REVIEW.label, lambda guides: guides.in_review()),
        State.SCHEDULED: (State.SCHEDULED.label, lambda guides: guides.scheduled()),
        State.PUBLISHED: (State.PUBLISHED.label, lambda guides: guides.published(timezone.now())),
        State.DUE: (State.DUE.label, lambda guides: guides.due_for_review(timezone.now().date())),
        State.WITHDRAWN: (State.WITHDRAWN.label, lambda guides: guides.drafts().filter(withdrawn_at__isnull=False)),
        "missed": ("Missed its schedule", lambda guides: guides.missed_their_schedule()),
    }


class GuideSkillInline(SearchSelects, admin.TabularInline):
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
    form = FigureForm
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
    formfield_overrides = MARKDOWN
    fields = ["question", "answer", "position"]
    ordering = ["position", "pk"]
    verbose_name = "question of this guide alone"
    verbose_name_plural = "questions of this guide alone, after the standard seven"
    extra = 0


@admin.register(Guide)
class GuideAdmin(SeenVersionAdmin, SearchSelects, admin.ModelAdmin):
    form = GuideForm
    formfield_overrides = MARKDOWN
    list_display = ["title", "category", "state", "reviewed_on", "review_due_on", "revised_at"]
    list_filter = [
        GuideStates,
        ("category", admin.RelatedOnlyFieldListFilter),
        "language",
        ("author", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["category"]
    autocomplete_fields = ["translation_of"]
    list_per_page = 50
    search_fields = ["title", "role", "summary", "skills__name"]
    ordering = ["title", "pk"]
    prepopulated_fields = {"slug": ["role"]}
    actions = [*(f"take_{step.name}" for step in steps.STEPS), "count_markets", "export_chosen"]
    save_on_top = True
    inlines = [GuideSkillInline, StageInline, CertificationInline, FigureInline, OwnQuestionInline]
    fieldsets = [
        (None, {"fields": ["role", "title", "slug", "category", ("language", "translation_of"), "summary"]}),
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
    ]

    @admin.display(description="State")
    def state(self, guide):
        state = guide.state(timezone.now())
        return format_html('<span class="badge badge--guide-{}">{}</span>', state.value, state.label)

    def has_publish_permission(self, request) -> bool:
        return request.user.has_perm("careers.publish_guide")

    # --- Pages --------------------------------------------------------------------------------------------------------

    def get_urls(self):
        return [
            *files.paths(self),
            *steps.paths(self),
            *history.paths(self),
            *markets.paths(self),
            *texts.paths(self),
            *super().get_urls(),
        ]

    def history_view(self, request, object_id, extra_context=None):
        return history.history(self, request, history.guide_or_404(unquote(object_id)))

    def view_on_site(self, guide):
        return guide.get_absolute_url() if guide.is_published(timezone.now()) else preview_path(guide)

    def changelist_view(self, request, extra_context=None):
        may_import = self.has_add_permission(request) and self.has_change_permission(request)
        return super().changelist_view(request, {"may_import": may_import})

    def render_change_form(self, request, context, *args, **kwargs):
        guide, now = context["original"], timezone.now()
        context["may_publish"] = self.has_publish_permission(request)
        context["is_published"] = bool(guide and guide.is_published(now))
        if guide:
            context["gaps"] = guide.gaps()
            context["state"] = guide.state(now)
            context["may_count"] = bool(guide.search) and self.has_change_permission(request, guide)
            context["steps"] = steps.steps_for(self, request, guide, now)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- Saving -------------------------------------------------------------------------------------------------------

    def save_model(self, request, guide, form, change):
        if not change:
            guide.created_by = request.user
        elif form.newest is None:
            # Written before there was a history: it begins with what stands there now.
            Guide.objects.get(pk=guide.pk).remember(by=None, at=guide.revised_at, did="As it was at first")
        super().save_model(request, guide, form, change)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        guide, now = form.instance, timezone.now()
        changed = {formset.model for formset in formsets if formset.has_changed()}
        if not change:
            guide.revise(by=request.user, at=now, did="Written")
        elif changed or set(form.changed_data) - {"seen"}:
            guide.revise(by=request.user, at=now, did=what_was_done(guide, changed))
        if Figure in changed:
            follow_figures()
        self.warn_of_gaps(request, guide, now)
        self.take_chosen_step(request, guide)

    def warn_of_gaps(self, request, guide, now):
        if guide.is_published(now) and (gaps := guide.gaps()):
            messages.warning(request, f"Readers of this published guide now miss: {', '.join(gaps)}.")

    def take_chosen_step(self, request, guide):
        for name, step in (("_publish", steps.PUBLISH), ("_submit", steps.SUBMIT)):
            if name in request.POST and steps.may(self, request, step):
                self.take_with_saving(request, guide, step)

    def take_with_saving(self, request, guide, step):
        if refusal := step.refusal(guide, timezone.now()):
            messages.error(request, f"It is saved. {steps.refused(guide, step, refusal)}")
        else:
            steps.take(self, request, guide, step, {})

    def response_change(self, request, guide):
        return super().response_change(as_continued(request), guide)

    def response_add(self, request, guide, post_url_continue=None):
        return super().response_add(as_continued(request), guide, post_url_continue)

    # --- Bulk changes -------------------------------------------------------------------------------------------------

    @admin.action(description="Count the market now", permissions=["change"])
    def count_markets(self, request, guides):
        markets.count(request, guides)

    @admin.action(description="Export…", permissions=["view"])
    def export_chosen(self, request, guides):
        return files.asked_or_exported(self, request, guides)


def what_was_done(guide, changed: set) -> str:
    return RENUMBERED if GuideSkill in changed and guide.says_what_it_said() else "Edited"


def as_continued(request):
    """After a step the guide stays open, where what it still lacks is told."""
    if {"_publish", "_submit"} & request.POST.keys():
        request.POST = request.POST.copy()
        request.POST["_continue"] = "1"
    return request


def action_for(step: steps.Step):
    def take(model_admin, request, guides):
        return steps.asked_or_done(model_admin, request, guides, step)

    return admin.action(take, description=f"{step.button}…", permissions=[step.permission])


for one in steps.STEPS:
    setattr(GuideAdmin, f"take_{one.name}", action_for(one))


@admin.register(Skill)
class SkillAdmin(admin.ModelAdmin):
    list_display = ["name", "kind", "slug", "guides_asking"]
    list_filter = ["kind"]
    search_fields = ["name", "also_called"]
    ordering = ["name"]
    fields = ["name", "kind", "also_called", "is_everyday_word", "slug"]
    list_per_page = 100
    actions = ["merge_chosen"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(asking=Count("guide_skills"))

    @admin.action(description="Merge…", permissions=["change"])
    def merge_chosen(self, request, chosen):
        return skills.asked_or_merged(self, request, chosen)

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


class SourceLinkStates(StateFilter):
    states = {
        "broken": ("Broken", lambda links: links.broken()),
        "failing": ("Failing", lambda links: links.failing()),
        "accepted": ("Marked as fine", lambda links: links.accepted()),
        "new": ("Not checked yet", lambda links: links.filter(checked_at__isnull=True)),
    }


@admin.register(SourceLink)
class SourceLinkAdmin(ReadOnlyAdmin):
    """What the nightly check found; nothing here is written by hand."""

    list_display = ["link", "state", "problem", "failing_since", "checked_at", "guides"]
    list_display_links = None
    list_filter = [SourceLinkStates]
    search_fields = ["url"]
    ordering = [F("broken_at").desc(nulls_last=True), F("failing_since").desc(nulls_last=True), "url"]
    actions = ["check_now", "mark_as_fine"]
    fields = ["url", "status", "problem", "failing_since", "checked_at", "next_check_at", "accepted_by", "accepted_at"]

    def has_settle_permission(self, request) -> bool:
        return self.may_act(request)

    def get_queryset(self, request):
        figures = Figure.objects.filter(source_url=OuterRef("url")).order_by("guide__title", "guide")
        named = figures.values(guide_named=JSONObject(pk="guide", title="guide__title")).distinct()
        return super().get_queryset(request).annotate(named_by=ArraySubquery(named))

    @admin.display(description="address", ordering="url")
    def link(self, link):
        said = '<a class="long-link" href="{}" rel="noopener noreferrer" target="_blank">{}</a>'
        return format_html(said, link.url, link.url)

    @admin.display(description="state", ordering="broken_at")
    def state(self, link):
        return format_html('<span class="badge badge--{}">{}</span>', *state_in_words(link))

    @admin.display(description="guides")
    def guides(self, link):
        named = [(reverse("admin:careers_guide_change", args=[one["pk"]]), one["title"]) for one in link.named_by]
        return format_html_join(", ", '<a href="{}">{}</a>', named)

    @admin.action(description="Check now", permissions=["settle"])
    def check_now(self, request, links):
        count = links.check_soon(at=timezone.now())
        nudging.nudge_on_commit("careers.check_due_sources")
        messages.success(request, f"{addresses(count)} will be checked within the next minutes.")

    @admin.action(description="Mark as fine", permissions=["settle"])
    def mark_as_fine(self, request, links):
        chosen = SourceLink.objects.filter(pk__in=links.values("pk"))
        for link in chosen.filter(failing_since__isnull=False):
            self.log_change(request, link, f"Marked as fine. It answered: {link.problem}")
        count = chosen.accept(by=request.user, at=timezone.now())
        messages.success(request, f"{addresses(count)} marked as fine, until the answer is another one.")


def state_in_words(link: SourceLink) -> tuple[str, str]:
    """The class of its badge, and the state."""
    if link.broken_at:
        return "failed", "Broken"
    if link.failing_since:
        return "waiting", "Failing"
    if link.accepted_at:
        return "open", "Marked as fine"
    return ("open", "Answers") if link.checked_at else ("draft", "Not checked yet")


def addresses(count: int) -> str:
    return "1 address" if count == 1 else f"{count} addresses"

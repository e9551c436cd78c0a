"""A guide tells how a role works, what it asks and where it leads; every part of it is a field, none holds HTML."""

import json
from datetime import timedelta
from functools import cache

from babel import Locale
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Prefetch, Q
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from careers.content.writing import jsonable, mapping_of
from careers.editions import editions
from careers.fingerprints import fingerprint
from careers.former import FormerGuideSlug, FormerSkillSlug
from careers.life import GuideIncomplete, Life, LifeQuerySet, State, WrongState
from careers.lines import LinesField
from careers.markdown import MarkdownField
from careers.market import RoleJob, RoleMarket, RoleReading, jobs_read_at
from careers.mentions import ReadAdvert, SkillMention
from careers.own_skills import OwnSkill
from careers.people import Contributor
from careers.reviews import FIGURE_DUE_ON, GUIDE_DUE_ON, guide_due_on
from careers.skills import Skill
from careers.source_links import SourceLink
from careers.stages import Stage
from careers.versions import GuideVersion
from jobs.models import Category, Level
from jobs.search import JobSearch
from jobs.words import fold

__all__ = [
    "Certification",
    "Contributor",
    "Figure",
    "FormerGuideSlug",
    "FormerSkillSlug",
    "Guide",
    "GuideIncomplete",
    "GuideSkill",
    "GuideVersion",
    "OwnQuestion",
    "OwnSkill",
    "Platform",
    "ReadAdvert",
    "RoleJob",
    "RoleMarket",
    "RoleReading",
    "Skill",
    "SkillMention",
    "SourceLink",
    "Stage",
    "State",
    "WrongState",
]

# What stands where a guide's slug would in an address.
SLUGS_OF_OURS = frozenset({"compare", "feed", "map", "my-skills", "people", "preview"})
LANGUAGE_CODE = RegexValidator(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "Give a language code, such as en or pt-BR.")


def is_language(code: str) -> bool:
    """Whether a code's first part is a language's; four codes of ISO 639 say that it is none or unknown."""
    return code.partition("-")[0] in Locale("en").languages.keys() - {"mis", "mul", "und", "zxx"}


class GuideLevel(models.TextChoices):
    """The three levels that a guide describes, by the board's own names."""

    JUNIOR = Level.JUNIOR.value, Level.JUNIOR.label
    MIDDLE = Level.MIDDLE.value, Level.MIDDLE.label
    SENIOR = Level.SENIOR.value, Level.SENIOR.label


class Platform(models.Model):
    """A place outside this board where the role's jobs are posted."""

    class Offers(models.TextChoices):
        BOTH = "both", "on-site and remote"
        REMOTE = "remote", "remote"
        ONSITE = "onsite", "on-site"

    name = models.CharField(max_length=80, unique=True)
    url = models.URLField("address", max_length=500)
    offers = models.CharField(max_length=8, choices=Offers, default=Offers.BOTH)

    def __str__(self):
        return self.name


class GuideQuerySet(LifeQuerySet):
    def due_for_review(self, on):
        """Those that are due themselves, or a figure of theirs is."""
        figures = Figure.objects.due_for_review(on).filter(guide=OuterRef("pk"))
        return self.annotate(due_on=GUIDE_DUE_ON).filter(Q(due_on__lte=on) | Exists(figures))

    def in_category(self, slug):
        return self.filter(category__slug=slug)

    def about(self, words: str):
        """Those whose title, role, summary or skills hold every word; accents and case don't matter."""
        found = self
        for word in fold(words).split()[:10]:
            asked = GuideSkill.objects.filter(guide=OuterRef("pk"), skill__folded__contains=word)
            found = found.filter(Q(folded__contains=word) | Exists(asked))
        return found

    def for_cards(self):
        return self.select_related("category").order_by(Lower("role"), "pk")

    def for_page(self):
        """With everything that the guide's page shows, in its order."""
        return self.for_head().prefetch_related(*parts())

    def for_head(self):
        guides = self.select_related("category", "author", "reviewer")
        return guides.annotate(fingerprint=fingerprint(), editions=editions())

    def for_door(self):
        """What its page needs before it is known whether the rest must be drawn anew; `fingerprint` tells that."""
        life = ("published_at", "withdrawn_at")
        guides = self.only("slug", "title", "summary", "language", "search", "category_id", *life)
        return guides.annotate(fingerprint=fingerprint(), editions=editions(), jobs_read_at=jobs_read_at())

    def at_door(self, slug: str) -> "Guide | None":
        """The guide with this address as for_door() reads it, whether or not it is on the site."""
        found = next(iter(self.model.objects.raw(door_sql(), [slug])), None)
        if found:
            found.editions = json.loads(found.editions)
        return found


@cache
def door_sql() -> str:
    """The statement of for_door() for an address, made once: to make it anew would cost more than its answer."""
    sql, _ = Guide.objects.for_door().filter(slug="").query.sql_with_params()
    return sql


def parts() -> list[Prefetch]:
    """What belongs to a guide, each in its order."""
    return [
        Prefetch("guide_skills", GuideSkill.objects.in_order()),
        Prefetch("stages", Stage.objects.in_order()),
        Prefetch("certifications", Certification.objects.order_by("position", "pk")),
        Prefetch("figures", Figure.objects.order_by("position", "pk")),
        Prefetch("own_questions", OwnQuestion.objects.order_by("position", "pk")),
        Prefetch("platforms", Platform.objects.order_by("name")),
    ]


class Guide(Life):
    """A career guide. Lines are written as they read inside a sentence: in small letters unless a name begins them."""

    class Demand(models.TextChoices):
        VERY_HIGH = "very-high", "Very high"
        HIGH = "high", "High"
        STEADY = "steady", "Steady"
        FALLING = "falling", "Falling"

    class Remote(models.TextChoices):
        HIGH = "high", "Often remote"
        SOME = "some", "Sometimes remote"
        LOW = "low", "Seldom remote"

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=120)
    role = models.CharField(
        "name of the role",
        max_length=80,
        help_text="In the singular and as inside a sentence: machine learning engineer.",
    )
    category = models.ForeignKey(Category, models.PROTECT, related_name="guides")
    language = models.CharField(max_length=12, default="en", validators=[LANGUAGE_CODE])
    translation_of = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="translations",
        help_text="The guide in its first language; empty when this is it.",
    )
    summary = models.CharField(
        max_length=300, help_text="One or two sentences for lists, search engines and shared links."
    )
    introduction = MarkdownField(blank=True)
    overview = MarkdownField("role overview", blank=True)
    aspects = LinesField("key aspects")

    junior_responsibilities = LinesField("core responsibilities of a junior")
    middle_responsibilities = LinesField("core responsibilities of a middle")
    senior_responsibilities = LinesField("core responsibilities of a senior")
    skills = models.ManyToManyField(Skill, through="GuideSkill", related_name="guides")
    education = LinesField("required education")

    demand = models.CharField(max_length=10, choices=Demand, blank=True)
    demand_note = models.CharField(
        max_length=300, blank=True, help_text="Why, in a sentence. Numbers belong to the figures, with their source."
    )
    remote = models.CharField("remote availability", max_length=5, choices=Remote, blank=True)
    remote_note = models.CharField(max_length=300, blank=True)
    industries = LinesField("top industries")
    platforms = models.ManyToManyField(Platform, related_name="guides", blank=True)

    search = models.CharField(
        "search that finds its jobs",
        max_length=500,
        blank=True,
        help_text="The address of a search on this board, or what stands behind its ?: q=%22machine+learning%22.",
    )

    author = models.ForeignKey(Contributor, models.PROTECT, null=True, blank=True, related_name="guides_written")
    reviewer = models.ForeignKey(Contributor, models.PROTECT, null=True, blank=True, related_name="guides_reviewed")
    reviewed_on = models.DateField(null=True, blank=True)
    review_due_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # When what readers see last changed: what sitemaps and search engines are told.
    revised_at = models.DateTimeField(default=timezone.now, editable=False)
    # Title, role and summary as search compares them.
    folded = models.TextField(editable=False)

    objects = GuideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True, reviewed_on__isnull=True)
                | Q(reviewer__isnull=False, reviewed_on__isnull=False),
                name="guide_reviewed_by_someone_on_a_day",
                violation_error_message="Give both the reviewer and the day of the review, or neither.",
            ),
            models.CheckConstraint(
                condition=Q(review_due_on__isnull=True)
                | Q(reviewed_on__isnull=True)
                | Q(review_due_on__gt=F("reviewed_on")),
                name="guide_review_due_after_the_last",
                violation_error_message="The next review must be due after the last one.",
            ),
            models.CheckConstraint(
                condition=~Q(demand_note__gt="", demand="") & ~Q(remote_note__gt="", remote=""),
                name="guide_note_needs_its_choice",
                violation_error_message="Choose the demand or the remote availability that the note explains.",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(published_at__isnull=False),
                name="guide_withdrawn_after_publishing",
            ),
            models.CheckConstraint(
                condition=Q(scheduled_for__isnull=True, scheduled_at__isnull=True)
                | Q(scheduled_for__gt=F("scheduled_at")),
                name="guide_scheduled_for_a_time_to_come",
            ),
            models.UniqueConstraint(
                fields=["translation_of", "language"],
                name="guide_translated_once",
                violation_error_message="There is a translation into this language already.",
            ),
        ]
        permissions = [("publish_guide", "Can publish and schedule guides, and take them off the site")]
        indexes = [models.Index(fields=["category", "title"], name="guide_category_title")]

    def __str__(self):
        return self.title

    def save(self, **kwargs):
        self.folded = fold(f"{self.title}\n{self.role}\n{self.summary}")
        old = None if kwargs.get("update_fields") else self.slug_before()
        super().save(**kwargs)
        if old and old != self.slug:
            FormerGuideSlug.objects.follow(self, old=old)

    def slug_before(self) -> str | None:
        """The address under which readers know it, if any."""
        known = Guide.objects.filter(pk=self.pk, published_at__isnull=False)
        return known.values_list("slug", flat=True).first()

    def get_absolute_url(self):
        return reverse("careers:guide", args=[self.slug])

    def clean(self):
        """Keep the search as the search page writes it; refuse one that narrows nothing, and addresses of ours."""
        if LANGUAGE_CODE.regex.match(self.language) and not is_language(self.language):
            raise ValidationError({"language": "No language has this code; give one such as en or pt-BR."})
        if self.slug in SLUGS_OF_OURS:
            raise ValidationError({"slug": "This address belongs to the site itself: choose another."})
        if taken := FormerGuideSlug.objects.filter(slug=self.slug).exclude(of=self.pk).select_related("of").first():
            raise ValidationError(
                {"slug": f"This was the address of “{taken.of}” and leads there still: choose another."}
            )
        if self.translation_of_id and self.translation_of_id == self.pk:
            raise ValidationError({"translation_of": "A guide is no translation of itself."})
        if self.translation_of_id and self.translation_of.translation_of_id:
            raise ValidationError(
                {"translation_of": f"“{self.translation_of}” is a translation itself: choose its original."}
            )
        typed = self.search.strip().rpartition("?")[2]
        self.search = JobSearch.from_query(QueryDict(typed)).query_string()
        if typed and JobSearch.from_query(QueryDict(self.search)).is_empty:
            raise ValidationError({"search": "This finds every job. Search for the role and copy the page's address."})

    def is_due(self, at) -> bool:
        due_on = guide_due_on(self)
        return due_on is not None and due_on <= at.date()

    def revise(self, *, at, by=None, did="Edited"):
        """Remember that what readers see changed at `at`."""
        self.revised_at = at
        self.save(update_fields=["revised_at", "folded"])
        self.remember(by=by, at=at, did=did)

    def says_what_it_said(self) -> bool:
        """Whether its newest version holds what it says now."""
        newest = self.versions.newest_first().first()
        return newest is not None and newest.content == jsonable(mapping_of(self))

    def remember(self, *, by, at, did: str) -> GuideVersion:
        """Put what the guide says now into its history."""
        return self.versions.create(content=jsonable(mapping_of(self)), did=did[:500], at=at, by=by)

    def review(self, *, reviewer: Contributor, at, by=None, again_after=timedelta(days=365)):
        """Remember who read it through and when that is due again."""
        self.reviewer, self.reviewed_on, self.review_due_on = reviewer, at.date(), at.date() + again_after
        self.save(update_fields=["reviewer", "reviewed_on", "review_due_on", "folded"])
        self.remember(by=by, at=at, did=f"Reviewed by {reviewer}")

    def responsibilities(self) -> list[tuple[GuideLevel, list[str]]]:
        """The levels that have responsibilities, from junior up."""
        levels = [(level, getattr(self, f"{level}_responsibilities")) for level in GuideLevel]
        return [(level, lines) for level, lines in levels if lines]

    def gaps(self) -> list[str]:
        """What readers would miss if the guide were published as it is."""
        return [name for name, there in self._needed() if not there]

    def _needed(self):
        yield from (
            ("the introduction", self.introduction),
            ("the role overview", self.overview),
            ("the key aspects", self.aspects),
        )
        for level in GuideLevel:
            yield f"the responsibilities of a {level}", getattr(self, f"{level}_responsibilities")
        kinds = {skill.kind for skill in self.skills.all()}
        for kind in Skill.Kind:
            yield f"{kind} skills", kind in kinds
        yield from (
            ("at least two stages", len(self.stages.all()) >= 2),
            ("the required education", self.education),
            ("the demand", self.demand),
            ("the remote availability", self.remote),
            ("the top industries", self.industries),
            ("the search that finds its jobs", self.search),
            ("the author", self.author_id),
        )


class GuideSkillQuerySet(models.QuerySet):
    def in_order(self):
        return self.select_related("skill").order_by("position", "pk")


class GuideSkill(models.Model):
    """That a role asks for a skill, and from which level on."""

    guide = models.ForeignKey(Guide, models.CASCADE, related_name="guide_skills")
    skill = models.ForeignKey(Skill, models.PROTECT, related_name="guide_skills")
    expected_from = models.CharField(
        "expected from", max_length=10, choices=GuideLevel, default=GuideLevel.JUNIOR, help_text="The level."
    )
    position = models.PositiveSmallIntegerField(default=0)

    objects = GuideSkillQuerySet.as_manager()

    class Meta:
        verbose_name = "skill of the role"
        verbose_name_plural = "skills of the role"
        constraints = [
            models.UniqueConstraint(
                fields=["guide", "skill"],
                name="guide_skill_once",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="This skill is listed twice.",
            )
        ]

    def __str__(self):
        return self.skill.name

    @property
    def is_expected_later(self) -> bool:
        """Whether a junior may still lack it."""
        return self.expected_from != GuideLevel.JUNIOR


class Certification(models.Model):
    """A certificate worth having for the role."""

    guide = models.ForeignKey(Guide, models.CASCADE, related_name="certifications")
    name = models.CharField(max_length=120)
    issuer = models.CharField(max_length=120)
    url = models.URLField("address", max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["guide", "name"],
                name="certification_once",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="This certification is listed twice.",
            )
        ]

    def __str__(self):
        return f"{self.name} ({self.issuer})"


class FigureQuerySet(models.QuerySet):
    def due_for_review(self, on):
        return self.annotate(due_on=FIGURE_DUE_ON).filter(due_on__lte=on)


class Figure(models.Model):
    """A number about the market with where it comes from; a number without a source is not kept at all."""

    class Measure(models.TextChoices):
        GROWTH = "growth", "Growth of employment, in percent"
        JOBS = "jobs", "People employed"
        OPENINGS = "openings", "Openings a year"
        REMOTE = "remote", "Share of remote work, in percent"

    guide = models.ForeignKey(Guide, models.CASCADE, related_name="figures")
    measure = models.CharField(max_length=8, choices=Measure)
    amount = models.DecimalField(max_digits=12, decimal_places=1)
    counts = models.CharField(
        "what it counts", max_length=120, help_text="The source's own name for the group, such as: data scientists."
    )
    place = models.CharField(max_length=80, help_text="With its article, as after “in”: the United States.")
    from_year = models.PositiveSmallIntegerField(validators=[MinValueValidator(1990), MaxValueValidator(2100)])
    to_year = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1990), MaxValueValidator(2100)]
    )
    source = models.CharField(max_length=160, help_text="Who published it, and in which publication.")
    source_url = models.URLField("address of the source", max_length=500)
    source_year = models.PositiveSmallIntegerField(
        "year of the source", validators=[MinValueValidator(1990), MaxValueValidator(2100)]
    )
    note = models.CharField(
        max_length=200, blank=True, help_text="What a reader must know to read it rightly, in a sentence."
    )
    checked_on = models.DateField(null=True, blank=True, help_text="When somebody last read it at the source.")
    review_due_on = models.DateField(null=True, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    objects = FigureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(source="") & ~Q(source_url=""), name="figure_has_a_source"),
            models.CheckConstraint(
                condition=Q(to_year__isnull=True) | Q(to_year__gt=F("from_year")),
                name="figure_years_in_order",
                violation_error_message="The last year must come after the first.",
            ),
            models.CheckConstraint(
                condition=~Q(measure="growth") | Q(to_year__isnull=False),
                name="figure_growth_has_two_years",
                violation_error_message="Growth needs the year it is counted to.",
            ),
        ]

    def __str__(self):
        return f"{self.get_measure_display()}: {self.amount} ({self.source}, {self.source_year})"


class OwnQuestion(models.Model):
    """A question of this guide alone, after the standard seven."""

    guide = models.ForeignKey(Guide, models.CASCADE, related_name="own_questions")
    question = models.CharField(max_length=200)
    answer = MarkdownField()
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["guide", "question"],
                name="own_question_once",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="This question is there twice.",
            )
        ]

    def __str__(self):
        return self.question

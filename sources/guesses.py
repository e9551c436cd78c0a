"""What a title says plainly about an advert's field of work, level, type and workplace. Nothing plain, no guess."""

import re
from dataclasses import dataclass

from jobs.models import EmploymentType, Level, Workplace


@dataclass(frozen=True)
class Rule:
    """Titles with one of `words` (regular expressions of whole words) belong to the category of `slug`."""

    slug: str
    words: tuple[str, ...]

    def word_in(self, title: str) -> str:
        found = whole_words(self.words).search(title)
        return found[0].lower() if found else ""


def whole_words(words: tuple[str, ...]) -> re.Pattern:
    return re.compile(r"(?<!\w)(?:" + "|".join(words) + r")(?!\w)", re.IGNORECASE)


# The first rule with a word in the title decides; staff see the table and the word on the preview.
CATEGORY_RULES = (
    Rule("cybersecurity", ("cyber ?security", "information security", "security engineer", "security analyst")),
    Rule(
        "healthcare",
        ("nurse", "nursing", "physician", "medical lab(?:oratory)?", "med tech", "clinical lab(?:oratory)?"),
    ),
    Rule(
        "data-science",
        (
            "data",
            "machine learning",
            "deep learning",
            "analytics",
            "business intelligence",
            "statistician",
            "computer vision",
        ),
    ),
    Rule("qa-testing", ("qa", "quality assurance", "test engineer", "tester")),
    Rule("admin", ("devops", "sre", "site reliability", "system administrator", "sysadmin")),
    Rule("web-app-design", ("ux", "ui", "web designer", "product designer")),
    Rule("design-multimedia", ("designer", "illustrator", "art director")),
    Rule(
        "dev",
        ("software", "developers?", "programmer", "back-?end", "front-?end", "full-?stack", "computer scientist"),
    ),
    Rule("project-management", ("project manager", "scrum master", "program manager")),
    Rule("management", ("product manager", "product owner", "operations manager")),
    Rule("seo", ("seo", "search engine")),
    Rule("smm", ("social media",)),
    Rule("marketing", ("marketing", "brand manager")),
    Rule("copywriting", ("copywriter", "technical writer", "content writer", "editor")),
    Rule("translation-localization", ("translator", "localization", "localisation")),
    Rule("seller", ("sales", "account executive", "account exec")),
    Rule("business", ("business development", "partnerships")),
    Rule("technical-support", ("technical support", "help ?desk", "it support")),
    Rule("supporting", ("customer support", "customer service", "customer success")),
    Rule("accounting-finance", ("accountant", "accounting", "finance", "financial", "controller", "auditor")),
    Rule("hr", ("recruiter", "human resources", "hr", "talent acquisition")),
    Rule("legal", ("lawyer", "attorney", "legal", "paralegal", "counsel")),
    Rule("education", ("teacher", "tutor", "lecturer", "instructor")),
    Rule("admin-support", ("office manager", "executive assistant", "receptionist", "administrative assistant")),
    Rule("engineering", ("engineer", "engineering")),
)

LEVEL_WORDS = (
    (Level.INTERN, ("intern", "internship")),
    (Level.JUNIOR, ("junior", r"jr\.?", "entry[ -]level")),
    (Level.SENIOR, ("senior", r"sr\.?")),
    (Level.LEAD, ("lead", "principal")),
    (Level.EXECUTIVE, (r"chief \w+ officer", "vp", "vice president")),
    # Not a level of ours, but with it "senior" isn't the plain word.
    (None, ("director", r"chief(?! \w+ officer)", "head")),
)
TYPE_WORDS = (
    (EmploymentType.INTERNSHIP, ("intern", "internship")),
    (EmploymentType.PART_TIME, ("part[ -]time",)),
    (EmploymentType.FULL_TIME, ("full[ -]time",)),
    (EmploymentType.CONTRACT, ("contract", "contractor")),
    (EmploymentType.FREELANCE, ("freelance", "freelancer")),
    (EmploymentType.TEMPORARY, ("temporary", "temp")),
)
WORKPLACE_WORDS = (
    (Workplace.REMOTE, ("remote", "work from home")),
    (Workplace.HYBRID, ("hybrid",)),
    (Workplace.ONSITE, ("on-?site",)),
)


def category_of(title: str) -> tuple[str, str]:
    """(slug of the category, the word that says so); both empty when no word does."""
    for rule in CATEGORY_RULES:
        if word := rule.word_in(title):
            return rule.slug, word
    return "", ""


def level_of(title: str) -> str:
    return only_one(LEVEL_WORDS, title)


def workplace_of(title: str) -> str:
    return only_one(WORKPLACE_WORDS, title)


def employment_types_of(title: str) -> list[str]:
    return [str(value) for value in values_said(TYPE_WORDS, title)]


def only_one(table, title: str) -> str:
    """The one value the title's words stand for; empty when they stand for none or for several."""
    said = values_said(table, title)
    return str(said[0]) if len(said) == 1 and said[0] else ""


def values_said(table, title: str) -> list:
    return [value for value, words in table if whole_words(words).search(title)]

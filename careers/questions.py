"""The seven questions that every guide answers, each from the guide's own fields."""

from dataclasses import dataclass
from functools import wraps

from django.utils.text import slugify

from careers import figures
from careers.markdown import as_html, plain_paragraphs
from careers.models import Guide, GuideLevel, Stage
from careers.skills import Skill
from careers.words import capitalised, listed, with_article

# Paragraphs, then points if the answer has any.
Answer = tuple[tuple[str, ...], tuple[str, ...]] | tuple[tuple[str, ...]]


@dataclass(frozen=True)
class Question:
    """Its answer in plain text: paragraphs, then points if there are any; `html` is how pages show an own answer."""

    anchor: str
    heading: str
    paragraphs: tuple[str, ...]
    points: tuple[str, ...] = ()
    html: str = ""


def questions_of(guide: Guide) -> list[Question]:
    """The standard questions whose fields say something, then the guide's own."""
    return [*standard_questions(guide), *own_questions(guide)]


def standard_questions(guide: Guide) -> list[Question]:
    role = with_article(guide.role)
    asked = [
        Question("what-one-does", f"What does {role} do?", *what_one_does(guide)),
        Question("skills-required", f"Which skills does {role} need?", *skills_required(guide)),
        Question("progression", f"How does the career of {role} progress?", *progression(guide)),
        Question(
            "education-required",
            f"What education and certifications does {role} need?",
            *education_and_certifications(guide),
        ),
        Question("market-outlook", f"How is the job market for {role}?", *market_outlook(guide)),
        Question("key-responsibilities", f"What are the key responsibilities of {role}?", *key_responsibilities(guide)),
        Question("opportunities", f"Where can {role} find work?", *opportunities(guide)),
    ]
    return [question for question in asked if question.paragraphs]


def own_questions(guide: Guide) -> list[Question]:
    return [
        Question(
            slugify(own.question) or f"question-{number}",
            own.question,
            plain_paragraphs(own.answer),
            html=as_html(own.answer),
        )
        for number, own in enumerate(guide.own_questions.all(), 1)
    ]


def paragraphs_of(text: str) -> tuple[str, ...]:
    """The text's paragraphs; an empty line parts them."""
    lines = (line.strip() for line in text.splitlines())
    blocks = "\n".join(lines).split("\n\n")
    return tuple(" ".join(block.split()) for block in blocks if block.strip())


def in_paragraphs(function):
    """For an answer that has no points: whatever `function` yields are its paragraphs."""

    @wraps(function)
    def answer(guide: Guide) -> Answer:
        return (tuple(function(guide)),)

    return answer


@in_paragraphs
def what_one_does(guide: Guide):
    yield from plain_paragraphs(guide.overview)[:1]
    if guide.aspects:
        yield f"At the centre of the work: {listed(guide.aspects)}."


@in_paragraphs
def skills_required(guide: Guide):
    for kind in Skill.Kind:
        names = [asked.skill.name for asked in guide.guide_skills.all() if asked.skill.kind == kind]
        if names:
            yield f"{kind.label} skills: {listed(names)}."


def progression(guide: Guide) -> Answer:
    stages = list(guide.stages.all())
    if not stages:
        return (), ()
    points = tuple(f"{capitalised(stage.title)}, {stage.years}: {listed(stage.responsibilities)}" for stage in stages)
    return (progression_in_short(stages),), points


def progression_in_short(stages: list[Stage]) -> str:
    first, last = stages[0], stages[-1]
    if first == last:
        return f"The guide describes one stage, {first.title} ({first.years})."
    return (
        f"From {first.title} ({first.years}) to {last.title} ({last.years}), in {len(stages)} stages. "
        "The years are those in the profession, not in one company."
    )


def education_and_certifications(guide: Guide) -> Answer:
    if not guide.education:
        return certifications_in_words(guide), ()
    return ("Usually asked for:",), tuple(guide.education) + certifications_in_words(guide)


def certifications_in_words(guide: Guide) -> tuple[str, ...]:
    certifications = [f"{one.name} ({one.issuer})" for one in guide.certifications.all()]
    return (f"certifications worth having: {listed(certifications)}",) if certifications else ()


@in_paragraphs
def market_outlook(guide: Guide):
    if guide.demand:
        yield with_note(f"Demand is {guide.get_demand_display().lower()}", guide.demand_note)
    for figure in guide.figures.all():
        yield with_note(f"{figures.sentence(figure)} ({figures.source_in_words(figure)})", figure.note)
    if guide.industries:
        yield f"Most of the work is found in {listed(guide.industries)}."
    if guide.remote:
        yield with_note(f"The role is {guide.get_remote_display().lower()}", guide.remote_note)


@in_paragraphs
def key_responsibilities(guide: Guide):
    if guide.aspects:
        yield f"{capitalised(listed(guide.aspects))}."
    if guide.senior_responsibilities:
        senior = with_article(f"{GuideLevel.SENIOR.label.lower()} {guide.role}")
        yield f"{capitalised(senior)} also answers for {listed(guide.senior_responsibilities)}."


@in_paragraphs
def opportunities(guide: Guide):
    if guide.industries:
        yield f"Industries that hire: {listed(guide.industries)}."
    platforms = [f"{platform.name} ({platform.get_offers_display()})" for platform in guide.platforms.all()]
    if platforms:
        yield f"Besides this board, jobs are posted on {'; '.join(platforms)}."
    if guide.remote:
        yield f"The role is {guide.get_remote_display().lower()}."


def with_note(claim: str, note: str) -> str:
    """The claim as a sentence, followed by the sentence that explains it."""
    return f"{claim}. {capitalised(note)}" if note else f"{claim}."

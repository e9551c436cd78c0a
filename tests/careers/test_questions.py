"""The standard answers follow the guide's fields."""

import pytest

from careers.questions import questions_of
from tests.careers.guides import draft

pytestmark = pytest.mark.django_db


def answer(guide, anchor):
    found = next(question for question in questions_of(guide) if question.anchor == anchor)
    return [*found.paragraphs, *found.points]


def test_a_guide_answers_the_seven_standard_questions_and_then_its_own():
    guide = draft()

    assert [question.heading for question in questions_of(guide)] == [
        "What does a garden engineer do?",
        "Which skills does a garden engineer need?",
        "How does the career of a garden engineer progress?",
        "What education and certifications does a garden engineer need?",
        "How is the job market for a garden engineer?",
        "What are the key responsibilities of a garden engineer?",
        "Where can a garden engineer find work?",
        "Do I need a hat?",
    ]


def test_what_one_does_follows_the_overview_and_the_aspects():
    guide = draft(overview="They plant.", aspects=["digging", "raking"])

    assert answer(guide, "what-one-does") == ["They plant.", "At the centre of the work: digging and raking."]


def test_the_skills_follow_the_vocabulary_asked_for():
    guide = draft(skills={"technical": [{"name": "botany"}], "soft": [{"name": "calm"}, {"name": "wit"}]})

    assert answer(guide, "skills-required") == ["Technical skills: botany.", "Soft skills: calm and wit."]


def test_the_progression_follows_the_stages():
    stages = [
        {"title": "helper", "level": "junior", "years_from": 1, "years_to": 2, "responsibilities": ["raking"]},
        {"title": "boss", "level": "lead", "years_from": 2, "years_to": 9, "responsibilities": ["paying", "praising"]},
    ]
    guide = draft(stages=stages)

    assert answer(guide, "progression") == [
        "From helper (1–2 years) to boss (2–9 years), in 2 stages. "
        "The years are those in the profession, not in one company.",
        "Helper, 1–2 years: raking",
        "Boss, 2–9 years: paying and praising",
    ]


def test_education_and_certifications_follow_their_fields():
    guide = draft(education=["a trade"], certifications=[{"name": "Spade Master", "issuer": "Spades Ltd"}])

    assert answer(guide, "education-required") == [
        "Usually asked for:",
        "a trade",
        "certifications worth having: Spade Master (Spades Ltd)",
    ]


def test_the_outlook_follows_demand_figures_industries_and_remote_work():
    figure = {
        "measure": "openings",
        "amount": 12300,
        "counts": "gardeners",
        "place": "Ruritania",
        "from_year": 2024,
        "to_year": 2034,
        "source": "The Office",
        "source_url": "https://office.test/",
        "source_year": 2025,
        "note": "Roughly.",
    }
    guide = draft(
        market={
            "demand": "falling",
            "remote": "some",
            "remote_note": "plans",
            "industries": ["zoos"],
            "figures": [figure],
        }
    )

    assert answer(guide, "market-outlook") == [
        "Demand is falling.",
        "12,300: projected openings a year for gardeners in Ruritania, 2024–2034 (The Office, 2025). Roughly.",
        "Most of the work is found in zoos.",
        "The role is sometimes remote. Plans",
    ]


def test_the_outlook_has_no_number_without_a_figure():
    guide = draft(market__figures=[])

    assert not any(character.isdigit() for character in "".join(answer(guide, "market-outlook")))


def test_the_key_responsibilities_follow_the_aspects_and_the_senior_level():
    guide = draft(aspects=["raking"], responsibilities__senior=["everything"])

    assert answer(guide, "key-responsibilities") == [
        "Raking.",
        "A senior garden engineer also answers for everything.",
    ]


def test_the_opportunities_follow_industries_platforms_and_remote_work():
    guide = draft(
        market={"industries": ["zoos", "farms"], "remote": "high"},
        platforms=[
            {"name": "Zoo Board", "url": "https://zoo.test/", "offers": "both"},
            {"name": "Ark", "url": "https://ark.test/", "offers": "remote"},
        ],
    )

    assert answer(guide, "opportunities") == [
        "Industries that hire: zoos and farms.",
        "Besides this board, jobs are posted on Ark (remote); Zoo Board (on-site and remote).",
        "The role is often remote.",
    ]


def test_a_question_whose_fields_are_empty_is_not_asked():
    guide = draft(education=[], certifications=[])

    assert "education-required" not in [question.anchor for question in questions_of(guide)]

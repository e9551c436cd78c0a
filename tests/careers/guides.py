"""A guide that says something in every field, for tests to change one thing in."""

import copy

from django.utils import timezone

from careers.content.loading import load_guide
from careers.models import Guide

GARDENER = {
    "slug": "garden-engineer",
    "title": "How to become a garden engineer",
    "role": "garden engineer",
    "category": "engineering",
    "language": "en",
    "summary": "What garden engineers do and what is asked of them.",
    "introduction": "Gardens need engineers.\n\nThis guide says why.",
    "overview": "A garden engineer plans water and light.\n\nMost weeks bring mud.",
    "aspects": ["planning beds", "moving water"],
    "responsibilities": {
        "junior": ["digging", "watering"],
        "middle": ["drawing plans"],
        "senior": ["leading crews", "choosing plants"],
    },
    "skills": {
        "technical": [
            {"name": "hydraulics", "also_called": ["water engineering"]},
            {"name": "soil science", "expected_from": "senior"},
        ],
        "soft": [{"name": "patience", "expected_from": "middle"}],
    },
    "stages": [
        {
            "title": "junior garden engineer",
            "level": "junior",
            "years_from": 0,
            "years_to": 3,
            "responsibilities": ["weeding"],
        },
        {"title": "head gardener", "level": "lead", "years_from": 3, "responsibilities": ["the whole park"]},
    ],
    "education": ["a degree in horticulture"],
    "certifications": [{"name": "Chartered Gardener", "issuer": "The Guild", "url": "https://guild.test/chartered"}],
    "market": {
        "demand": "high",
        "demand_note": "Cities plant more trees.",
        "remote": "low",
        "remote_note": "Trees stand where they stand.",
        "industries": ["parks", "hotels"],
        "figures": [
            {
                "measure": "growth",
                "amount": 4.5,
                "counts": "gardeners",
                "place": "Ruritania",
                "from_year": 2024,
                "to_year": 2034,
                "source": "Ruritanian Office of Statistics",
                "source_url": "https://statistics.test/gardeners",
                "source_year": 2025,
                "note": "Engineers are counted with them.",
            }
        ],
    },
    "platforms": [{"name": "Green Jobs", "url": "https://green.test/", "offers": "onsite"}],
    "questions": [{"question": "Do I need a hat?", "answer": "In summer, yes."}],
    "search": "q=garden+engineer",
    "author": {"slug": "ada", "name": "Ada Author", "occupation": "grows oaks", "about": "Planted a wood."},
    "reviewer": {"slug": "rex", "name": "Rex Reviewer"},
    "reviewed_on": timezone.datetime(2026, 3, 4).date(),
    "review_due_on": timezone.datetime(2027, 3, 4).date(),
}


def mapping(**changes) -> dict:
    """The gardener's mapping with other top-level values; `market__demand="steady"` reaches into one."""
    changed = copy.deepcopy(GARDENER)
    for name, value in changes.items():
        outer, _, inner = name.partition("__")
        if inner:
            changed[outer][inner] = value
        else:
            changed[outer] = value
    return changed


def draft(**changes) -> Guide:
    guide = load_guide(mapping(**changes)).guide
    return Guide.objects.for_page().get(pk=guide.pk)


def published(**changes) -> Guide:
    guide = draft(**changes)
    guide.publish(by=None, at=timezone.now())
    return guide

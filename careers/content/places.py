"""Where each field and each list of a guide stands in its file."""

from careers.content.reading import Path

# The guide's own fields.
FIELDS: dict[str, Path] = {
    **{name: (name,) for name in ("slug", "title", "role", "language", "summary", "introduction", "overview")},
    **{name: (name,) for name in ("aspects", "education", "search", "reviewed_on", "review_due_on")},
    "junior_responsibilities": ("responsibilities", "junior"),
    "middle_responsibilities": ("responsibilities", "middle"),
    "senior_responsibilities": ("responsibilities", "senior"),
    **{name: ("market", name) for name in ("demand", "demand_note", "remote", "remote_note", "industries")},
}
# What is the guide's own and nobody else's: the name of the relation.
PARTS: dict[str, Path] = {
    "stages": ("stages",),
    "certifications": ("certifications",),
    "figures": ("market", "figures"),
    "own_questions": ("questions",),
}
# The value that two rows of one guide can't share.
ONCE = {"certifications": "name", "own_questions": "question"}

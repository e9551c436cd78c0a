"""How Stripe reads what empties something."""


def emptied(value):
    return None if value == "" else value


def merged(metadata: dict | None, given: dict | str) -> dict:
    """Stripe's rule: keys are added or replaced, one with an empty value goes, and an empty text empties all."""
    if given == "":
        return {}
    return {name: value for name, value in ((metadata or {}) | given).items() if value != ""}

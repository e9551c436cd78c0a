"""How a figure is said: its amount, what it means, and where it comes from."""

from decimal import Decimal

from careers.models import Figure

PERCENT = {Figure.Measure.GROWTH, Figure.Measure.REMOTE}


def amount_in_words(figure: Figure) -> str:
    """Such as "+33.5%" or "82,500"; growth always carries its sign."""
    sign = "+" if figure.measure == Figure.Measure.GROWTH and figure.amount > 0 else ""
    unit = "%" if figure.measure in PERCENT else ""
    return f"{sign}{plain(figure.amount)}{unit}".replace("-", "−")


def plain(amount: Decimal) -> str:
    """33.0 as "33", 82500 as "82,500"."""
    return f"{amount:,.1f}".removesuffix(".0")


def meaning(figure: Figure) -> str:
    """What the amount says, as a line under it."""
    group = f"{figure.counts} in {figure.place}"
    match figure.measure:
        case Figure.Measure.GROWTH:
            return f"projected change in the employment of {group}, {years(figure)}"
        case Figure.Measure.OPENINGS:
            return f"projected openings a year for {group}, {years(figure)}"
        case Figure.Measure.REMOTE:
            return f"of {group} worked remotely, {years(figure)}"
    return f"{group}, {years(figure)}"


def sentence(figure: Figure) -> str:
    return f"{amount_in_words(figure)}: {meaning(figure)}"


def years(figure: Figure) -> str:
    return f"{figure.from_year}–{figure.to_year}" if figure.to_year else str(figure.from_year)


def source_in_words(figure: Figure) -> str:
    return f"{figure.source}, {figure.source_year}"

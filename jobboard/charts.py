"""Bar charts drawn on the server: SVG without style or script, with a table that says the same."""

from dataclasses import dataclass, field
from datetime import date, timedelta

# As many units as a chart has pixels on a desk, so that its words are drawn in their size.
WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 320, 120, 48, 8, 20
PLOT_WIDTH, PLOT_HEIGHT = WIDTH - LEFT, HEIGHT - TOP - BOTTOM
GAP = 0.2  # of a day's width


@dataclass(frozen=True)
class Series:
    """`values` has a number for each day; a day that isn't named is 0."""

    label: str
    values: dict[date, int]


@dataclass(frozen=True)
class Chart:
    """`name` is unique on the page; `figure` is what `about` says of it; `none` is said when every value is 0.

    `unit` is written before figures, such as a currency's sign.
    """

    name: str
    title: str
    figure: int
    about: str
    first: date
    days: int
    series: list[Series]
    none: str
    unit: str = ""
    dates: list[date] = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "dates", [self.first + timedelta(days=n) for n in range(self.days)])

    @property
    def last(self) -> date:
        return self.dates[-1]

    @property
    def is_empty(self) -> bool:
        return not any(self.value(series, day) for series in self.series for day in self.dates)

    @property
    def highest(self) -> int:
        return max(self.value(series, day) for series in self.series for day in self.dates)

    @property
    def ticks(self) -> list[dict]:
        """The axis: nothing, half of the round number above the highest value, and that number."""
        top = round_up(self.highest)
        steps = [0, top // 2, top] if top > 1 else [0, top]
        return [{"value": step, "y": round(TOP + PLOT_HEIGHT * (1 - step / top), 1)} for step in steps]

    @property
    def bars(self) -> list[dict]:
        top, slot = round_up(self.highest), PLOT_WIDTH / self.days
        width = slot * (1 - GAP) / len(self.series)
        return [
            self.bar(series, day, x=LEFT + slot * at + width * number, width=width, top=top, number=number)
            for number, series in enumerate(self.series)
            for at, day in enumerate(self.dates)
        ]

    def bar(self, series: Series, day: date, *, x: float, width: float, top: int, number: int) -> dict:
        value = self.value(series, day)
        height = round(PLOT_HEIGHT * value / top, 1)
        y = round(TOP + PLOT_HEIGHT - height, 1)
        return {"x": round(x, 1), "y": y, "width": round(width, 1), "height": height, "number": number}

    @property
    def rows(self) -> list[dict]:
        """The table: a day with each series' value."""
        return [{"day": day, "values": [self.value(series, day) for series in self.series]} for day in self.dates]

    @property
    def in_words(self) -> str:
        first, last = self.dates[0], self.dates[-1]
        return " ".join(self.sentence(series, first, last) for series in self.series)

    def sentence(self, series: Series, first: date, last: date) -> str:
        start, end = self.value(series, first), self.value(series, last)
        most = max(self.value(series, day) for day in self.dates)
        return f"{series.label}: {start:,} on {first:%-d %B}, {end:,} on {last:%-d %B}, at most {most:,}."

    @staticmethod
    def value(series: Series, day: date) -> int:
        return series.values.get(day, 0)


def round_up(number: int) -> int:
    """The next of 1, 2, 4, 6, 10, 20, 40, 60, 100, …; all but 1 can be halved."""
    step = 1
    while True:
        for factor in (1, 2, 4, 6):
            if number <= factor * step:
                return factor * step
        step *= 10

"""The 956 real adverts when they lie beside the checkout, else a made-up file of the same shape and figures."""

import csv
import io
from pathlib import Path

REAL = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "jobs.csv"
ROWS, DIFFERENT = 956, 600
HEADERS = [
    "reference",
    "title",
    "company",
    "location",
    "country",
    "description",
    "pay_min",
    "pay_max",
    "currency",
    "pay_period",
    "pay_estimate_min",
    "pay_estimate_max",
    "company_headquarters",
    "company_size",
    "company_founded",
    "industry",
    "apply_url",
]
TITLES = (
    "Data Scientist",
    "Senior Data Engineer",
    "Data Analyst",
    "Sr. Scientist, Immunology",
    "Machine Learning Engineer",
)
PLACES = ("New York, NY", "San Francisco, CA", "Cambridge, MA", "Pittsburgh, PA")
TEXT = "The work:\n\nYou look after\u00a0models in Python.\n• Build “pipelines”\n• Review code\n\nPay is fair.\n#LI-XY1"


def file() -> bytes:
    return REAL.read_bytes() if REAL.exists() else made_up()


def made_up() -> bytes:
    """600 different adverts, of which the first 356 come twice."""
    return table([advert(number) for number in range(ROWS)])


def advert(number: int) -> dict[str, str]:
    of = number % DIFFERENT
    return {
        "reference": f"real-{number:04}",
        "title": TITLES[of % len(TITLES)],
        "company": f"Employer {of}",
        "location": PLACES[of % len(PLACES)],
        "country": "US",
        "description": f"{TEXT}\nAdvert {of}.",
        "pay_estimate_min": "53000",
        "pay_estimate_max": "91000",
        "company_size": "501 to 1000 employees",
        "company_founded": "1973",
        "industry": "Insurance",
        "apply_url": f"https://example.com/apply/{number:04}",
    } | ({"pay_min": "25", "pay_max": "28", "currency": "USD", "pay_period": "hour"} if of % 50 == 0 else {})


def table(rows: list[dict[str, str]], headers: list[str] = HEADERS) -> bytes:
    """A CSV file of these rows; what a row doesn't say stays empty."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, headers, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()

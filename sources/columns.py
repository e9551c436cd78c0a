"""Which column of a file holds which of our fields: found by header, adjusted by staff, remembered by the source."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Column:
    """A field of an advert; `aliases` are the headers other systems use for it, in small letters and digits only."""

    name: str
    label: str
    aliases: tuple[str, ...] = ()
    required: bool = False
    help: str = ""


COLUMNS = (
    Column(
        "reference",
        "Reference",
        ("id", "jobid", "externalid", "guid", "referencenumber", "jobreference", "ref"),
        help="What tells this advert from the others of the source. Without it title, company and place do.",
    ),
    Column("title", "Title", ("jobtitle", "position", "role", "name", "headline"), required=True),
    Column(
        "company",
        "Company",
        ("companyname", "employer", "hiringorganization", "organisation", "organization"),
        required=True,
    ),
    Column("location", "Place", ("place", "city", "joblocation", "jobgeo", "where")),
    Column(
        "country",
        "Country of the place",
        ("countrycode", "jobcountry"),
        help="Decides the region. It does not say who may apply.",
    ),
    Column("description", "Text", ("text", "jobdescription", "body", "html", "content", "details"), required=True),
    Column(
        "apply_url", "Address to apply at", ("url", "link", "applylink", "applicationurl", "applicationlink", "joburl")
    ),
    Column("apply_email", "E-mail to apply to", ("email", "applyemail", "contactemail", "applicationemail")),
    Column("workplace", "Workplace", ("remote", "remotetype", "workplacetype", "locationtype")),
    Column("employment_types", "Employment type", ("employmenttype", "type", "jobtype", "contracttype", "worktype")),
    Column("level", "Level", ("seniority", "joblevel", "experiencelevel")),
    Column("category", "Category", ("jobcategory", "jobindustry", "department", "function")),
    Column(
        "countries", "Countries one may apply from", ("applicantcountries", "eligiblecountries", "candidatelocation")
    ),
    Column("pay_min", "Lowest pay", ("salarymin", "minsalary", "salaryfrom", "compensationmin")),
    Column("pay_max", "Highest pay", ("salarymax", "maxsalary", "salaryto", "compensationmax")),
    Column("pay_currency", "Currency", ("currency", "salarycurrency", "currencycode")),
    Column("pay_period", "Pay period", ("salaryperiod", "payperiod", "salaryinterval", "compensationperiod")),
    Column("tags", "Tags", ("skills", "keywords")),
    Column(
        "expires_on", "Last day", ("expires", "expirydate", "validthrough", "closingdate", "deadline", "expirationdate")
    ),
    Column("company_website", "Company's website", ("companyurl", "website", "companysite")),
    Column("company_headquarters", "Company's headquarters", ("headquarters",)),
    Column("company_size", "Company's size", ("size", "employees", "companyemployees")),
    Column("company_founded", "Founded in", ("founded", "foundedyear", "companyfoundedyear")),
    Column("company_industry", "Company's industry", ("industry",)),
)
REQUIRED = tuple(column for column in COLUMNS if column.required)
WAYS_TO_APPLY = ("apply_url", "apply_email")


def found_columns(headers: list[str], remembered: dict[str, str]) -> dict[str, str]:
    """Field → header, from what the source remembers and then by name; a header serves one field.

    Remembering "" means that staff chose none.
    """
    settled = {name: header for name, header in remembered.items() if not header or header in headers}
    chosen = dict(settled)
    for column in COLUMNS:
        if column.name not in settled:
            chosen[column.name] = header_of(column, [header for header in headers if header not in chosen.values()])
    return {name: header for name, header in chosen.items() if header}


def header_of(column: Column, headers: list[str]) -> str:
    spellings = {spelling(header): header for header in reversed(headers)}
    names = (spelling(column.name), spelling(column.label), *column.aliases)
    return next((spellings[name] for name in names if name in spellings), "")


def spelling(header: str) -> str:
    """A header without case, spaces and signs, so that 'Job Title' and 'job_title' are one."""
    return re.sub(r"[^a-z0-9]", "", header.lower())


def label_of(name: str) -> str:
    """A field's name as people read it."""
    labels = {column.name: column.label for column in COLUMNS} | {"row": "Row", "regions": "Region"}
    return labels.get(name, name.replace("_", " ").capitalize())


def missing(columns: dict[str, str]) -> list[str]:
    """The labels of what an advert can't do without and no column holds."""
    labels = [column.label for column in REQUIRED if not columns.get(column.name)]
    if not any(columns.get(name) for name in WAYS_TO_APPLY):
        labels.append("Address to apply at (or E-mail to apply to)")
    return labels

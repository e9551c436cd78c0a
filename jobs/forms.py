from typing import NamedTuple

from django import forms

from jobs.models import Company, JobReport, company_key
from jobs.pay import Period, dollars_of
from jobs.search.wanted import HIGHEST_PAY, LONGEST_AGO, LONGEST_KEYWORDS, posted_in_words, read_number

CURRENCIES = [
    *("USD", "EUR", "GBP", "CAD", "AUD", "NZD", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "TRY"),
    *("UAH", "ILS", "AED", "SAR", "ZAR", "INR", "JPY", "CNY", "HKD", "SGD", "KRW", "THB", "MYR", "PHP", "IDR", "VND"),
    *("BRL", "MXN", "ARS", "CLP", "COP"),
]
NO_SUCH = {"invalid_choice": "Choose one from the list."}
TOO_LONG = {"max_length": "Search for %(limit_value)d characters at most; this has %(show_value)d."}
NOUNS = {
    "pay": "pay",
    "pay_currency": "currency",
    "pay_period": "pay period",
    "posted": "posting date",
    "company_name": "company",
}
AGES = [("", "Any time"), ("1", "Last day"), ("3", "Last 3 days"), ("7", "Last week"), ("30", "Last 30 days")]


def known_currencies() -> list[tuple[str, str]]:
    """Those that can be compared: without a rate a lowest pay would leave nothing or everything."""
    return [(code, code) for code in CURRENCIES if dollars_of(code)]


class RefusedFilter(NamedTuple):
    """What was typed into a filter that the search leaves out, and why; `field_id` is where to mend it."""

    noun: str
    value: str
    error: str
    field_id: str


class SearchForm(forms.Form):
    """What people type into the search page. JobSearch reads the same query and leaves out what is wrong."""

    q = forms.CharField(
        label="Keyword",
        required=False,
        max_length=LONGEST_KEYWORDS,
        error_messages=TOO_LONG,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "autocomplete": "off",
                "enterkeyhint": "search",
                "dir": "auto",
                "list": "completions",
            }
        ),
    )
    pay = forms.CharField(label="At least", required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"}))
    pay_currency = forms.ChoiceField(label="Currency", required=False, choices=known_currencies, error_messages=NO_SUCH)
    pay_period = forms.ChoiceField(label="For", required=False, choices=[*Period.choices][::-1], error_messages=NO_SUCH)
    posted = forms.ChoiceField(label="Posted", required=False, choices=AGES, error_messages=NO_SUCH)
    company_name = forms.CharField(label="Company", required=False, max_length=160)

    def __init__(self, query):
        super().__init__(query)
        for field in self.fields.values():
            field.widget.attrs["form"] = "search"
        days = read_number(query.get("posted"), LONGEST_AGO)
        if days and (str(days), str(days)) not in AGES:
            self.fields["posted"].choices = dict([*AGES, (str(days), posted_in_words(days).capitalize())]).items()

    def clean_pay(self):
        text = self.cleaned_data["pay"]
        if text and read_number(text, HIGHEST_PAY) is None:
            raise forms.ValidationError("Enter a whole amount, such as 60000 or 60k.")
        return text

    def clean_company_name(self):
        """The company of this name, in any spelling that company_key() holds for the same."""
        name = self.cleaned_data["company_name"]
        company = Company.objects.filter(key=company_key(name)).first() if name else None
        if name and company is None:
            raise forms.ValidationError("No company of this name has jobs here. Use the whole name.")
        return company

    def refused(self) -> list[RefusedFilter]:
        """Filters with an error, each once; the keywords have words of their own."""
        nouns = NOUNS | ({"pay_currency": "pay in the currency"} if self["pay"].data else {})
        bad = [(noun, self[name]) for name, noun in nouns.items() if name in self.errors]
        return [RefusedFilter(noun, field.data, field.errors[0], field.id_for_label) for noun, field in bad]


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label="What is wrong with it?",
        choices=JobReport.Reason,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what is wrong with the job."},
    )
    text = forms.CharField(
        label="Anything that helps us check",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Leave out passwords and bank details.",
    )

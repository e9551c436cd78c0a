"""The form of an alert: what it looks for, how often it speaks, and for visitors where to."""

import re

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.http import QueryDict
from django.utils import timezone

from accounts.addresses import clean_email
from accounts.regions import validate_time_zone
from alerts.alert import Alert
from alerts.rhythm import Rhythm, Weekday
from alerts.stopping import Unsubscription
from jobs import labels
from jobs.forms import TOO_LONG
from jobs.models import EmploymentType, Job, Level, Workplace
from jobs.search import JobSearch
from jobs.search.unknown import unknown_filters
from jobs.search.wanted import HIGHEST_PAY, LISTS, LONGEST_KEYWORDS, read_number

HOURS = [(hour, f"{hour}:00") for hour in range(24)]
# Filters that a person can add one value at a time, with what the empty choice says.
ADDABLE = {
    "category": ("Category", "Any category"),
    "region": ("Place", "Any place"),
    "workplace": ("Workplace", "Any workplace"),
    "type": ("Employment type", "Any type"),
    "level": ("Level", "Any level"),
}
CHOICES = {"workplace": Workplace.choices, "type": EmploymentType.choices, "level": Level.choices}


def alert_search(query) -> JobSearch:
    """The search in a query string as an alert keeps it: without order and age, and without pay we can't compare."""
    return JobSearch.from_query(QueryDict(JobSearch.from_query(query).comparable().alert_query_string()))


def kept_search(alert) -> JobSearch:
    return alert_search(QueryDict(alert.search.query_string))


def why_too_wide(search: JobSearch) -> str:
    if search.why_unheard:
        return f"{search.why_unheard} Add a job title or a skill, or choose a place or a category."
    if search.is_empty:
        return "Say what you look for: an alert for every job would fill your mailbox."
    return "This only leaves jobs out. Say what you look for, too: an alert for all others would fill your mailbox."


class AlertForm(forms.Form):
    """The criteria have the names that a search's query string gives them, and JobSearch reads them."""

    q = forms.CharField(
        label="Words",
        required=False,
        max_length=LONGEST_KEYWORDS,
        error_messages=TOO_LONG,
        help_text="“Phrases in quotes”, or, and -minus work. Without words at least one filter is needed.",
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off", "dir": "auto"}),
    )
    pay = forms.CharField(
        label="Pay of at least", required=False, widget=forms.TextInput(attrs={"inputmode": "decimal"})
    )
    rhythm = forms.ChoiceField(label="How often", choices=Rhythm, widget=forms.RadioSelect, initial=Rhythm.DAILY)
    hour = forms.TypedChoiceField(label="At", choices=HOURS, coerce=int, initial=8)
    weekday = forms.TypedChoiceField(label="On", choices=Weekday, coerce=int, initial=Weekday.MONDAY)

    quiet_weekends = forms.BooleanField(
        label="Quiet on Saturday and Sunday", required=False, help_text="What appears then comes on Monday."
    )

    def __init__(self, data=None, *, search: JobSearch, **options):
        self.search = search
        initial = {"q": search.keywords, "pay": search.pay_min} | options.pop("initial", {})
        super().__init__(data, initial=initial, **options)

    def clean_pay(self):
        text = self.cleaned_data["pay"]
        if text and read_number(text, HIGHEST_PAY) is None:
            raise forms.ValidationError("Enter a whole amount, such as 60000 or 60k.")
        return text

    def clean(self):
        if self.search.fits_nearly_all and "q" not in self.errors:
            self.add_error("q", why_too_wide(self.search))
        for unknown in unknown_filters(self.data):
            self.add_error(None, f"There is no {unknown.noun} “{unknown.value[:60]}”: take it out, or no job can fit.")
        return self.cleaned_data

    @property
    def timing(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("rhythm", "hour", "weekday", "quiet_weekends")}

    def chosen(self) -> list[tuple[str, str, str]]:
        """Name, value and label of each filter that the search has, for boxes that can be unticked."""
        return [condition for condition in self.search.conditions() if condition[0] in LISTS]

    def addable(self) -> list[dict]:
        """Selects that add one more value of a filter."""
        return [
            {"name": name, "label": label, "any": any_label, "choices": self.addable_values(name)}
            for name, (label, any_label) in ADDABLE.items()
        ]

    def addable_values(self, name: str) -> list[tuple[str, str]]:
        chosen = getattr(self.search, LISTS[name])
        choices = CHOICES.get(name) or [(row.slug, row.name) for row in taxonomy(name)]
        return [choice for choice in choices if choice[0] not in chosen]


def taxonomy(name: str):
    return labels.TAXONOMY[name].objects.order_by("position", "name")


class VisitorAlertForm(AlertForm):
    email = forms.CharField(
        label="Your e-mail address",
        max_length=254,
        help_text="We send one mail to confirm it. The alert starts when you do.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    time_zone = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-time-zone": True}))
    # What the browser called its time zone when that is none of ours.
    unknown_zone = ""

    def clean_email(self):
        return clean_email(self.cleaned_data["email"])

    def clean_time_zone(self):
        """The browser's; UTC where there is none or none that we know. Asking again would get the same answer."""
        name = self.cleaned_data["time_zone"]
        try:
            validate_time_zone(name)
        except forms.ValidationError:
            self.unknown_zone = name
            return "UTC"
        return name


class EditForm(AlertForm):
    name = forms.CharField(
        label="Name", required=False, max_length=160, help_text="Left empty, it is called after what it looks for."
    )


class JobForm(forms.Form):
    """Names a published job by its page's address or its number."""

    job = forms.CharField(
        label="The job’s address or number",
        max_length=500,
        help_text="Copy the address of the job’s page.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
        error_messages={"required": "Paste the address of a job’s page."},
    )

    def clean_job(self) -> Job:
        named = re.search(r"(?:^|/jobs/)([0-9]{1,18})(?:$|[/?#])", self.cleaned_data["job"])
        jobs = Job.objects.published(timezone.now()).select_related("company", "category").prefetch_related("regions")
        job = jobs.filter(pk=named[1]).first() if named else None
        if job is None:
            raise forms.ValidationError("No job has this address or number.")
        return job


class ReasonForm(forms.Form):
    """Why somebody asked for less."""

    reason = forms.ChoiceField(
        label="Why?",
        choices=Unsubscription.Reason,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one, or close this page."},
    )


class PasswordForm(forms.Form):
    """The one thing that an account made by confirming an alert still lacks."""

    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=128,
        help_text="At least 12 characters.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, user, data=None):
        self.user = user
        super().__init__(data)

    def clean_password(self):
        validate_password(self.cleaned_data["password"], self.user)
        return self.cleaned_data["password"]


class StayingForm(forms.Form):
    """Which of a person's alerts goes on when their plan holds fewer."""

    alert = forms.ModelChoiceField(None, label="Which one goes on", widget=forms.RadioSelect, empty_label=None)
    next = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, alerts):
        super().__init__(data)
        field = self.fields["alert"]
        field.queryset = Alert.objects.filter(pk__in=[alert.pk for alert in alerts])
        field.choices = [(alert.pk, alert.name) for alert in alerts]
        field.initial = alerts[0].pk if alerts else None
        field.error_messages["required"] = field.error_messages["invalid_choice"] = "Choose one of your alerts."

"""Forms of the admin: a job as staff write it down, and what a bulk change asks for."""

from decimal import Decimal
from hashlib import sha256
from operator import attrgetter

from babel.numbers import get_currency_precision
from django import forms
from django.contrib.admin.models import LogEntry
from django.contrib.admin.widgets import AdminURLFieldWidget
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone

from accounts.admin_fields import End, Start
from accounts.admin_versions import LastChange, SeenVersionForm
from accounts.characters import readable
from accounts.regions import countries
from jobs import pay
from jobs.countries import country_codes
from jobs.models import Category, Company, EmploymentType, Job, Region, company_key
from jobs.validators import (
    validate_apply_url,
    validate_description,
    validate_founded_year,
    validate_title,
    validate_within_two_years,
)

MOST_TAGS = 20
HIGHEST_PAY = 10**9
ALONE_IS_THE_END = "In UTC. A date without a time means the end of that day."
EMPTY_IS_NOW = "Leave empty to publish now. In UTC; a date without a time means the beginning of that day."
SLUG_STAYS = "It stands in the addresses of searches and in the alerts kept of them, so it stays as it is saved first."


def one_line(text: str) -> str:
    return " ".join(readable(text).split())


class CommaSeparated(forms.CharField):
    """A list written in one line: 'Python, SQL'."""

    def prepare_value(self, value):
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value):
        parts = (one_line(part) for part in super().to_python(value).replace(";", ",").split(","))
        return list(dict.fromkeys(part for part in parts if part))

    def has_changed(self, initial, data):
        return (initial or []) != self.to_python(data)


class CountriesField(CommaSeparated):
    """Countries by name or code, kept as ISO codes."""

    def prepare_value(self, value):
        return ", ".join(countries().get(code, code) for code in value) if isinstance(value, list) else value

    def to_python(self, value):
        said = super().to_python(value)
        if unknown := [name for name in said if name.lower() not in country_codes()]:
            raise ValidationError(f"“{unknown[0][:60]}” isn't a country. Write names or codes, such as Germany, FR.")
        return list(dict.fromkeys(country_codes()[name.lower()] for name in said))


class PublishAt(Start):
    """A start that isn't over nor too far away; empty, or today without a time, is now."""

    default_error_messages = {
        **Start.default_error_messages,
        "over": "This time is over. Leave it empty to publish now.",
    }

    def compress(self, data_list):
        moment, now = super().compress(data_list), timezone.now()
        if moment is None:
            return None
        if moment >= now:
            validate_within_two_years(moment.date())
            return moment
        if data_list[1] in self.empty_values and data_list[0] == now.date():
            return now
        raise ValidationError(self.error_messages["over"], code="over")


def tags_field() -> CommaSeparated:
    return CommaSeparated(required=False, help_text=f"Separated by commas, {MOST_TAGS} at most.")


class JobForm(SeenVersionForm):
    """Pay is typed in major units (25.50) and kept in minor ones."""

    apply_url = forms.URLField(
        label="Address to apply at", required=False, max_length=1000, assume_scheme="https", widget=AdminURLFieldWidget
    )
    pay_min = forms.DecimalField(label="Lowest pay", required=False, min_value=0, max_value=HIGHEST_PAY)
    pay_max = forms.DecimalField(label="Highest pay", required=False, min_value=0, max_value=HIGHEST_PAY)
    pay_currency = forms.CharField(label="Currency", required=False, max_length=3, help_text="Such as USD or EUR.")
    employment_types = forms.MultipleChoiceField(
        choices=EmploymentType.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    countries = CountriesField(
        label="Countries one may apply from",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Names or codes, separated by commas. Leave empty when the advert doesn't say.",
    )
    tags = tags_field()
    publish_at = PublishAt(required=False, help_text=f"For “Save and publish”. {EMPTY_IS_NOW}")

    class Meta:
        model = Job
        fields = [
            "title",
            "company",
            "category",
            "location",
            "regions",
            "workplace",
            "countries",
            "open_worldwide",
            "employment_types",
            "level",
            "tags",
            "pay_min",
            "pay_max",
            "pay_currency",
            "pay_period",
            "description_raw",
            "apply_url",
            "apply_email",
            "expires_at",
            "may_be_syndicated",
        ]
        widgets = {"description_raw": forms.Textarea(attrs={"rows": 24, "cols": 100})}
        help_texts = {"expires_at": ALONE_IS_THE_END}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("pay_min", "pay_max"):
            amount = getattr(self.instance, name)
            if amount is not None and name not in (kwargs.get("initial") or {}):
                self.initial[name] = pay.major_units(amount, self.instance.pay_currency)

    def version(self):
        """Of what the form can overwrite: neither publishing nor a report in between is in anybody's way."""
        said = {name: value for name, value in self.initial.items() if name in self._meta.fields}
        said["regions"] = sorted(region.pk for region in said.get("regions", []))
        return sha256(repr(sorted(said.items())).encode()).hexdigest()

    def last_change(self):
        """What the admin logged, or what an import did, whichever came later."""
        version = self.instance.history.select_related("history_user").latest()
        changes = [LastChange(by=version.history_user, did="Changed", at=version.history_date)]
        if entry := logged_of(self.instance).first():
            changes.append(LastChange(by=entry.user, did=entry.get_change_message().rstrip("."), at=entry.action_time))
        return max(changes, key=attrgetter("at"))

    def clean_title(self):
        title = one_line(self.cleaned_data["title"])
        validate_title(title)
        return title

    def clean_location(self):
        return one_line(self.cleaned_data["location"])

    def clean_description_raw(self):
        # A browser sends each end of a line as two characters; that changes nothing.
        text = self.cleaned_data["description_raw"].replace("\x00", "").replace("\r\n", "\n")
        validate_description(text)
        return text

    def clean_tags(self):
        tags = self.cleaned_data["tags"]
        if len(tags) > MOST_TAGS:
            raise ValidationError(f"Give {MOST_TAGS} tags at most; there are {len(tags)}.")
        if too_long := next((tag for tag in tags if len(tag) > 40), None):
            raise ValidationError(f"“{too_long[:60]}” is longer than 40 characters.")
        return tags

    def clean_pay_currency(self):
        currency = self.cleaned_data["pay_currency"].strip().upper()
        return known_currency(currency) if currency else ""

    def clean_expires_at(self):
        expires_at = self.cleaned_data["expires_at"]
        if not expires_at or "expires_at" not in self.changed_data:
            return expires_at
        if expires_at <= timezone.now():
            raise ValidationError("This day is over. To take a job off the board, close it.")
        validate_within_two_years(expires_at.date())
        return expires_at

    def clean(self):
        super().clean()
        self.check_ways_to_apply()
        self.check_pay()
        self.check_schedule()
        return self.cleaned_data

    def check_ways_to_apply(self):
        if {"apply_url", "apply_email"} & self.errors.keys():
            return
        url, email = self.cleaned_data["apply_url"], self.cleaned_data["apply_email"]
        if not url and not email:
            self.add_error("apply_url", "Give an address to apply at, or an e-mail below.")
        if url and email:
            self.add_error("apply_email", "Give either an address or an e-mail, not both.")

    def check_pay(self):
        """Convert to minor units; a job without pay keeps neither currency nor period."""
        if {"pay_min", "pay_max", "pay_currency", "pay_period"} & self.errors.keys():
            return
        lowest, highest = self.cleaned_data["pay_min"], self.cleaned_data["pay_max"]
        for name in ("pay_min", "pay_max"):
            if self.cleaned_data[name] == 0:
                self.add_error(name, "0 is no pay; leave it empty when the advert states none.")
        if lowest is None and highest is None:
            self.cleaned_data.update(pay_currency="", pay_period="")
            return
        currency = self.cleaned_data["pay_currency"]
        if not currency:
            self.add_error("pay_currency", "Pay needs a currency.")
        if not self.cleaned_data["pay_period"]:
            self.add_error("pay_period", "Pay needs a period.")
        if lowest is not None and highest is not None and lowest > highest:
            self.add_error("pay_min", "The lowest pay is above the highest.")
        if currency:
            self.check_decimals(currency)
        if not self.errors:
            self.cleaned_data["pay_min"] = minor_units(lowest, currency)
            self.cleaned_data["pay_max"] = minor_units(highest, currency)

    def check_decimals(self, currency: str):
        """Refuse 60.000 EUR: whoever writes a dot before three digits means sixty thousand."""
        most = get_currency_precision(currency)
        for name in ("pay_min", "pay_max"):
            amount = self.cleaned_data.get(name)
            if amount is not None and -amount.as_tuple().exponent > most:
                self.add_error(name, f"{currency} has {most or 'no'} decimals. Write thousands without a dot: 60000.")

    def check_schedule(self):
        publish_at, expires_at = self.cleaned_data.get("publish_at"), self.cleaned_data.get("expires_at")
        if publish_at and expires_at and publish_at >= expires_at:
            self.add_error("publish_at", "The job would be over before it is published.")


class RateForm(forms.ModelForm):
    # One unit of the dearest currency is worth three dollars; above this it was written the other way round.
    MOST_DOLLARS = 10
    OTHER_WAY_ROUND = (
        "Write what one unit of the currency is worth in dollars, such as 0.0071 for JPY: "
        f"above 0, and {MOST_DOLLARS} at most."
    )

    class Meta:
        model = pay.ExchangeRate
        fields = ["currency", "dollars", "as_of", "source"]
        help_texts = {
            "currency": "Its three letters, such as EUR.",
            "dollars": "What one unit of it is worth in US dollars, such as 1.08 for EUR.",
        }

    def clean_currency(self):
        currency = self.cleaned_data["currency"].strip().upper()
        if currency == "USD":
            raise ValidationError("The dollar needs no rate: one is one.")
        return known_currency(currency)

    def clean_dollars(self):
        dollars = self.cleaned_data["dollars"]
        if not 0 < dollars <= self.MOST_DOLLARS:
            raise ValidationError(self.OTHER_WAY_ROUND)
        return dollars

    def clean_as_of(self):
        day = self.cleaned_data["as_of"]
        if day > timezone.now().date():
            raise ValidationError("This day is yet to come; give the day that the rate is of.")
        return day


def known_currency(code: str) -> str:
    if not pay.is_currency(code):
        raise ValidationError("Write the three letters of a currency, such as USD.")
    return code


def logged_of(job: Job) -> QuerySet:
    """The admin's log of this job, newest first."""
    entries = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Job), object_id=str(job.pk))
    return entries.select_related("user").order_by("-action_time", "-pk")


def minor_units(amount: Decimal | None, currency: str) -> int | None:
    return None if amount is None else int(amount.scaleb(get_currency_precision(currency)))


class PublishForm(forms.Form):
    publish_at = PublishAt(required=False, help_text=EMPTY_IS_NOW)


class CloseForm(forms.Form):
    # The other reasons are what the board itself writes.
    REASONS = [Job.CloseReason.FILLED, Job.CloseReason.GONE, Job.CloseReason.REPORTED, Job.CloseReason.STAFF]

    reason = forms.ChoiceField(
        choices=[(reason.value, reason.label) for reason in REASONS], initial=Job.CloseReason.STAFF
    )


class ExtendForm(forms.Form):
    until = End(label="New last day", help_text=ALONE_IS_THE_END)

    def clean_until(self):
        until = self.cleaned_data["until"]
        if until <= timezone.now():
            raise ValidationError("This day is over; give one to come.")
        validate_within_two_years(until.date())
        return until


class CompanyForm(forms.ModelForm):
    website = forms.URLField(
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=AdminURLFieldWidget,
        error_messages={"invalid": "Enter a whole web address, such as https://example.com."},
    )

    class Meta:
        model = Company
        fields = ["name", "website", "about", "headquarters", "size", "founded_year", "industry", "verified_at"]

    def clean_name(self):
        name = one_line(self.cleaned_data["name"])
        other = Company.objects.filter(key=company_key(name)).exclude(pk=self.instance.pk).first()
        if other:
            raise ValidationError(f"There is a company of this name: “{other}”.", code="unique")
        return name

    def clean_founded_year(self):
        year = self.cleaned_data["founded_year"]
        if year is not None:
            validate_founded_year(year)
        return year

    def clean_website(self):
        if website := self.cleaned_data["website"]:
            validate_apply_url(website)
        return website


class NamedForm(forms.ModelForm):
    """Of what searches and alerts name by its slug."""

    def clean_name(self):
        name = one_line(self.cleaned_data["name"])
        if self._meta.model.objects.exclude(pk=self.instance.pk).filter(name__iexact=name).exists():
            raise ValidationError(f"“{name}” is there already.", code="unique")
        return name

    def clean_slug(self):
        slug = self.cleaned_data["slug"]
        if self.instance.pk and slug != self.instance.slug:
            raise ValidationError(f"The slug “{self.instance.slug}” can't be changed. {SLUG_STAYS}")
        return slug


class CategoryForm(NamedForm):
    class Meta:
        model = Category
        fields = ["name", "slug", "position"]
        help_texts = {"slug": SLUG_STAYS}


class RegionForm(NamedForm):
    countries = CountriesField(
        widget=forms.Textarea(attrs={"rows": 2}), help_text="Names or codes, separated by commas, such as Germany, FR."
    )

    class Meta:
        model = Region
        fields = ["name", "slug", "countries", "position"]
        help_texts = {"slug": SLUG_STAYS}

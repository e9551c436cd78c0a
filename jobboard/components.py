"""Every component in every state on one page, for those who build: /dev/components/ (development only)."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_safe

from jobboard.templatetags.icons import ICONS

TOKENS = (
    "paper", "surface", "sunken", "ink", "ink-soft", "line", "control", "accent", "accent-strong", "accent-soft",
    "success", "success-soft", "warning", "warning-soft", "danger", "danger-soft",
)  # fmt: skip

ROWS = (
    {
        "title": "Data Scientist", "company": "Tecolote Research", "place": "Albuquerque, NM",
        "who": "People in the United States", "pay": "$53,000–91,000 a year", "kind": "Full-time · Middle",
        "age": "2 hours ago", "state": "New", "tone": "accent",
    },
    {
        "title": "Sachbearbeiterin für Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnungen (m/w/d), "
        "Schwerpunkt Rechtsschutzversicherungsgesellschaften in Donaudampfschifffahrtsangelegenheiten",
        "company": "Landesamt für Flurbereinigung und Bodenordnung Mecklenburg-Vorpommern",
        "place": "Neubrandenburg", "who": "12 regions: Germany, Austria, Switzerland and 9 more", "pay": "",
        "kind": "Part-time · Lead", "age": "3 days ago", "state": "Saved", "tone": "success",
    },
    {
        "title": "مهندس برمجيات أول", "company": "شركة الابتكار", "place": "Remote", "who": "People anywhere",
        "pay": "€4,200 a month", "kind": "Contract · Senior", "age": "16 Nov", "state": "Closes tomorrow",
        "tone": "warning",
    },
    {
        "title": "QA", "company": "X", "place": "", "who": "", "pay": "", "kind": "", "age": "30 days ago",
        "state": "Closed", "tone": "danger",
    },
)  # fmt: skip


class SpecimenForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", help_text="As you would sign a letter.")
    email = forms.EmailField(label="E-mail address", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    level = forms.ChoiceField(label="Level", choices=[("", "Any"), ("junior", "Junior"), ("senior", "Senior")])
    pay = forms.IntegerField(label="Lowest pay", required=False, min_value=0, help_text="Whole dollars a year.")
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    closing_on = forms.DateField(label="Last day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    cv = forms.FileField(label="Curriculum vitae", required=False)
    rhythm = forms.ChoiceField(
        label="How often", choices=[("daily", "Every day"), ("weekly", "Every week")], widget=forms.RadioSelect
    )
    places = forms.MultipleChoiceField(
        label="Workplace",
        choices=[("remote", "Remote"), ("onsite", "On-site")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agrees = forms.BooleanField(label="Send me product news", required=False, help_text="At most once a month.")


@require_safe
def components(request):
    if not settings.DEVELOPMENT:
        raise Http404
    messages.info(request, "This is a message.")
    refused = SpecimenForm({"email": "not an address", "pay": "-4", "rhythm": "hourly", "level": "senior"})
    context = {
        "tokens": TOKENS,
        "icons": sorted(ICONS),
        "rows": ROWS,
        "form": SpecimenForm(prefix="empty", initial={"rhythm": "daily"}),
        "refused": refused,
    }
    return render(request, "dev/components.html", context)

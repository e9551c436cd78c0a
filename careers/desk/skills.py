"""Two names for one skill become one: staff choose which stays, and see what it takes over first."""

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.db import transaction
from django.db.models import Count
from django.template.response import TemplateResponse
from django.utils import timezone

from careers.models import Skill
from careers.skills import KindsDiffer

MOST = 20


class MergeForm(forms.Form):
    stays = forms.ModelChoiceField(
        Skill.objects.none(), label="The one that stays", widget=forms.RadioSelect, empty_label=None
    )

    def __init__(self, *args, skills, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["stays"].queryset = skills
        self.fields["stays"].label_from_instance = in_words


def in_words(skill: Skill) -> str:
    also = f", also called {', '.join(skill.also_called)}" if skill.also_called else ""
    return f"{skill.name} ({skill.get_kind_display().lower()}, {guides_in_words(skill.asking)}{also})"


def guides_in_words(count: int) -> str:
    return "1 guide" if count == 1 else f"{count} guides"


def asked_or_merged(model_admin, request, chosen):
    """The answer to the bulk action: the page that asks which stays, or None when it was said and done."""
    skills = (
        Skill.objects.filter(pk__in=chosen.values("pk")).annotate(asking=Count("guide_skills")).order_by("name", "pk")
    )
    if not 2 <= skills.count() <= MOST:
        messages.warning(request, f"Choose at least two skills that mean the same, and at most {MOST}.")
        return None
    is_said = "confirmed" in request.POST
    form = MergeForm(request.POST, skills=skills) if is_said else MergeForm(skills=skills)
    if form.is_bound and form.is_valid():
        try:
            merge(request, model_admin, form.cleaned_data["stays"], skills)
        except KindsDiffer as reason:
            form.add_error("stays", f"{reason} Change its kind first.")
        else:
            return None
    return page(model_admin, request, form)


@transaction.atomic
def merge(request, model_admin, stays: Skill, skills):
    names = []
    for other in skills.exclude(pk=stays.pk):
        names.append(other.name)
        stays.merge(other, by=request.user, at=timezone.now())
    said = f"{', '.join(f'“{name}”' for name in names)} became “{stays}”."
    model_admin.log_change(request, stays, said)
    messages.success(request, said)


def page(model_admin, request, form) -> TemplateResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": "Merge these skills?",
        "opts": model_admin.opts,
        "form": form,
        "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/careers/skill/merge.html", context)

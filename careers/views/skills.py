"""My skills: marked on the account, or by the address for whoever has none; the browser then remembers them."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from accounts.logging_in import login_then_back
from careers.features import OWN_SKILLS, may_use
from careers.fits import fits_of, fitting_jobs, skills_to_choose
from careers.models import OwnSkill, Skill

PAGE_SIZE = 8
# More than anybody marks; keeps an address that somebody made up from costing much.
MOST = 300


@require_safe
def my_skills(request):
    if not may_use(request.user, OWN_SKILLS):
        return render(request, "careers/plus_feature.html", {"feature": "Marking your skills"})
    choices = skills_to_choose()
    offered = {one["slug"] for group in choices.values() for one in group}
    has = skills_of(request) & offered
    fits = fits_of(has)
    chosen = next((fit for fit in fits if fit.slug == request.GET.get("guide", "")), None)
    others = [fit for fit in fits if fit.has and fit != chosen]
    context = {
        "choices": choices,
        "has": has,
        "shown": {one.slug for one in chosen.skills} if chosen else set(),
        "chosen": chosen,
        "page": Paginator(others, PAGE_SIZE).get_page(request.GET.get("page")),
        "jobs": fitting_jobs(has),
        "query": query_of(request, has, chosen),
    }
    return render(request, "careers/my_skills.html", context)


def skills_of(request) -> set[str]:
    """Slugs: the account's, for whoever has one; else the address's, where a skill's former slug stands for it."""
    if request.user.is_authenticated:
        return set(OwnSkill.objects.filter(user=request.user).values_list("skill__slug", flat=True))
    asked = [slug for slug in request.GET.getlist("skill")[:MOST] if slug]
    return set(Skill.objects.at(*asked).values_list("slug", flat=True)) if asked else set()


def query_of(request, has: set[str], chosen) -> str:
    """The address's own part that further pages keep, with & at its end; the account's skills aren't in it."""
    pairs = [("guide", chosen.slug)] if chosen else []
    pairs += [] if request.user.is_authenticated else [("skill", slug) for slug in sorted(has)]
    return f"{urlencode(pairs)}&" if pairs else ""


@require_POST
@login_then_back("careers:my_skills")
def keep(request):
    if not may_use(request.user, OWN_SKILLS):
        return redirect("careers:my_skills")
    skills = list(Skill.objects.at(*request.POST.getlist("skill")[:MOST]))
    OwnSkill.objects.keep(request.user, skills, at=timezone.now())
    messages.success(request, f"{len(skills)} skill{'s are' if len(skills) != 1 else ' is'} marked as yours.")
    guide = request.POST.get("guide", "")
    return redirect(f"{reverse('careers:my_skills')}?{urlencode({'guide': guide})}" if guide else "careers:my_skills")

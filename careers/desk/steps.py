"""Steps in the life of guides, for one or for many: a page that says which may take it, then one verb for each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.admin import helpers
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.admin_fields import Start
from careers.desk.addresses import address
from careers.models import Contributor, Guide, GuideIncomplete, WrongState
from careers.reviews import validate_next_review
from jobs.validators import validate_within_two_years

# How many guides one page names; a list of guides is never much longer.
MOST = 500
AGAIN_AFTER = timedelta(days=365)


class ScheduleForm(forms.Form):
    moment = Start(label="Publish on", help_text="In UTC. A date without a time means the beginning of that day.")

    def clean_moment(self):
        if self.cleaned_data["moment"] <= timezone.now():
            raise ValidationError("This time is over; give one to come.")
        validate_within_two_years(self.cleaned_data["moment"].date())
        return self.cleaned_data["moment"]


class ReviewForm(forms.Form):
    reviewer = forms.ModelChoiceField(
        Contributor.objects.order_by("name"), help_text="Who read it through; readers see the name."
    )
    review_due_on = forms.DateField(label="Next review due on", widget=AdminDateWidget)

    def clean_review_due_on(self):
        if self.cleaned_data["review_due_on"] <= timezone.now().date():
            raise ValidationError("The next review must be due after today.")
        validate_next_review(self.cleaned_data["review_due_on"])
        return self.cleaned_data["review_due_on"]


@dataclass(frozen=True)
class Step:
    """`check` raises GuideIncomplete or WrongState for a guide that can't take it; `take` gets the form's answers.

    A step with a `warning` says it first and is taken only then.
    """

    name: str
    button: str
    question: str
    done: str
    permission: str
    check: Callable[[Guide, object], None]
    take: Callable[..., None]
    form: type[forms.Form] = forms.Form
    warning: str = ""

    @property
    def action(self) -> str:
        return f"take_{self.name}"

    @property
    def page(self) -> str:
        """The name of its address."""
        return f"admin:careers_guide_{self.name}"

    @property
    def asks(self) -> bool:
        """Whether something must be answered or read first."""
        return bool(self.form.base_fields or self.warning)

    def refusal(self, guide: Guide, at) -> str:
        """Why the guide can't take this step, or ""."""
        try:
            self.check(guide, at)
        except (GuideIncomplete, WrongState) as reason:
            return str(reason)
        return ""


def not_published_and_whole(guide, at):
    guide.refuse_published(at)
    guide.refuse_gaps()


def is_on_the_site(guide, at):
    if not guide.is_published(at):
        raise WrongState("It isn't on the site.")


def has_plans(guide, at):
    guide.refuse_published(at)
    if not (guide.submitted_at or guide.scheduled_for):
        raise WrongState("It is a draft already.")


def anything(guide, at):
    """A review fits any guide."""


def submit(guide, answers, by, at):
    guide.submit(by=by, at=at)


def send_back(guide, answers, by, at):
    guide.return_to_draft(by=by, at=at)


def schedule(guide, answers, by, at):
    guide.schedule(answers["moment"], by=by, at=at)


def publish(guide, answers, by, at):
    guide.publish(by=by, at=at)


def unpublish(guide, answers, by, at):
    guide.unpublish(by=by, at=at)


def review(guide, answers, by, at):
    due_on = answers["review_due_on"]
    guide.review(reviewer=answers["reviewer"], by=by, at=at, again_after=due_on - at.date())


SUBMIT = Step("submission", "Submit for review", "Submit these guides for review?", "is in review", "change",
              not_published_and_whole, submit)  # fmt: skip
SEND_BACK = Step("return", "Return to draft", "Make these guides drafts again?", "is a draft again", "change",
                 has_plans, send_back)  # fmt: skip
SCHEDULE = Step("schedule", "Schedule", "Publish these guides later?", "is scheduled", "publish",
                not_published_and_whole, schedule, ScheduleForm)  # fmt: skip
PUBLISH = Step("publication", "Publish", "Publish these guides?", "is published", "publish",
               not_published_and_whole, publish)  # fmt: skip
UNPUBLISH = Step("withdrawal", "Take off the site", "Take these guides off the site?", "is off the site", "publish",
                 is_on_the_site, unpublish,
                 warning="Readers and links that lead there will meet “not found”. Its text, history and figures stay,"
                         " and “Publish” brings it back to the same address.")  # fmt: skip
REVIEW = Step("review", "Mark as reviewed", "Mark these guides as reviewed?", "is reviewed", "change",
              anything, review, ReviewForm)  # fmt: skip
STEPS = (SUBMIT, SCHEDULE, PUBLISH, SEND_BACK, REVIEW, UNPUBLISH)


def may(model_admin, request, step: Step) -> bool:
    return getattr(model_admin, f"has_{step.permission}_permission")(request)


def steps_for(model_admin, request, guide: Guide, at) -> list[Step]:
    """What this person may do with the guide as it stands; a missing part is told when they try."""

    def fits(step):
        try:
            step.check(guide, at)
        except WrongState:
            return False
        except GuideIncomplete:
            return True
        return True

    return [step for step in STEPS if may(model_admin, request, step) and fits(step)]


# --- One guide --------------------------------------------------------------------------------------------------------


def paths(model_admin) -> list:
    """The address of each step of one guide, named admin:careers_guide_<step>."""
    return [
        address(model_admin, f"<int:pk>/{step.name}/", view_of(step), f"careers_guide_{step.name}") for step in STEPS
    ]


def view_of(step: Step):
    @require_http_methods(["GET", "HEAD", "POST"] if step.asks else ["POST"])
    def view(request, model_admin, pk):
        if not may(model_admin, request, step):
            raise PermissionDenied
        return one_step(model_admin, request, get_object_or_404(Guide, pk=pk), step)

    return view


def one_step(model_admin, request, guide: Guide, step: Step):
    if refusal := step.refusal(guide, timezone.now()):
        messages.error(request, refused(guide, step, refusal))
        return redirect("admin:careers_guide_change", guide.pk)
    form = bound(request, step, is_confirmed=request.method == "POST")
    if not form.is_valid():
        return page(model_admin, request, step, form, [guide], [], {"guide": guide})
    take(model_admin, request, guide, step, form.cleaned_data)
    return redirect("admin:careers_guide_change", guide.pk)


def take(model_admin, request, guide: Guide, step: Step, answers: dict):
    """Somebody else may have been faster, so that the guide is asked again by its own verb."""
    try:
        step.take(guide, answers, request.user, timezone.now())
    except (GuideIncomplete, WrongState) as reason:
        messages.error(request, refused(guide, step, str(reason)))
    else:
        model_admin.log_change(request, guide, f"{step.button}.")
        messages.success(request, f"“{guide}” {step.done}.")


def refused(guide: Guide, step: Step, reason: str) -> str:
    return f"{step.button}: not possible for “{guide}”. {reason}"


def bound(request, step: Step, *, is_confirmed: bool) -> forms.Form:
    return step.form(request.POST) if is_confirmed else step.form(initial=initial(request))


def initial(request) -> dict:
    """Each step takes from this what it asks for."""
    return {
        "reviewer": Contributor.objects.filter(user=request.user).first(),
        "review_due_on": timezone.now().date() + AGAIN_AFTER,
    }


# --- Many guides ------------------------------------------------------------------------------------------------------


def asked_or_done(model_admin, request, chosen, step: Step):
    """The answer to a bulk action: the confirm page, or None when it was confirmed and done."""
    at = timezone.now()
    guides = list(chosen.prefetch_related("skills", "stages").order_by("title", "pk")[:MOST])
    ready, refusals = [], []
    for guide in guides:
        reason = step.refusal(guide, at)
        refusals.append((guide, reason)) if reason else ready.append(guide)
    form = bound(request, step, is_confirmed="confirmed" in request.POST)
    if ready and form.is_bound and is_what_was_shown(request, form, ready) and form.is_valid():
        for guide in ready:
            take(model_admin, request, guide, step, form.cleaned_data)
        return None
    return page(model_admin, request, step, form, ready, refusals, {})


def is_what_was_shown(request, form, guides: list[Guide]) -> bool:
    """Whether as many guides are meant as the page said; somebody may have changed one meanwhile."""
    if request.POST["confirmed"] == str(len(guides)):
        return True
    form.add_error(None, "The number of guides has changed meanwhile. Look again and confirm.")
    return False


def page(model_admin, request, step: Step, form, ready, refusals, more: dict) -> TemplateResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "title": step.button if more else step.question,
        "opts": model_admin.opts,
        "step": step,
        "form": form,
        "media": model_admin.media + form.media,
        "ready": ready,
        "refusals": refusals,
        "guide": None,
        "selected": request.POST.getlist(helpers.ACTION_CHECKBOX_NAME),
        "select_across": request.POST.get("select_across", "0"),
        "checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/careers/guide/step.html", context | more)

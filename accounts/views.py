from allauth.account import views as allauth_views
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.deletion import CannotDeleteNow, delete_account
from accounts.forms import DeletionForm, ProfileForm
from accounts.personal_data import personal_data
from accounts.sessions import end_other_sessions, live_sessions


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your profile is saved.")
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def sessions(request):
    present_key = request.session.session_key
    if request.method == "POST":
        end_other_sessions(request.user, present_key)
        messages.success(request, "You are logged out everywhere else.")
        return redirect("usersessions_list")
    context = {"sessions": live_sessions(request.user), "present_key": present_key}
    return render(request, "usersessions/usersession_list.html", context)


@require_safe
@login_required
@reauthentication_required
def export(request):
    response = JsonResponse(personal_data(request.user), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response.headers["Content-Disposition"] = 'attachment; filename="my-account.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@reauthentication_required
def deletion(request):
    form = DeletionForm(request.POST if request.method == "POST" else None)
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/deletion.html", {"form": form})
    try:
        delete_account(request.user)
    except CannotDeleteNow as reason:
        messages.error(request, reason.words)
        return redirect("accounts:deletion")
    logout(request)
    messages.success(request, "Your account is deleted.")
    return redirect("/")


class ConfirmEmailView(allauth_views.ConfirmEmailView):
    """Following a link logs nobody out, whoever it was for; the button on the page does. A dead link is a 404."""

    object = None

    def logout_other_user(self, confirmation):
        if self.request.method == "POST":
            super().logout_other_user(confirmation)

    def post(self, *args, **kwargs):
        try:
            return super().post(*args, **kwargs)
        except Http404:
            return self.render_to_response(self.get_context_data())

    def render_to_response(self, context, **options):
        return super().render_to_response(context, status=200 if self.object else 404, **options)


class ConfirmLoginCodeView(allauth_views.ConfirmLoginCodeView):
    """Only a wrong code costs a try, the page says how many are left, and the last leads to asking for a new code."""

    def form_invalid(self, form):
        if not form.is_wrong:
            return self.render_to_response(self.get_context_data(form=form))
        if not self._process.record_invalid_attempt():
            messages.error(self.request, "That was the last try with this code. Ask for a new one here.")
            return redirect("account_request_login_code")
        left = self._process.max_attempts - self._process.state["failed_attempts"]
        del form.errors["code"]
        form.add_error("code", f"This code is not right. {left} {'try is' if left == 1 else 'tries are'} left.")
        return self.render_to_response(self.get_context_data(form=form))


class PasswordResetFromKeyView(allauth_views.PasswordResetFromKeyView):
    """A dead link is a 404."""

    def render_to_response(self, context, **options):
        return super().render_to_response(context, status=404 if context.get("token_fail") else 200, **options)

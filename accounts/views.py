from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import JsonResponse
from django.shortcuts import redirect, render

from accounts.deletion import AccountStillNeeded, LastSuperuser, delete_account
from accounts.forms import ProfileForm
from accounts.personal_data import personal_data


@login_required
def profile(request):
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your profile is saved.")
        return redirect("accounts:profile")
    return render(request, "accounts/profile.html", {"form": form})


@login_required
@reauthentication_required
def export(request):
    response = JsonResponse(personal_data(request.user), json_dumps_params={"indent": 2, "ensure_ascii": False})
    response.headers["Content-Disposition"] = 'attachment; filename="my-account.json"'
    return response


@login_required
@reauthentication_required
def deletion(request):
    if request.method != "POST":
        return render(request, "accounts/deletion.html")
    try:
        delete_account(request.user)
    except LastSuperuser:
        messages.error(request, "You are the only superuser. Make someone else one, then delete your account.")
        return redirect("accounts:deletion")
    except AccountStillNeeded:
        messages.error(request, "Work of yours is part of the site. Write to us and we take your account out of it.")
        return redirect("accounts:deletion")
    logout(request)
    messages.success(request, "Your account is deleted.")
    return redirect("/")

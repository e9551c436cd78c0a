"""What to say when somebody starts an alert: whether it runs is one thing, whether its mail may go out another."""

from django.contrib import messages
from django.shortcuts import redirect

from alerts.suppressions import Suppression


def restart_mail_and_say(request, said: str) -> None:
    """An alert of the person's runs: let its mail flow again where the person can, and say both.

    Who starts an alert wants its mail, so that ends their own "stop all": it had paused every other alert, and they
    stay paused. What else stops mail to the address, the person can't end, so it is told.
    """
    address = request.user.email
    if Suppression.objects.lift(address):
        messages.success(request, f"{said} You get its mails again; alerts that are paused stay paused.")
    elif Suppression.objects.stops(address):
        messages.warning(request, f"{said} But no alert can be mailed to {address}: below it says why.")
    else:
        messages.success(request, said)


def refuse_held(request):
    messages.error(request, "Our staff have stopped this alert. Please write to us to start it again.")
    return redirect("alerts:list")

"""The pages of alerts."""

from django.http import HttpResponse


def page(request, **found):
    return HttpResponse("Alerts", content_type="text/plain")


alerts = new = preview = edit = pause = resume = delete = undo = place = swap = page
short_pause = resume_mail = requested = confirm = finish_account = unsubscribe = weekly_instead = unsubscribe_all = page

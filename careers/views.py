from django.core import signing
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from careers.models import Contributor, Guide
from careers.previews import guide_of


def index(request):
    guides = Guide.objects.published(timezone.now()).for_cards()
    return render(request, "careers/index.html", {"guides": guides})


def guide(request, slug):
    found = get_object_or_404(Guide.objects.published(timezone.now()).for_page(), slug=slug)
    return render(request, "careers/guide.html", {"guide": found})


def preview(request, token):
    """A draft for whoever has the link, for a day."""
    try:
        found = get_object_or_404(Guide.objects.for_page(), pk=guide_of(token))
    except signing.BadSignature:
        raise Http404 from None
    return render(request, "careers/guide.html", {"guide": found})


def contributor(request, slug):
    found = get_object_or_404(Contributor, slug=slug)
    return render(request, "careers/contributor.html", {"contributor": found})

from django.conf import settings

from jobboard.brand import current_brand


def site(request):
    """What every page may say about the site itself."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "site_contact": settings.SITE_CONTACT,
        "brand": current_brand(),
    }

from django import template

register = template.Library()

PLACES = (("Jobs", "/jobs/"), ("Guides", "/guides/"), ("Alerts", "/alerts/"), ("Plans", "/plans/"))


@register.inclusion_tag("_navigation.html")
def navigation(path: str):
    """The site's main places, with the one that `path` is in marked."""
    return {"places": [(label, url, path.startswith(url)) for label, url in PLACES]}

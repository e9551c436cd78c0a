"""The site's addresses with those that only a developer's machine has."""

from jobboard import urls
from jobboard.urls import handler400, handler403, handler404, handler429

__all__ = ["handler400", "handler403", "handler404", "handler429", "urlpatterns"]

urlpatterns = urls.urlpatterns + urls.mailbox_patterns

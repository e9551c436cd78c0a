"""Makes our own site the admin that every app registers with."""

from django.contrib.admin.apps import AdminConfig


class BoardAdminConfig(AdminConfig):
    default_site = "jobboard.admin_site.BoardAdminSite"

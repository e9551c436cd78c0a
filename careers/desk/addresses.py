from django.urls import path


def address(model_admin, route: str, view, name: str):
    """A page of the admin at this address, by a function that is called as view(request, model_admin, …)."""

    def asked(request, **names):
        return view(request, model_admin, **names)

    return path(route, model_admin.admin_site.admin_view(asked), name=name)

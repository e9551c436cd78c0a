"""Headers beyond those that Django sets: what a page may use, who may embed it, and who may keep a copy."""

UNUSED_FEATURES = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES)
# Pages that show somebody's own affairs; a shared computer must not keep them.
PRIVATE = ("/account/", "/accounts/", "/alerts/", "/admin/")
LOGOUT = "/accounts/logout/"


class HeadersMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if request.path.startswith(PRIVATE):
            response.headers["Cache-Control"] = "no-store, private"
        if request.path == LOGOUT and request.method == "POST":
            response.headers["Clear-Site-Data"] = '"cache"'
        return response

"""What the API answers when it refuses, in the shape of Stripe's error object."""

from typing import Any


class ApiError(Exception):
    """Answered as {"error": …} with the status; `details` are further keys of the error object."""

    def __init__(
        self, message: str, *, status=400, kind="invalid_request_error", code=None, param=None, **details: Any
    ):
        super().__init__(message)
        self.status = status
        self.error = {"message": message, "type": kind}
        self.error |= {name: value for name, value in {"code": code, "param": param, **details}.items() if value}


def missing(what: str, wanted: str, *, param: str = "id") -> ApiError:
    words = what.replace("_", " ").replace(".", " ")
    return ApiError(f"No such {words}: '{wanted}'", status=404, code="resource_missing", param=param)


def declined(code: str, message: str, *, decline_code: str | None = None, **details: Any) -> ApiError:
    return ApiError(message, status=402, kind="card_error", code=code, decline_code=decline_code, **details)

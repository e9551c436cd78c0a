"""HTML by templates of str.format, in which every value is escaped unless it is HTML already."""

import html
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from stripe_sandbox.invoicing import money  # noqa: F401 -- pages say amounts as invoices do


class Html(str):
    """Text that is markup, made by `fill` or written here."""


def fill(template: str, **values) -> Html:
    return Html(template.format(**{name: escaped(value) for name, value in values.items()}))


def escaped(value) -> str:
    return value if isinstance(value, Html) else html.escape("" if value is None else str(value))


def joined(parts) -> Html:
    return Html("".join(escaped(part) for part in parts))


@dataclass
class Response:
    body: bytes = b""
    status: int = 200
    kind: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title} · Stripe sandbox</title>
<link rel="stylesheet" href="/_sandbox/style.css">
<link rel="icon" href="data:,">
</head>
<body>
<header class="banner"><strong>Sandbox.</strong> No real payment is made here, and no card is charged.</header>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""


def page(title: str, body: Html, *, status: int = 200, leads_to: tuple[str | None, ...] = ()) -> Response:
    """A whole page. `leads_to` are addresses that its forms may end at, which the policy has to allow."""
    origins = " ".join(sorted({origin(one) for one in leads_to if one}))
    policy = (
        "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self' {origins}"
    )
    headers = {"Content-Security-Policy": policy.strip(), "Referrer-Policy": "no-referrer", "Cache-Control": "no-store"}
    return Response(fill(PAGE, title=title, body=body).encode(), status, headers=headers)


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def redirect(url: str) -> Response:
    return Response(status=303, headers={"Location": url, "Cache-Control": "no-store"})


def alert(words: str | None) -> Html:
    return fill('<p class="alert" role="alert">{words}</p>', words=words) if words else Html("")


def field_row(name: str, label: str, value: str = "", *, error: str | None = None, **attributes) -> Html:
    """A labelled input; an error is told beside it."""
    extra = joined(fill(' {key}="{value}"', key=key.replace("_", "-"), value=one) for key, one in attributes.items())
    described = Html(f' aria-describedby="{name}-error" aria-invalid="true"') if error else Html("")
    told = fill('<span class="error" id="{name}-error">{error}</span>', name=name, error=error) if error else Html("")
    return fill(
        '<p class="field"><label for="{name}">{label}</label>'
        '<input id="{name}" name="{name}" value="{value}"{extra}{described}>{told}</p>',
        name=name, label=label, value=value, extra=extra, described=described, told=told,
    )  # fmt: skip

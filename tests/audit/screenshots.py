"""make screenshots: every page at three widths in both themes, to be looked at; not part of the suite."""

import base64

from django.conf import settings

from tests.alerts.mails import sample_mail
from tests.audit.content import PAGES, opened

FOLDER = settings.BASE_DIR / "docs" / "screenshots"
WIDTHS, THEMES = (360, 768, 1280), ("light", "dark")
# Of a long page the beginning says enough, and the folder stays small.
TALLEST = 2400
QUALITY = 55
LISTS = (
    "admin list of jobs",
    "admin list of imports",
    "admin list of guides",
    "admin list of alerts",
    "admin list of sources on the web",
)


def test_take_screenshots(chromium, content):
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in PAGES:
        if name.startswith("admin list of ") and name not in LISTS:
            continue  # they look alike
        page, _ = opened(chromium, content, name)
        for theme in THEMES:
            for width in WIDTHS:
                page.emulate_media(color_scheme=theme)
                page.set_viewport_size({"width": width, "height": 900})
                (FOLDER / f"{file_name(name)}-{width}-{theme}.webp").write_bytes(picture_of(page, width))
        page.context.close()


def test_take_screenshots_of_an_alerts_mail(chromium, subscriber):
    page = chromium.new_page()
    page.set_content(sample_mail(subscriber).alternatives[0].content)
    for theme in THEMES:
        for width in WIDTHS:
            page.emulate_media(color_scheme=theme)
            page.set_viewport_size({"width": width, "height": 900})
            (FOLDER / f"mail-of-an-alert-{width}-{theme}.webp").write_bytes(picture_of(page, width))
    page.close()


def file_name(page: str) -> str:
    return page.replace(",", "").replace(" ", "-")


def picture_of(page, width: int) -> bytes:
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    picture = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot",
        {
            "format": "webp",
            "quality": QUALITY,
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 0.75},
        },
    )
    return base64.b64decode(picture["data"])

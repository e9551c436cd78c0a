"""Every page that people use: axe finds nothing in either theme on a phone and on a desk, the budget is kept, nobody
else is asked, and no rule of the Content-Security-Policy is broken."""

import pytest
from django.conf import settings

from tests.audit.content import PAGES, opened

pytestmark = pytest.mark.xdist_group("audit")

KILOBYTE = 1000
NARROW, PHONE, DESK = 320, 360, 1280
AXE = (settings.BASE_DIR / "tests" / "vendor" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """async rules => (await axe.run(document, {runOnly: {type: 'tag', values: rules}, resultTypes: ['violations']}))
    .violations.flatMap(rule => rule.nodes.map(
        node => `${rule.id}: ${node.target.join(' ')} ${node.html.slice(0, 160)} (${node.failureSummary})`))"""


# Staff's pages have no budget, and Django's own lists may be wider than a phone.
@pytest.mark.parametrize("group", ["public", "account", "admin"])
def test_every_page_is_accessible_light_and_keeps_to_itself(chromium, content, group):
    faults = {name: faults_of(chromium, content, name) for name in PAGES if group_of(name) == group}

    assert {name: found for name, found in faults.items() if found} == {}


def group_of(name: str) -> str:
    return name.split(" ")[0] if name.split(" ")[0] in ("account", "admin") else "public"


def faults_of(chromium, content, name) -> list[str]:
    page, visit = opened(chromium, content, name, width=NARROW)
    faults = [*visit.broken, *visit.strangers, *visit.complaints, *axe_findings(page)]
    if group_of(name) != "admin":
        faults += [*too_heavy(visit), *too_wide(page, NARROW)]
    elif not name.startswith("admin list of "):
        faults += too_wide(page, PHONE)
    page.context.close()
    return faults


def axe_findings(page) -> list[str]:
    page.evaluate(AXE)
    findings = []
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        for width in (DESK, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_function("() => new Promise(done => requestAnimationFrame(() => setTimeout(done, 20, true)))")
            findings += [f"{theme} {width}: {finding}" for finding in page.evaluate(RUN, RULES)]
    return findings


def too_heavy(visit) -> list[str]:
    figures = {
        "bytes": (sum(visit.sizes.values()), 100 * KILOBYTE),
        "bytes of scripts": (visit.bytes_of(".js"), 30 * KILOBYTE),
        "bytes of styles": (visit.bytes_of(".css"), 15 * KILOBYTE),
        "requests": (len(visit.sizes), 15),
    }
    return [f"{has} {what}, at most {most}" for what, (has, most) in figures.items() if has > most]


def too_wide(page, screen: int) -> list[str]:
    page.set_viewport_size({"width": screen, "height": 900})
    width = page.evaluate("document.documentElement.scrollWidth")
    return [f"{width} pixels wide on a screen of {screen}"] if width > screen else []

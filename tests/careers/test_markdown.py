"""Long texts: what Markdown may say, what nothing may, and that previews show what pages show."""

import pytest
from django.urls import reverse

from careers.content.loading import load_guide, load_samples
from careers.content.writing import mapping_of
from careers.markdown import LONGEST, as_html, plain_paragraphs, tidy
from careers.models import Guide
from careers.questions import paragraphs_of
from tests.careers.guides import draft, published
from tests.careers.test_admin import change_path, errors, form_of

PREVIEW = "/admin/careers/guide/text-preview/"
ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<a href=https://x.test onclick=alert(1)>x</a>",
    "![a picture](https://tracker.test/pixel.png)",
    "![a picture](x\" onerror=\"alert(1))",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](&#x6A;avascript:alert(1))",
    "[x](data:text/html,<script>alert(1)</script>)",
    "[x](vbscript:alert(1))",
    "[x](https://x.test \"t\" onclick=alert(1))",
    '[x](https://x.test/"onmouseover="alert(1))',
    "<javascript:alert(1)>",
    "[x]: javascript:alert(1)\n\n[x]",
    "`<script>alert(1)</script>`",
    "<style>*{display:none}</style>",
    "<iframe src=https://x.test></iframe>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>\n"),
        ("*a* **b** `c`", "<p><em>a</em> <strong>b</strong> <code>c</code></p>\n"),
        ("- a\n- b", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"),
        ("3. a\n4. b", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n'),
        ("> said", "<blockquote>\n<p>said</p>\n</blockquote>\n"),
        ("[words](https://x.test/?a=1&b=2)",
         '<p><a href="https://x.test/?a=1&amp;b=2" rel="noopener nofollow">words</a></p>\n'),
        ("[another guide](/guides/florist/)",
         '<p><a href="/guides/florist/" rel="noopener nofollow">another guide</a></p>\n'),
        ("# no heading", "<p># no heading</p>\n"),
        ("C# costs 5 * 3 < 16 & more", "<p>C# costs 5 * 3 &lt; 16 &amp; more</p>\n"),
        ("    no code by accident", "<p>no code by accident</p>\n"),
        ("", ""),
    ],
)  # fmt: skip
def test_what_markdown_says(text, html):
    assert as_html(text) == html


@pytest.mark.parametrize("text", ATTACKS)
def test_nothing_that_acts_or_loads_comes_through(text, chromium):
    page = chromium.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(f"<main>{as_html(text)}</main>")

    acting = page.evaluate(
        "[...document.querySelectorAll('main *')].filter(one => /^(SCRIPT|STYLE|IMG|IFRAME|SVG)$/i.test(one.tagName) ||"
        " [...one.attributes].some(a => a.name.startsWith('on') || /^(javascript|data|vbscript):/i.test(a.value)))"
        ".map(one => one.outerHTML)"
    )

    assert (acting, asked) == ([], [])
    page.close()


def test_the_same_in_plain_words():
    text = "A *garden*\nengineer &amp; a [hat](https://x.test).\n\n- `one`\n- **two**\n\n> said"

    assert plain_paragraphs(text) == ("A garden engineer & a hat.", "one", "two", "said")


def test_texts_are_kept_without_what_says_nothing():
    assert tidy("  one  \r\n\r\n\r\n\r\ntwo \r\n- a\r\n  - b\r\n\r\n") == "one\n\ntwo\n- a\n  - b"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("one\n  two\n\n\nthree\nfour", "one two\n\nthree four"),
        ("So:\n- a\n  and b\n- c\n\n  more", "So:\n- a and b\n- c\n\n  more"),
        ("1. a\n2) b\n   - c\n> d\n>e", "1. a\n2) b\n   - c\n> d\n>e"),
        ("hard\\\nbreak", "hard\\\nbreak"),
        ("*a\nb* and\n-5 degrees", "*a b* and -5 degrees"),
        ("", ""),
    ],
)
def test_wrapped_lines_become_one_and_mean_the_same(text, kept):
    assert tidy(text) == kept
    assert as_html(kept).split() == as_html(text).split()


@pytest.mark.django_db
def test_no_sample_guide_says_anything_by_accident():
    load_samples()
    texts = [text for guide in Guide.objects.all() for text in (guide.introduction, guide.overview)]

    assert [text for text in texts if plain_paragraphs(text) != paragraphs_of(text)] == []
    assert {tag for tag in ("<ul", "<em", "<code", "<a ") for text in texts if tag in as_html(text)} == set()


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["introduction", "overview", "questions"])
def test_readers_and_the_preview_see_the_same(place, client, editor_client):
    text = "A *garden* needs [water](https://water.test/).\n\n- <script>alert(1)</script>\n- ![x](https://x.test/x.png)"
    said = {"questions": [{"question": "Why?", "answer": text}]} if place == "questions" else {place: text}
    guide = published(**said)

    page = client.get(guide.get_absolute_url()).content.decode()
    preview = editor_client.post(PREVIEW, {"field": "t", "t": text, "live": "1"}).content.decode()

    assert as_html(text) in page
    assert as_html(text) in preview
    assert "<script>alert" not in page + preview


@pytest.mark.django_db
def test_a_file_and_the_history_keep_lists_as_they_are(editor_client):
    text = "Two things:\n\n- water\n- light"
    guide = draft(overview=text)

    exported = editor_client.get(reverse("admin:careers_guide_export", args=[guide.pk, "yaml"])).content.decode()
    editor_client.post(reverse("admin:careers_guide_import"), {"text": exported})

    assert (guide.overview, "overview: |-\n  Two things:\n\n  - water\n  - light\n" in exported) == (text, True)


@pytest.mark.django_db
def test_what_was_wrapped_by_hand_goes_through_a_file_and_the_history_unchanged(editor_client):
    guide = draft()
    wrapped = "One\nparagraph.\n\n- a\n  point"
    editor_client.post(change_path(guide), form_of(editor_client, guide) | {"overview": wrapped})
    guide.refresh_from_db()

    again = load_guide(mapping_of(guide))

    assert (guide.overview, again.is_changed) == ("One paragraph.\n\n- a point", False)


@pytest.mark.django_db
def test_a_browsers_line_ends_change_nothing(editor_client):
    guide = draft()
    said = form_of(editor_client, guide) | {"introduction": guide.introduction.replace("\n", "\r\n")}

    editor_client.post(change_path(guide), said)

    assert Guide.objects.get().revised_at == guide.revised_at


@pytest.mark.django_db
def test_a_text_that_is_too_long_is_told_and_kept(editor_client):
    guide = draft()
    long = "x" * (LONGEST + 5)

    page = editor_client.post(change_path(guide), form_of(editor_client, guide) | {"introduction": long})
    preview = editor_client.post(PREVIEW, {"field": "introduction", "introduction": long, "live": "1"})

    assert "Ensure this value has at most 20000 characters (it has 20005)." in errors(page)
    assert long in page.content.decode()
    assert "This has 20,005 characters; 20,000 is the most." in preview.content.decode()
    assert long not in preview.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "status"),
    [("visitor", 302), ("seeker", 403), ("moderator", 403), ("consultant", 403), ("editor", 200), ("admin", 200)],
)
def test_only_who_writes_guides_previews_texts(role, status, request):
    client = request.getfixturevalue(f"{role}_client")

    answers = [client.post(PREVIEW, {"field": "t", "t": "*a*", **more}) for more in ({}, {"live": "1"})]

    assert [answer.status_code for answer in answers] == [status, status]
    assert [b"<em>a</em>" in answer.content for answer in answers] == [status == 200] * 2


@pytest.mark.django_db
@pytest.mark.parametrize("said", [{}, {"field": "nothing"}, {"field": "t", "t": ""}, {"field": "t", "t": "\x00 \r\n"}])
def test_a_preview_of_nothing_says_so(said, editor_client):
    answer = editor_client.post(PREVIEW, said)

    assert (answer.status_code, "Nothing is written yet." in answer.content.decode()) == (200, True)


@pytest.mark.django_db
def test_a_preview_is_not_asked_by_get(editor_client):
    assert editor_client.get(PREVIEW).status_code == 405

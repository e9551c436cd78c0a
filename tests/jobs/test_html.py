"""What of an advert's HTML is kept, and how the rest is kept apart."""

import pytest

from jobs.html import TAGS, clean

LINK = 'rel="nofollow noopener noreferrer ugc"'


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (
            "<h1>Your tasks</h1><div>You build things</div><div>You test things</div>"
            "<table><tr><td>Pay</td><td>Base</td></tr><tr><th>Leave</th><td>30 days</td></tr></table>",
            "<h3>Your tasks</h3><p>You build things</p><p>You test things</p><p>Pay Base </p><p>Leave 30 days </p>",
        ),
        ("<h5>Pay</h5><h6>Base</h6>", "<h4>Pay</h4><h4>Base</h4>"),
        ("<div>a<section>b</section>c</div>d", "<p>a</p><p>b</p><p>c</p><p>d</p>"),
        ("<DIV class='x'>\n<p>One</p>\n</DIV>\n<hr>two", "<p>One</p>\n<p>two</p>"),
        ("<ul><li><div>a</div><div>b</div></li></ul>", "<ul><li><p>a</p><p>b</p></li></ul>"),
        ("<p>a<div>b</div></p>", "<p>a</p><p>b</p>"),
        ("a</div>b", "ab"),  # ends nothing, so it parts nothing
        ("<dl><dt>Pay</dt><dd>90</dd></dl>", "<p>Pay</p><p>90</p>"),
        ("<p>Kept <b>as</b> it is</p><p></p>", "<p>Kept <b>as</b> it is</p><p></p>"),
        ("<div><div><div></div></div></div>", ""),
        ("<div>&lt;div&gt;</div>", "<p>&lt;div&gt;</p>"),
    ],
)
def test_what_stood_apart_stays_apart(raw, kept):
    assert clean(raw) == kept


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        ("<div><script>alert(1)</script>a</div>", "<p>a</p>"),
        ("<div onclick=alert(1) style='x'>a</div>", "<p>a</p>"),
        ("<div><a href='java<div>script:alert(1)'>a</a></div>", f"<p><a {LINK}>a</a></p>"),
        ("<div><a href='java<p> </p>script:alert(1)'>a</a></div>", f"<p><a {LINK}>a</a></p>"),
        ("<td><a href='https://a.b/?<tr>'>a</a><hr>", f'<a href="https://a.b/?&lt;tr&gt;" {LINK}>a</a>'),
        ("<div><svg><p><style><img src=x onerror=alert(1)></style></svg></div>", "<p></p>"),
        ("<scr<div>ipt>alert(1)</script></div>", "ipt&gt;alert(1)"),
        ("<tab<div>le><im<hr>g src=x onerror=alert(1)>", "le&gt;g src=x onerror=alert(1)&gt;"),
    ],
)
def test_nothing_comes_back_in_by_what_is_replaced(raw, kept):
    assert clean(raw) == kept


@pytest.mark.parametrize("raw", ["<div>" * 3000, "<div>x" * 3000, "<table><tr><td>" * 3000, "</div " * 3000])
def test_deep_nesting_comes_out_flat(raw):
    kept = clean(raw)

    assert kept.replace("<p>x</p>", "") == ""
    assert clean(kept) == kept


def test_what_was_cleaned_stays_as_it_is():
    raw = "".join(f"<{tag}>a<div>b</div></{tag}>" for tag in sorted(TAGS - {"br"}))

    assert clean(clean(raw)) == clean(raw)

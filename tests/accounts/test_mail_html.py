from accounts.mail_html import render_html

PARTS = [
    {"kind": "text", "text": "Hello,\nhere is your code."},
    {"kind": "code", "text": "ABC-123"},
    {"kind": "link", "label": "Confirm my address", "url": "https://board.example/confirm/x"},
]


def test_a_mail_carries_its_styles_in_each_tag_and_keeps_those_of_the_dark_theme():
    html = render_html("mail/account.html", {"subject": "Your code", "parts": PARTS})

    assert '<a class="button" href="https://board.example/confirm/x" style="' in html
    assert html.count("<style>") == 1
    assert "prefers-color-scheme: dark" in html


def test_no_text_of_a_mail_is_smaller_than_16_pixels_but_the_hidden_preview():
    html = render_html("mail/account.html", {"subject": "Your code", "parts": PARTS})

    sizes = {int(size.split("px")[0]) for size in html.split("font-size: ")[1:]}
    assert sorted(sizes) == [1, 16, 18, 24, 28]


def test_what_people_write_is_escaped_in_a_mail():
    html = render_html("mail/account.html", {"subject": "<script>", "parts": []})

    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_mail_stays_far_below_the_size_at_which_gmail_clips():
    html = render_html("mail/account.html", {"subject": "Your code", "parts": PARTS})

    assert len(html.encode()) < 8_000

"""Plain-text adverts as HTML, and what titles say plainly."""

import pytest

from sources.guesses import category_of, employment_types_of, level_of, workplace_of
from sources.text import as_html


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("We bake bread.\n\nYou too?", "<p>We bake bread.</p>\n<p>You too?</p>"),
        ("• Knead\n\n• Bake", "<ul>\n<li>Knead</li>\n<li>Bake</li>\n</ul>"),
        ("·Knead\n● Bake", "<ul>\n<li>Knead</li>\n<li>Bake</li>\n</ul>"),
        ("- Knead\n* Bake\n+ Sell", "<ul>\n<li>Knead</li>\n<li>Bake</li>\n<li>Sell</li>\n</ul>"),
        ("-5 degrees in the cold store.", "<p>-5 degrees in the cold store.</p>"),
        ("*Your tasks**\nKnead.", "<h3>Your tasks</h3>\n<p>Knead.</p>"),
        ("What you do:\n• Knead", "<h3>What you do</h3>\n<ul>\n<li>Knead</li>\n</ul>"),
        ("We bake bread\nfor the whole town.", "<p>We bake bread for the whole town.</p>"),
        ("a\u00a0b \u200b c\u00ad", "<p>a b c</p>"),
        ("Knead & <bake>\n#LI-XY1 #LI-Remote", "<p>Knead &amp; &lt;bake&gt;</p>"),
        ("<p>Knead</p>", "<p>Knead</p>"),
        ("", ""),
    ],
)
def test_a_text_becomes_paragraphs_headings_and_lists(text, html):
    assert as_html(text) == html


@pytest.mark.parametrize(
    ("title", "level"),
    [
        ("Senior Data Scientist", "senior"),
        ("Sr. Data Engineer", "senior"),
        ("Data Scientist SR", "senior"),
        ("Jr. Data Scientist", "junior"),
        ("Weapons Engineer – Entry Level", "junior"),
        ("Data Science Intern", "intern"),
        ("International Sales", ""),
        ("Lead Data Engineer", "lead"),
        ("Leadership Coach", ""),
        ("Chief Data Officer", "executive"),
        ("Chief Data Scientist", ""),
        ("Senior Director Biometrics", ""),
        ("Scientist/Senior Lead", ""),
        ("Data Scientist", ""),
    ],
)
def test_a_level_is_taken_from_a_plain_word_only(title, level):
    assert level_of(title) == level


@pytest.mark.parametrize(
    ("title", "category"),
    [
        ("Data Analyst", ("data-science", "data")),
        ("Clinical Laboratory Scientist", ("healthcare", "clinical laboratory")),
        ("Software Engineer", ("dev", "software")),
        ("Update Manager", ("", "")),
        ("Scientist, Bacteriology", ("", "")),
    ],
)
def test_a_category_is_named_by_a_whole_word_of_the_title(title, category):
    assert category_of(title) == category


def test_type_and_workplace_are_read_from_the_title():
    title = "Data Engineer 4 - Contract (Remote)"

    assert (employment_types_of(title), workplace_of(title)) == (["contract"], "remote")

import pytest

from careers.words import listed, with_article, years_in_words


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("engineer", "an engineer"),
        ("designer", "a designer"),
        ("UX designer", "a UX designer"),
        ("HR manager", "an HR manager"),
        ("ML engineer", "an ML engineer"),
        ("QA tester", "a QA tester"),
        ("user researcher", "a user researcher"),
        ("iOS developer", "an iOS developer"),
        ("SaaS account manager", "a SaaS account manager"),
        ("Übersetzer", "a Übersetzer"),
    ],
)
def test_a_role_gets_the_article_it_is_spoken_with(noun, expected):
    assert with_article(noun) == expected


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (["a, or b", "c"], "a, or b; and c"),
        (["salt and pepper", "c", "d"], "salt and pepper; c; and d"),
    ],
)
def test_items_are_listed_as_in_a_sentence(items, expected):
    assert listed(items) == expected


def test_years_without_an_end_carry_a_plus():
    assert (years_in_words(0, 2), years_in_words(12, None)) == ("0–2 years", "12+ years")

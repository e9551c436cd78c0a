"""How guides put words together: folding for search, articles, lists and years."""

import unicodedata


def fold(text: str) -> str:
    """The text without accents and case, so that "Zurich" finds "Zürich"."""
    apart = unicodedata.normalize("NFKD", text.replace("\x00", ""))
    return "".join(c for c in apart if not unicodedata.combining(c)).casefold()


# Said letter by letter, these begin with a vowel: an HR manager, an ML engineer.
SPOKEN_WITH_A_VOWEL = frozenset("AEFHILMNORSX")
# Written with a vowel, spoken with a consonant: a user researcher, a European lawyer.
SPOKEN_WITH_A_CONSONANT = ("use", "uni", "uti", "eu", "one")


def with_article(noun: str) -> str:
    """ "engineer" -> "an engineer", "UX designer" -> "a UX designer"."""
    return f"{'an' if begins_with_a_vowel(noun) else 'a'} {noun}"


def begins_with_a_vowel(noun: str) -> bool:
    first_word = noun.split(" ")[0]
    if len(first_word) > 1 and first_word[:2].isupper():
        return first_word[0] in SPOKEN_WITH_A_VOWEL
    if first_word.lower().startswith(SPOKEN_WITH_A_CONSONANT):
        return False
    return first_word[:1].lower() in "aeiou" and first_word != ""


def listed(items, *, last: str = "and") -> str:
    """["a", "b", "c"] -> "a, b and c"."""
    items = list(items)
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def years_in_words(years_from: int, years_to: int | None) -> str:
    """ "0–2 years", or "12+ years" when it has no end."""
    return f"{years_from}+ years" if years_to is None else f"{years_from}–{years_to} years"

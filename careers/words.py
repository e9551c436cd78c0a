"""How guides put words together: articles, lists, years, and what a misspelt word may have been meant for."""

from collections import Counter
from collections.abc import Iterable

from jobs.suggestions import SHORTEST, best_of, respelt
from jobs.words import words

# Said letter by letter, these begin with a vowel: an HR manager, an ML engineer.
SPOKEN_WITH_A_VOWEL = frozenset("AEFHILMNORSX")
# Written with a vowel, spoken with a consonant: a user researcher, a European lawyer.
SPOKEN_WITH_A_CONSONANT = ("use", "uni", "uti", "eu", "one")


def with_article(noun: str) -> str:
    """Such as "engineer" -> "an engineer" and "UX designer" -> "a UX designer"."""
    return f"{'an' if begins_with_a_vowel(noun) else 'a'} {noun}"


def begins_with_a_vowel(noun: str) -> bool:
    first_word = noun.split(" ")[0]
    if len(first_word) > 1 and first_word[:2].isupper():
        return first_word[0] in SPOKEN_WITH_A_VOWEL
    if first_word.lower().startswith(SPOKEN_WITH_A_CONSONANT):
        return False
    return first_word[:1].lower() in "aeiou" and first_word != ""


def listed(items) -> str:
    """Such as ["a", "b", "c"] -> "a, b and c"; with semicolons when an item has a comma or an "and" of its own."""
    items = list(items)
    if len(items) < 2:
        return "".join(items)
    is_plain = not any("," in item or " and " in item for item in items)
    comma, last = (", ", " and ") if is_plain else ("; ", "; and ")
    return f"{comma.join(items[:-1])}{last}{items[-1]}"


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def years_in_words(years_from: int, years_to: int | None) -> str:
    """Such as "0–2 years", or "12+ years" when it has no end."""
    return f"{years_from}+ years" if years_to is None else f"{years_from}–{years_to} years"


def other_spelling(typed: str, names: Iterable[str]) -> str:
    """What was typed, each word that no name has put as the nearest of those they have; '' when none is near."""
    used = Counter(word for name in names for word in words(name))
    strange = [word for word in words(typed) if len(word) >= SHORTEST and word not in used]
    better = {word: best for word in strange if (best := best_of(word, used.items()))}
    return respelt(typed, better) if better else ""

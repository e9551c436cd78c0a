"""How text becomes words to search by; the SQL functions fold() and job_words() of the migrations say the same."""

import re
import unicodedata

COMBINING = re.compile("[\u0300-\u036f]+")
# Letters that Unicode doesn't take apart but people type without their stroke or as two letters.
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)
# Everything that stands between words: ASCII punctuation and controls, Latin-1 signs, punctuation, symbols, emoji.
SEPARATORS = re.compile(
    "[\u0001-/:-@\\[-`{-\u00a9\u00ab-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u00d7\u00f7\u2000-\u2bff\u3000-\u303f"
    "\ufe00-\ufe6f\ufff0-\uffff\U0001f000-\U0001faff\U000e0000-\U000e01ef]+"
)
# Names that would lose what tells them apart: every other sign ends a word.
NAMES = [("c++", "cplusplus"), ("c#", "csharp"), ("f#", "fsharp")]
DOTNET = re.compile(r"(^|[^a-z0-9])\.net(?![a-z0-9])")

# PostgreSQL's own list for English: words that its text search leaves out.
STOP_WORDS = frozenset(
    """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers
    herself it its itself they them their theirs themselves what which who whom this that these those am is are
    was were be been being have has had having do does did doing a an the and but if or because as until while
    of at by for with about against between into through during before after above below to from up down in out
    on off over under again further then once here there when where why how all any both each few more most
    other some such no nor not only own same so than too very s t can will just don should now
    """.split()  # noqa: SIM905 -- a list of 127 literals would be harder to read
)


def fold(text: str) -> str:
    """The text without accents and case: 'Düsseldorf' and 'dusseldorf' are one."""
    return COMBINING.sub("", unicodedata.normalize("NFKD", text)).lower().translate(PLAIN)


def words(text: str) -> list[str]:
    """The words of a text in order, folded, without punctuation."""
    return SEPARATORS.sub(" ", keep_names(fold(text))).split()


def keep_names(folded: str) -> str:
    for name, word in NAMES:
        folded = folded.replace(name, word)
    return DOTNET.sub(r"\1 dotnet", folded)


def web_query(typed: str) -> str:
    """What someone typed as plain words, "phrases", `or` and `-word` for websearch_to_tsquery; '' if no word counts."""
    folded = re.sub("[“”„«»]", '"', typed)
    parts = [
        web_part(*match.groups()) for match in re.finditer(r'(-?)(?:"([^"]*)"?|([^\s"]+))', keep_names(fold(folded)))
    ]
    parts = [part for part in parts if part]
    return " ".join(parts) if any(counts(part) for part in parts) else ""


def asks_for_a_word(web_query: str) -> bool:
    """Whether a job must have a word to be found: one that is not to be missing, on each side of an `or`."""
    sides = [[]]
    for part in re.findall(r'-?"[^"]*"|\S+', web_query):
        if part == "or":
            sides.append([])
        elif counts(part):
            sides[-1].append(part)
    heard = [side for side in sides if side]
    return bool(heard) and not any(all(part.startswith("-") for part in side) for side in heard)


def why_unheard(typed: str) -> str:
    """A sentence on why nothing of what was typed is searched for; '' when something is, or nothing was typed."""
    if not typed.strip() or web_query(typed):
        return ""
    found, said = words(typed), in_quotes(typed.strip())
    if not found:
        return f"There is no word in {said} to look for."
    return f"{said} is too common a word to look for." if len(found) == 1 else f"All words of {said} are too common."


def in_quotes(keywords: str) -> str:
    """The keywords as a label; a phrase carries its own quotes already."""
    return keywords if '"' in keywords else f"“{keywords}”"


def web_part(minus: str, phrase: str | None, word: str | None) -> str:
    found = SEPARATORS.sub(" ", phrase if phrase is not None else word or "").split()
    if not found:
        return ""
    if len(found) == 1 and phrase is None:
        return minus + found[0]
    return f'{minus}"{" ".join(found)}"'


def counts(part: str) -> bool:
    """Whether a part of a query holds a word that text search keeps."""
    return any(word not in STOP_WORDS for word in part.strip('-"').split())

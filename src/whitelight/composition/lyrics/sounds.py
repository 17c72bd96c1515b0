"""How the end of an English word sounds, by rules of its spelling: enough to tell "through" and "blue" from "though".

A sound is a vowel in capitals and the consonants after it, "EYt" for *late* and *weight*. The rules are those of common
monosyllables; about nine words in ten come out right, and exceptions that lyrics are full of are listed.
"""

import re
from functools import lru_cache

_WORDS = {
    "love": "UHv", "above": "UHv", "dove": "UHv", "of": "UHv", "move": "UWv", "prove": "UWv", "remove": "UWv", "improve": "UWv", "lose": "UWz",
    "one": "UHn", "once": "UHns", "done": "UHn", "none": "UHn", "gone": "AWn", "someone": "UHn", "everyone": "UHn",
    "anyone": "UHn", "come": "UHm", "some": "UHm", "become": "UHm", "son": "UHn", "won": "UHn", "ton": "UHn",
    "you": "UW", "through": "UW", "to": "UW", "do": "UW", "who": "UW", "two": "UW", "too": "UW", "into": "UW",
    "undo": "UW", "shoe": "UW", "lieu": "UW", "view": "UW", "queue": "UW", "though": "OH", "although": "OH",
    "dough": "OH", "toe": "OH", "so": "OH", "go": "OH", "no": "OH", "ago": "OH", "hello": "OH", "know": "OH",
    "now": "OW", "how": "OW", "cow": "OW", "bow": "OW", "vow": "OW", "allow": "OW", "brow": "OW", "crowd": "OWd",
    "down": "OWn", "town": "OWn", "crown": "OWn", "brown": "OWn", "drown": "OWn", "gown": "OWn", "clown": "OWn",
    "rough": "UHf", "tough": "UHf", "enough": "UHf", "cough": "AWf", "bough": "OW", "said": "EHd", "again": "EHn",
    "says": "EHz", "head": "EHd", "dead": "EHd", "bread": "EHd", "read": "EHd", "thread": "EHd",
    "ahead": "EHd", "instead": "EHd", "spread": "EHd", "dread": "EHd", "death": "EHth", "breath": "EHth",
    "heart": "AHrt", "apart": "AHrt", "bear": "EHr", "wear": "EHr", "tear": "EHr", "swear": "EHr", "pear": "EHr",
    "where": "EHr", "there": "EHr", "their": "EHr", "they're": "EHr", "hair": "EHr", "here": "IHr", "blood": "UHd",
    "flood": "UHd", "good": "UUd", "stood": "UUd", "wood": "UUd", "could": "UUd", "would": "UUd", "should": "UUd",
    "food": "UWd", "mood": "UWd", "been": "IHn", "have": "AAv", "give": "IHv", "live": "IHv", "was": "UHz",
    "is": "IHz", "his": "IHz", "has": "AAz", "as": "AAz", "what": "UHt", "the": "UH", "a": "UH", "eye": "AY",
    "eyes": "AYz", "buy": "AY", "guy": "AY", "goodbye": "AY", "i": "AY", "friend": "EHnd", "end": "EHnd",
    "four": "AWr", "door": "AWr", "floor": "AWr", "poor": "AWr", "your": "AWr", "war": "AWr", "your's": "AWrz",
    "word": "UHrd", "words": "UHrdz", "world": "UHrld", "work": "UHrk", "worth": "UHrth", "were": "UHr",
    "heard": "UHrd", "earth": "UHrth", "bury": "EHr-IY", "key": "IY", "great": "EYt", "break": "EYk",
    "steak": "EYk", "climb": "AYm", "find": "AYnd", "kind": "AYnd", "mind": "AYnd", "blind": "AYnd",
    "behind": "AYnd", "wind": "IHnd", "child": "AYld", "wild": "AYld", "sign": "AYn", "old": "OHld",
    "cold": "OHld", "hold": "OHld", "gold": "OHld", "told": "OHld", "fold": "OHld", "most": "OHst",
    "ghost": "OHst", "post": "OHst", "host": "OHst", "lost": "AWst", "cost": "AWst", "both": "OHth", "roll": "OHl",
    "soul": "OHl", "control": "OHl", "full": "UUl", "pull": "UUl", "put": "UUt", "foot": "UUt", "look": "UUk",
    "book": "UUk", "took": "UUk", "shook": "UUk", "air": "EHr", "anywhere": "EHr", "everywhere": "EHr",
    "machine": "IYn", "people": "IYp-UHl", "ocean": "OHsh-UHn", "science": "AY-UHns", "they": "EY", "obey": "EY",
    "hey": "EY", "survey": "EY", "height": "AYt", "said's": "EHdz", "laugh": "AAf", "aunt": "AAnt", "shoulder": "OHld-UHr",
    "our": "OWr", "hour": "OWr", "hours": "OWrz", "sour": "OWr", "flour": "OWr", "tower": "OWr", "power": "OWr",
    "flower": "OWr", "fire": "AYr", "wire": "AYr", "choir": "AYr", "water": "AWt-UHr", "mother": "UHth-UHr",
    "brother": "UHth-UHr", "another": "UHth-UHr", "other": "UHth-UHr", "money": "UHn-IY", "cover": "UHv-UHr", "city": "IHt-IY",
}  # fmt: skip
_VOWELS = (  # spelling at the vowel → sound, the first that fits; consonants after it are read apart
    ("eigh", "EY"), ("aigh", "EY"), ("augh", "AW"), ("ough(?=t)", "AW"), ("ough", "OH"), ("igh", "AY"),
    ("ear(?=n|l|ch)", "UHr"), ("eer|ear|ier|ere$", "IHr"), ("are$|ares$|air", "EHr"),
    ("oor|our|oar|ore$|ores$|or", "AWr"), ("ire$|ires$|yre$", "AYr"), ("ure$", "UWr"), ("ar", "AHr"),
    ("er|ir|ur|yr", "UHr"), ("al(?=k)|all(?=$|s)|al(?=t)|aw|au", "AW"),
    ("ai|ay|ey$", "EY"), ("ee|ea|ie(?=[cflnv])|ei(?=v|z)", "IY"), ("oo|ew|ue|ui|eu", "UW"), ("oa|oe|ow", "OH"),
    ("ou", "OW"), ("oi|oy", "OY"), ("ie$|ye$|uy", "AY"), ("ia", "AY-UH"), ("io", "UH"),
    ("a(?=[^aeiouywx]e(s?)$|nge|ste$|the$)", "EY"), ("i(?=[^aeiouyx]e(s?)$|ld$|the$)|y(?=[^aeiouy]e(s?)$)", "AY"),
    ("o(?=[^aeiouyx]e(s?)$|ld|st$|ll$|lt$)", "OH"), ("u(?=[^aeiouyx]e(s?)$)", "UW"), ("e(?=[^aeiouy]e(s?)$)", "IY"),
    ("a", "AA"), ("e", "EH"), ("i", "IH"), ("o", "AH"), ("u", "UH"), ("y", "IH"),
)  # fmt: skip
_PATTERNS = tuple((re.compile(spelling), sound) for spelling, sound in _VOWELS)
_GROUP = re.compile(r"[aeiouy\u00e0-\u00ff]+")
_CONSONANTS = (
    ("gh", ""), ("tch", "ch"), ("dge", "j"), ("ck", "k"), ("ph", "f"), ("ces?$", "s"), ("ges?$", "j"), ("mb$", "m"),
    ("ses?$", "z"), ("mn$", "n"), ("kn", "n"), ("wr", "r"), ("wh", "w"), ("q", "k"), ("x", "ks"), ("c(?=[iey])", "s"), ("c(?!h)", "k"),
    (r"([bdfgklmnprstvz])\1", r"\1"),
)  # fmt: skip


@lru_cache(maxsize=1 << 15)
def rime_sound(word: str, after: int = 0) -> str:
    """Sound from the last strong vowel on; `after` counts the weak syllables behind it.

    Parameters
    ----------
    word : lower case, letters and apostrophes.
    """
    plain = word.replace("'", "")
    if word in _WORDS:
        return _WORDS[word]
    if plain.endswith("s") and plain[:-1] in _WORDS and len(plain) > 3:
        return _WORDS[plain[:-1]] + "z"
    if re.fullmatch(r"[^aeiou]+ie[sd]", plain):  # skies, died; cities are weak there
        return "AYz" if plain.endswith("s") else "AYd"
    if re.search(r"[aeiouy][^aeiouytd]ed$", plain):
        return rime_sound(plain[:-1], after) + "d"
    return (_weak_ending(plain, after) if after else "") or _end(plain, after)


def _weak_ending(plain: str, after: int) -> str:
    """Sound of words that end weak in the usual ways, "" for others."""
    plural = "z" if plain.endswith("s") else ""
    if plain.endswith("ing"):
        return rime_sound(_stem(plain), after - 1).removesuffix("-UH") + "-IHng"
    if plain.endswith(("er", "ers")):
        return _last(plain[: plain.rindex("er")] + "e", closed=True) + "-UHr" + plural
    if plain.endswith(("tion", "sion", "tions", "sions")):
        return _open_vowel(plain[: plain.rindex("ion") - 1]) + "sh-UHn" + plural
    if re.search(r"[^aeiou]y$", plain):
        return _last(plain, closed=True).removesuffix("-IY") + "-IY"
    return ""


def _stem(plain: str) -> str:
    head = plain[:-3]
    if len(head) > 2 and head[-1] == head[-2] and head[-1] not in "ls":
        return head[:-1]
    return head + "e" if re.search(r"[aeiouy][cgkvsztdmnlpr]$", head) and not re.search(r"[aeiou]{2}.$", head) else head


def _open_vowel(head: str) -> str:
    found = _GROUP.findall(head)
    last = found[-1][-1] if found else "a"
    return {"a": "EY", "o": "OH", "u": "UW", "e": "IY"}.get(last, "IH") if head.endswith(last) else _last(head)


def _end(plain: str, after: int) -> str:
    """Sound of the last `after` + 1 vowels."""
    groups = list(_GROUP.finditer(_silent(plain)))
    if not groups:
        return plain[-2:]
    parts = []
    for k in range(max(len(groups) - 1 - after, 0), len(groups)):
        end = groups[k + 1].start() if k + 1 < len(groups) else len(plain)
        parts.append(_sound(plain[groups[k].start() : end]))
    return "-".join(parts)


def _silent(plain: str) -> str:
    """Letters with a final e that is not sung taken out (its place kept), so that vowels count as syllables do."""
    found = re.search(r"(?<=[^aeiouy])e(?=s?$|d$)", plain)
    is_sung = found is None or plain.endswith(("ted", "ded", "ces", "ses", "ges", "zes")) or len(plain) < 4
    if is_sung and not (found is not None and re.search(r"[aeiouy][^aeiouy]e$", plain)):
        return plain
    assert found is not None
    return f"{plain[: found.start()]}#{plain[found.end() :]}" if _GROUP.search(plain[: found.start()]) else plain


def _last(plain: str, *, closed: bool = False) -> str:
    groups = list(_GROUP.finditer(_silent(plain) if closed else plain))
    if closed and plain.endswith("y") and len(groups) > 1:
        return _sound(plain[groups[-2].start() : -1])
    if not groups:
        return plain[-2:]
    return _sound(plain[groups[-1].start() :])


def _sound(piece: str) -> str:
    """Sound of one vowel and what follows it."""
    if re.fullmatch(r"y|i|ie|ye", piece):
        return "AY" if piece != "y" else "IY"
    if piece in ("e", "ey"):
        return "IY"
    if piece == "o":
        return "OH"
    for pattern, sound in _PATTERNS:
        match = pattern.match(piece)
        if match is not None:
            rest = piece[match.end() :]
            return sound + _consonants(rest)
    return piece


def _consonants(rest: str) -> str:
    rest = re.sub(r"(?<=[^td])ed$", "d", rest)
    for spelling, sound in _CONSONANTS:
        rest = re.sub(spelling, sound, rest)
    return re.sub(r"[aeiouyw]", "", rest)


def rhymes(first: str, second: str) -> bool:
    """Whether two rimes sound alike."""
    return bool(first) and first == second


def nearly_rhymes(first: str, second: str) -> bool:
    """Whether two rimes share the vowel and one of them lacks or changes a consonant: *home* and *stone*."""
    a, b = re.match("[A-Z]+", first), re.match("[A-Z]+", second)
    if a is None or b is None or a[0] != b[0]:
        return False
    rest = {_class(first[a.end() :]), _class(second[b.end() :])}
    return len(rest) == 1


def _class(consonants: str) -> str:
    """Consonants by how they are made, a last s or z aside."""
    plain = re.sub("[sz]$", "", consonants)
    return re.sub("[ptkbdg]", "t", re.sub("[mn]g?", "n", re.sub("[fvszj]|th|sh|ch", "s", plain)))

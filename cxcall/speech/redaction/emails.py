"""E-mail addresses, written or spelled out: "john dot smith at gmail dot com", «علی دات رضایی ات جیمیل دات کام»."""

from __future__ import annotations

import re
from functools import lru_cache

from cxcall.letters import search_key

_WRITTEN = re.compile(r"[^\s@<>()«»،,;:]+@[^\s@<>()«»،,;:]+\.[A-Za-z]{2,}")
_WORD = re.compile("(?:[\\w\u064b-\u065f]|['\u2019.+-](?=\\w))+|@")
_AT = frozenset({"at", "ات", "ادساین", "اتساین", "@"})
_DOT = frozenset({"dot", "دات", "نقطه", "point"})
_INNER = frozenset(
    "dot dash hyphen underscore under minus score دات نقطه خط تیره دش اندرلاین اندر لاین اندراسکور زیرخط".split()
)
_DOMAINS = frozenset(
    """
    gmail yahoo hotmail outlook icloud live proton protonmail aol mail email g جیمیل یاهو هاتمیل اوت اوتلوک ایمیل میل
    چاپار
    """.split()
)
_ENDS = frozenset(
    """
    com net org co uk ir de fr io info edu gov us ca eu biz me کام نت اورگ ارگ ایر ای آیآر ایار آی
    """.split()
)
_STOPS = frozenset(
    search_key(word)
    for word in """
    is it its it's my your the an email mail e-mail address to send sent please yes yeah ok okay so that's thats be i'm
    looked look looking went go bought buy ordered order saw see found website site page shop work works worked are were
    im am on and or was with name under of write down at uh um use using reach me by via for not no contact sure
    ایمیلم ایمیل ایمیلتون ایمیلش آدرس آدرسم هست هستش است بله آره به من بفرستید یادداشت کنید بنویسید که میشه لطفا اینه
    رو با
    """.split()
)
_MOST_BEFORE = 10
_MOST_DOMAIN = 6


@lru_cache(maxsize=4096)
def emails(text: str) -> tuple[tuple[int, int], ...]:
    """Where the addresses are, from and to before, in order."""
    found = [match.span() for match in _WRITTEN.finditer(text)]
    words = [(match.start(), match.end(), search_key(match.group())) for match in _WORD.finditer(text)]
    for at, (start, _, word) in enumerate(words):
        if word not in _AT or any(low <= start < high for low, high in found):
            continue
        last = _domain(words, at)
        first = _local(words, at)
        if last is not None and first < at:
            found.append((words[first][0], words[last][1]))
    return tuple(sorted(found))


def _domain(words: list[tuple[int, int, str]], at: int) -> int | None:
    """The last word of the domain that follows, None when none does."""
    dotted = None
    for place in range(at + 1, min(len(words), at + 2 + _MOST_DOMAIN)):
        word = words[place][2]
        name, _, end = word.rpartition(".")
        if name and end in _ENDS:  # gmail.com, as some engines write it
            return place
        if place > at + 1 and words[place - 1][2] in _DOT and (word in _ENDS or words[at + 1][2] in _DOMAINS):
            dotted = place
            two = words[place + 1 : place + 3]
            if len(two) == 2 and two[0][2] in _DOT and two[1][2] in _ENDS:
                return place + 2
            break
    if dotted is not None:
        return _whole_end(words, dotted)
    if at + 1 < len(words) and words[at + 1][2] in _DOMAINS - {"mail", "email", "live", "g"}:
        return at + 1
    return None


def _whole_end(words: list[tuple[int, int, str]], last: int) -> int:
    """«آی آر» is one end in two words."""
    pair = [word for _, _, word in words[last : last + 2]]
    return last + 1 if pair in (["ای", "ار"], ["i", "r"]) else last


def _local(words: list[tuple[int, int, str]], at: int) -> int:
    """The first word of what stands before the at sign."""
    first = at
    for place in range(at - 1, max(-1, at - 1 - _MOST_BEFORE), -1):
        word = words[place][2]
        if word in _STOPS and not (first < len(words) and words[first][2] in _INNER):
            break
        first = place
    return first

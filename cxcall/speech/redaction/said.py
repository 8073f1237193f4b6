"""Digits in a turn, however they were said: "4111", «۶۰۳۷», "four double one", «شصت و سی و هفت».

What comes out is pieces with their place in the text. Nothing here knows which number it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from cxcall.letters import ascii_digits, search_key
from cxcall.speech.redaction.number_words import ENGLISH, FILLERS, PERSIAN, UNITS, UNSURE, NumberWords

Kind = Literal["digits", "letters", "filler", "amount", "word"]

_TOKEN = re.compile("(?:[^\\W\\d_]|[\u064b-\u065f\u0670]|['\u2019](?=[^\\W\\d_]))+|\\d+|[^\\s\u200c]")
_NUMBERS = "|".join((*PERSIAN.small, *PERSIAN.tens, *PERSIAN.hundreds))
_TOGETHER = re.compile(f"({_NUMBERS})?(و)({_NUMBERS})?")
_NO_AMOUNT = re.compile(r"\d{1,3}(?:[,،٬]\d{3}){4,}")
"""So many thousands are no price: an engine wrote a card's number as one."""

_JOINERS = frozenset("-–—_.,،…")
_CURRENCY = frozenset("$£€﷼")
_LETTER_PAIRS = {("ای", "ار"): "IR"}
_BEFORE_TWO = frozenset({"وی", "cvv", "cvc"})
_ACRONYMS = frozenset({"cvv", "cvc", "otp", "pin", "ssn", "visa", "iban", "amex", "ok", "id"})
_MOST_LETTERS = 4
_TENS, _HUNDRED, _THOUSAND, _AMOUNT = 20, 100, 1000, 10_000


class Piece(NamedTuple):
    """A part of a turn. `text`: the digits or the letters (upper case), else the folded word.

    `unsure`: a word that is only perhaps a digit. `large`: a thousand, which is an amount or a group of four digits
    («شش هزار و سی و هفت»). `glued`: digits with a Latin letter right beside them ("AB12", "20GB"): part of a name.
    """

    start: int
    end: int
    kind: Kind
    text: str
    unsure: bool = False
    large: bool = False
    glued: bool = False


class _Token(NamedTuple):
    start: int
    end: int
    raw: str
    word: str


class _Number(NamedTuple):
    """A number that was said: up to before token `to`; a quantity has no digits."""

    to: int
    digits: str
    large: bool = False


@lru_cache(maxsize=4096)
def pieces(text: str, language: str, *, loose: bool = False) -> tuple[Piece, ...]:
    """The parts of a turn, in order.

    Number words are understood in English and Persian, digits in every language. `loose`: Persian numbers are put
    together without their «و» too («سی هفت» is 37, not 30 and 7): both happen, and the number itself tells which.
    """
    words = {"en": ENGLISH, "fa": PERSIAN}.get(language)
    tokens = _tokens(text, words)
    found: list[Piece] = []
    at = 0
    while at < len(tokens):
        number = _number(tokens, at, words, loose=loose) if words else None
        if number is not None:
            found.append(_said(tokens, at, number))
            at = number.to
        else:
            found.append(_piece(text, tokens, at))
            at += 1
    return tuple(_with_amounts(text, _with_pairs(found)))


def _tokens(text: str, words: NumberWords | None) -> list[_Token]:
    found: list[_Token] = []
    for match in _TOKEN.finditer(text):
        token = _Token(match.start(), match.end(), match.group(), _folded(match.group()))
        found.extend(_apart(token) if words is PERSIAN else (token,))
    return found


@lru_cache(maxsize=16_384)
def _folded(word: str) -> str:
    return search_key(word).replace("\u2019", "'")


def _apart(token: _Token) -> Iterator[_Token]:
    """«ودو», «بیستو» and «سیوهفت» are words written as one."""
    match = _TOGETHER.fullmatch(token.word)
    if match is None or len(token.word) != len(token.raw) or not any(match.groups()) or token.word in PERSIAN.small:
        yield token
        return
    for start, end in match.regs[1:]:
        if start < end:
            raw = token.raw[start:end]
            yield _Token(token.start + start, token.start + end, raw, _folded(raw))


def _piece(text: str, tokens: list[_Token], at: int) -> Piece:
    start, end, raw, word = tokens[at]
    if raw[0].isdigit():
        glued = any(beside.isascii() and beside.isalpha() for beside in (text[start - 1 : start], text[end : end + 1]))
        return Piece(start, end, "digits", ascii_digits(raw), glued=glued)
    if _is_letters(raw, word):
        return Piece(start, end, "letters", word.upper())
    if word in FILLERS or raw in _JOINERS:
        return Piece(start, end, "filler", word)
    return Piece(start, end, "word", word)


def _is_letters(raw: str, word: str) -> bool:
    """A letter that is spelled, or some of them as engines with capitals write them: "GB29 NWBK"."""
    if not (word.isascii() and word.isalpha()) or word in _ACRONYMS:
        return False
    return len(raw) == 1 or word == "ir" or (raw.isupper() and len(raw) <= _MOST_LETTERS)


def _said(tokens: list[_Token], at: int, number: _Number) -> Piece:
    start, end = tokens[at].start, tokens[number.to - 1].end
    if not number.digits:
        return Piece(start, end, "amount", "")
    unsure = number.to == at + 1 and tokens[at].word in UNSURE
    return Piece(start, end, "digits", number.digits, unsure=unsure, large=number.large)


def _number(tokens: list[_Token], at: int, words: NumberWords, *, loose: bool) -> _Number | None:
    """The number that begins at token `at`, or None."""
    repeated = _repeated(tokens, at, words)
    if repeated:
        return repeated
    below = _below_thousand(tokens, at, words, loose=loose)
    if below is None:
        # "a thousand", «هزار و دویست»
        return _Number(at + 1, "") if tokens[at].word in words.thousand | words.more else None
    to, value, digits = below
    if to < len(tokens) and tokens[to].word in words.more:
        return _Number(to + 1, "")
    if to < len(tokens) and tokens[to].word in words.thousand:
        return _thousands(tokens, to + 1, value * _THOUSAND, words, loose=loose)
    return _Number(to, digits)


def _repeated(tokens: list[_Token], at: int, words: NumberWords) -> _Number | None:
    """ "double five", «دو تا پنج»: the same digit several times."""
    word = tokens[at].word
    if word in words.again and at + 1 < len(tokens):
        digit = words.small.get(tokens[at + 1].word, 10)
        return _Number(at + 2, str(digit) * words.again[word]) if digit < 10 else None
    times = words.small.get(word, 0)
    if 2 <= times <= 4 and at + 2 < len(tokens) and tokens[at + 1].word in words.of:
        digit = words.small.get(tokens[at + 2].word, 10)
        return _Number(at + 3, str(digit) * times) if digit < 10 else None
    return None


def _below_thousand(tokens: list[_Token], at: int, words: NumberWords, *, loose: bool) -> tuple[int, int, str] | None:
    """A number below 1000 as it is said in one go: where it ends, its value and its digits."""
    word = tokens[at].word
    if word in words.hundreds:
        to, rest = _rest(tokens, at + 1, _HUNDRED, words, loose=loose)
        return to, words.hundreds[word] + rest, str(words.hundreds[word] + rest)
    if word in words.tens:
        to, rest = _rest(tokens, at + 1, 10, words, loose=loose or words is ENGLISH)
        return to, words.tens[word] + rest, str(words.tens[word] + rest)
    if word not in words.small:
        return None
    value = words.small[word]
    if 0 < value < 10 and at + 1 < len(tokens) and tokens[at + 1].word in words.hundred:
        to, rest = _rest(tokens, at + 2, _HUNDRED, words, loose=True)
        return to, value * 100 + rest, str(value * 100 + rest)
    return at + 1, value, str(value)


def _rest(tokens: list[_Token], at: int, below: int, words: NumberWords, *, loose: bool) -> tuple[int, int]:
    """What belongs to a number that is being said, less than `below`: «و سی و هفت» of «ششصد و سی و هفت»."""
    joined = at < len(tokens) and tokens[at].word in words.joins and not (words is ENGLISH and below == 10)
    place = at + 1 if joined else at
    if place >= len(tokens) or not (joined or loose):
        return at, 0
    word = tokens[place].word
    if below == _HUNDRED and word in words.tens:
        to, rest = _rest(tokens, place + 1, 10, words, loose=loose or words is ENGLISH)
        return to, words.tens[word] + rest
    value = words.small.get(word, 0)
    if 0 < value < min(below, _TENS) and word not in {"oh", "o"}:
        return place + 1, value
    return at, 0


def _thousands(tokens: list[_Token], at: int, value: int, words: NumberWords, *, loose: bool) -> _Number:
    """What follows a thousand belongs to it; four digits may be a group of a longer number, more is a quantity."""
    place = at + 1 if at < len(tokens) and tokens[at].word in words.joins else at
    below = _below_thousand(tokens, place, words, loose=loose) if place < len(tokens) else None
    to, rest = (below[0], below[1]) if below and (place > at or words is ENGLISH) else (at, 0)
    total = value + rest
    if total >= _AMOUNT or (to < len(tokens) and tokens[to].word in words.more):
        return _Number(to, "")
    return _Number(to, str(total), large=True)


def _with_pairs(found: list[Piece]) -> list[Piece]:
    """«آی آر» is the beginning of a Sheba number, the two of «سی وی وی دو» belongs to its name."""
    out: list[Piece] = []
    for piece in found:
        pair = _LETTER_PAIRS.get((out[-1].text, piece.text)) if out else None
        if pair:
            out[-1] = Piece(out[-1].start, piece.end, "letters", pair)
        elif piece.text == "2" and out and out[-1].text in _BEFORE_TWO:
            out.append(piece._replace(kind="word"))
        else:
            out.append(piece)
    return out


def _with_amounts(text: str, found: list[Piece]) -> list[Piece]:
    """Digits that are an amount, a date, a time or part of a name become what they are."""
    out = list(found)
    for i, piece in enumerate(found):
        if piece.kind != "digits":
            continue
        after = found[i + 1] if i + 1 < len(found) else None
        counted = after is not None and after.kind in ("word", "filler") and after.text in UNITS
        if counted or text[max(0, piece.start - 1) : piece.start] in _CURRENCY:
            out[i] = piece._replace(kind="amount")
    long = [match.span() for match in _NO_AMOUNT.finditer(text)]
    for i, (left, mark, right) in enumerate(zip(found, found[1:], found[2:], strict=False)):
        if left.kind != "digits" or right.kind != "digits" or any(start <= left.start < end for start, end in long):
            continue
        if text[left.end : right.start] == "/" and _is_month(text, left, right):
            out[i + 1] = mark._replace(kind="filler")
        elif _one_amount(text, left, mark, right):
            for place in (i, i + 1, i + 2):
                out[place] = found[place]._replace(kind="amount")
    return out


def _is_month(text: str, left: Piece, right: Piece) -> bool:
    """08/27, and no more of it: how the end of a card's life is written."""
    alone = "/" not in text[max(0, left.start - 1) : left.start] + text[right.end : right.end + 1]
    return alone and len(left.text) <= 2 and len(right.text) <= 2


def _one_amount(text: str, left: Piece, mark: Piece, right: Piece) -> bool:
    """200,000 and 3.50, 12:30, 1405/08/30: nothing of a number that is kept secret."""
    if left.end != mark.start or mark.end != right.start or not text[left.start].isdigit():
        return False
    sign = text[mark.start : mark.end]
    if sign in {",", "،", "٬"}:
        return len(right.text) == 3 and len(left.text) <= 3
    if sign in {".", "٫"}:
        return len(right.text) <= 2 and len(left.text) <= 6
    return sign in {":", "/"}

"""Phrases as people write them, and where they are in what was said.

A phrase is one or more words, compared whole and without regard to case, half-spaces, vowel marks or which keyboard
wrote them. `*` at the end of a word stands for any ending. Persian words also match with the usual endings (ها, های,
م, ت, ش, ی, مان, تون …), written together or apart, except forms of verbs: «نمی‌خواهم» is never found by «می‌خواهم»,
nor «زنگ نزدم» by «زنگ نزد». «را» and «رو» after a word, and the «ی» of an ezafe, count for nothing. English words are
exact.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from cxcall.speech import persian
from cxcall.speech.folding import APART, TIED, Folded, Joint, fold, is_persian

ANY = "*"


class Ending(Enum):
    NONE = auto()
    BENT = auto()
    ANY = auto()


@dataclass(frozen=True, slots=True)
class Piece:
    """Letters that must follow each other; an ending may come only behind the last of them.

    `inner`: where words of the piece begin, counted from its first letter, with the joint before each. `word`: its last
    word. `joint`: before the piece.
    """

    letters: str
    inner: dict[int, Joint]
    word: str
    ending: Ending
    joint: Joint


@dataclass(frozen=True, slots=True)
class Phrase:
    """A phrase ready to be compared. `key` is the same for two phrases that mean the same."""

    key: str
    pieces: tuple[Piece, ...]

    def match(self, text: Folded, at: int) -> tuple[int, int] | None:
        """First and last word of the phrase when it stands at letter `at`, where a word of `text` begins."""
        last = _follow(self.pieces, 0, text, at)
        return None if last is None else (text.first[at], last)


def compile_phrase(written: str) -> Phrase | None:
    """The phrase, or None when no word is in it."""
    text = fold(written)
    if not text.words:
        return None
    pieces: list[Piece] = []
    letters = ""
    inner: dict[int, Joint] = {}
    joint: Joint = text.joint(0)
    final = len(text.words) - 1
    for number, word in enumerate(text.words):
        if letters:
            inner[len(letters)] = text.joint(number)
        letters += word
        ending = _ending(written, text, number)
        if ending is not Ending.NONE or number == final:
            pieces.append(Piece(letters, inner, word, ending, joint))
            letters, inner, joint = "", {}, APART if number == final else text.joint(number + 1)
    key = " ".join(f"{word}{'*' * _starred(written, text, number)}" for number, word in enumerate(text.words))
    return Phrase(key, tuple(pieces))


def matches(phrase: str, text: str) -> list[tuple[int, int]]:
    """The pieces of `text` that `phrase` finds, whole words, in order."""
    wanted, said = compile_phrase(phrase), fold(text)
    if wanted is None:
        return []
    found = (wanted.match(said, at) for word, at in enumerate(said.offsets) if said.begins(word))
    return [(said.spans[first][0], said.spans[last][1]) for first, last in filter(None, found)]


def _starred(written: str, text: Folded, number: int) -> bool:
    return written[text.spans[number][1] :].startswith(ANY)


def _ending(written: str, text: Folded, number: int) -> Ending:
    if _starred(written, text, number):
        return Ending.ANY
    word = text.words[number]
    after_prefix = number > 0 and text.words[number - 1] in persian.PREFIXES
    return Ending.BENT if is_persian(word) and not after_prefix and persian.bends(word) else Ending.NONE


def _follow(pieces: tuple[Piece, ...], number: int, text: Folded, at: int) -> int | None:
    """The last word when the pieces from `number` on stand at letter `at`."""
    piece = pieces[number]
    end = at + len(piece.letters)
    if not text.letters.startswith(piece.letters, at) or not _joined_alike(piece, text, at, end):
        return None
    if number + 1 == len(pieces):
        return max((after - 1 for after in _stops(piece, text, end) if text.ends(after - 1)), default=None)
    for after in _stops(piece, text, end):
        if after < len(text.words):
            last = _follow(pieces, number + 1, text, text.offsets[after])
            if last is not None:
                return last
    # «صورت‌حساب» is also written in one.
    return _follow(pieces, number + 1, text, end) if pieces[number + 1].joint != APART and text.first[end] < 0 else None


def _joined_alike(piece: Piece, text: Folded, at: int, end: int) -> bool:
    """Whether words part where the phrase's do: a space of the one may only be missing in the other where it may."""
    if any(joint == APART and text.first[at + offset] < 0 for offset, joint in piece.inner.items()):
        return False
    number = text.first[at] + 1 or bisect_right(text.offsets, at)
    while number < len(text.words) and text.offsets[number] < end:
        if text.joint(number) == APART and text.offsets[number] - at not in piece.inner:
            return False
        number += 1
    return True


def _stops(piece: Piece, text: Folded, end: int) -> Iterator[int]:
    """The words that may come next when the piece's letters end at letter `end`, its endings passed over."""
    after = text.first[end]
    if after < 0:
        after = bisect_right(text.offsets, end)
        rest = text.letters[end : text.offsets[after]] if after < len(text.words) else text.letters[end:]
        if piece.ending is Ending.NONE or (piece.ending is Ending.BENT and not persian.is_ending(piece.word, rest)):
            return
    yield after
    if piece.ending is Ending.NONE:
        return
    while after < len(text.words) and _goes_on(piece, text, after):
        after += 1
        yield after


def _goes_on(piece: Piece, text: Folded, word: int) -> bool:
    """Whether this word is still part of the piece's last one: an ending, or all that is tied to it."""
    if text.words[word] in persian.APART:
        return True
    return piece.ending is Ending.ANY and (text.joint(word) == TIED or text.words[word - 1] in persian.PREFIXES)

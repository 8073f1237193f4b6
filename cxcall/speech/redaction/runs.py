"""Digits that belong together: one speaker's, with nothing but "uh", "and" or the other's "ok" between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cxcall.speech.redaction.number_words import ACKNOWLEDGED
from cxcall.speech.redaction.said import Piece, pieces
from cxcall.speech.transcript import Turn

_MOST_FILLERS = 5
_LONGEST_PAUSE = 25.0
_CONTEXT_TURNS = 3
_WORDS_BEFORE = 30
_WORDS_AFTER = 5
_FEWEST = 3
"""Fewer digits are never hidden."""

_FEWEST_ECHOED = 3
_FEWEST_ECHOED_AMONG_WORDS = 4
_ECHO_TURNS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """Digits or letters said in one go, in turn `n` (the `at`-th as read), from `start` to before `end` of its text."""

    n: int
    at: int
    start: int
    end: int
    text: str
    letters: bool
    unsure: bool
    large: bool
    glued: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Atoms of one speaker that belong together.

    `before`: folded words before it in the same turn, `asked`: in the turns before that one, `after`: after it in its
    last turn. `alone`: its turns hold nothing else.
    """

    atoms: tuple[Atom, ...]
    speaker: str
    before: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    alone: bool = False

    @property
    def text(self) -> str:
        return "".join(atom.text for atom in self.atoms)

    def part(self, first: int, last: int) -> Run:
        """Atoms `first` to before `last`, with the same words around them."""
        return Run(
            atoms=self.atoms[first:last],
            speaker=self.speaker,
            before=(*self.before, *(atom.text.lower() for atom in self.atoms[:first])),
            asked=self.asked,
            after=self.after,
            alone=self.alone,
        )

    def places(self) -> Iterator[tuple[int, int, int]]:
        """Number of the turn, from, to before: one for each turn it runs through."""
        for n in dict.fromkeys(atom.n for atom in self.atoms):
            own = [atom for atom in self.atoms if atom.n == n]
            yield n, own[0].start, own[-1].end


def runs(turns: Sequence[Turn], language: str, *, loose: bool) -> list[Run]:
    """All runs of a talk; `turns` in reading order."""
    said = [pieces(turn.text, language, loose=loose) for turn in turns]
    found: list[Run] = []
    for speaker in dict.fromkeys(turn.speaker for turn in turns):
        found.extend(_of_speaker(turns, said, speaker))
    return found


def _of_speaker(turns: Sequence[Turn], said: Sequence[tuple[Piece, ...]], speaker: str) -> Iterator[Run]:
    atoms: list[Atom] = []
    last = -1
    for at, turn in enumerate(turns):
        if turn.speaker != speaker:
            continue
        if atoms and not _goes_on(turns, said, last, at):
            yield from _run(atoms, turns, said)
            atoms = []
        last = at
        fillers = 0
        for piece in said[at]:
            if piece.kind in ("digits", "letters"):
                atoms.append(_atom(turn.n, at, piece))
                fillers = 0
            elif piece.kind == "filler":
                fillers += 1
            if (piece.kind in ("word", "amount") or fillers > _MOST_FILLERS) and atoms:
                yield from _run(atoms, turns, said)
                atoms = []
    if atoms:
        yield from _run(atoms, turns, said)


def _goes_on(turns: Sequence[Turn], said: Sequence[tuple[Piece, ...]], last: int, at: int) -> bool:
    """Whether the speaker goes on in turn `at` with what was begun in turn `last`: nobody said anything between."""
    if turns[at].start - turns[last].end > _LONGEST_PAUSE:
        return False
    return all(_says_nothing(said[between]) for between in range(last + 1, at))


def _says_nothing(said: tuple[Piece, ...]) -> bool:
    """Whether a turn only acknowledges, or repeats digits."""
    return all(piece.kind in ("digits", "filler", "letters") or piece.text in ACKNOWLEDGED or len(piece.text) == 1
               for piece in said)  # fmt: skip


def _atom(n: int, at: int, piece: Piece) -> Atom:
    return Atom(
        n=n,
        at=at,
        start=piece.start,
        end=piece.end,
        text=piece.text,
        letters=piece.kind == "letters",
        unsure=piece.unsure,
        large=piece.large,
        glued=piece.glued,
    )


def _run(atoms: list[Atom], turns: Sequence[Turn], said: Sequence[tuple[Piece, ...]]) -> Iterator[Run]:
    if sum(len(atom.text) for atom in atoms) < _FEWEST:
        return
    first, last = atoms[0], atoms[-1]
    asked = [
        piece.text or "#" for between in range(max(0, first.at - _CONTEXT_TURNS), first.at) for piece in said[between]
    ]
    yield Run(
        atoms=tuple(atoms),
        speaker=turns[first.at].speaker,
        before=_words(piece for piece in said[first.at] if piece.end <= first.start)[-_WORDS_BEFORE:],
        asked=tuple(asked[-_WORDS_BEFORE:]),
        after=_words(piece for piece in said[last.at] if piece.start >= last.end)[:_WORDS_AFTER],
        alone=all(piece.kind != "word" for at in {atom.at for atom in atoms} for piece in said[at]),
    )


def _words(found: Iterator[Piece]) -> tuple[str, ...]:
    return tuple(piece.text.lower() or "#" for piece in found)


def echoes(run: Run, hidden: Run) -> bool:
    """Whether `run` repeats a part of `hidden` near it: the other reads it back, or it was begun once before."""
    text = run.text
    fewest = _FEWEST_ECHOED if run.alone else _FEWEST_ECHOED_AMONG_WORDS
    if len(text) < fewest or text not in hidden.text or run.atoms == hidden.atoms:
        return False
    gap = min(abs(one.at - other.at) for one in (run.atoms[0], run.atoms[-1]) for other in hidden.atoms)
    return gap <= _ECHO_TURNS


def numeric(run: Run) -> list[Run]:
    """The parts of a run that are digits only; digits that hang on letters («AB12») are a name, not a number."""
    parts: list[Run] = []
    begin: int | None = None
    for i, atom in enumerate(run.atoms):
        if atom.letters or atom.glued:
            if begin is not None:
                parts.append(run.part(begin, i))
            begin = None
        elif begin is None:
            begin = i
    if begin is not None:
        parts.append(run.part(begin, len(run.atoms)))
    return [part for part in parts if not all(atom.unsure for atom in part.atoms)]

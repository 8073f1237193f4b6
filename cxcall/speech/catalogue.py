"""Categories and articles made ready to be looked for: one automaton for the phrases of all of them.

Made once when they change (a few milliseconds for a thousand phrases), never changed, shared by all talks. The
automaton (Aho-Corasick) finds in one pass every place where the first letters of a phrase stand, whatever the number of
phrases; whether words begin and end there, and the rest of the phrase, is then compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import ahocorasick

from cxcall.speech.category import Article, Category, Term
from cxcall.speech.folding import Folded, fold
from cxcall.speech.phrases import Phrase, compile_phrase
from cxcall.speech.transcript import Speaker

FAREWELLS = (
    "bye", "goodbye", "bye bye", "have a nice day", "have a good day", "have a great day", "have a lovely day",
    "have a good one", "have a good evening", "have a nice evening", "have a good weekend", "that's all", "that is all",
    "that was all", "that'll be all", "that will be all", "nothing else", "take care",
    "خداحافظ", "خدا حافظ", "خدافظ", "خدانگهدار", "خدا نگهدار", "روز خوبی داشته باشید", "روز خوبی داشته باشین",
    "شب خوبی داشته باشید", "روز خوش", "روزتون خوش", "روزتان بخیر", "شب خوش", "وقت خوش", "همین بود", "عرض دیگری ندارم",
    "عرضی ندارم", "کار دیگری ندارم", "سوال دیگری ندارم", "امر دیگری ندارم", "یا علی",
)  # fmt: skip
"""What people say when a talk comes to its end, whatever a site looks for."""


@dataclass(frozen=True, slots=True)
class WantedRule:
    """A rule by the numbers of its terms. `then` and `unless`: -1 for none."""

    number: int
    category: str
    says: int
    then: int
    unless: int
    within: float | None
    ordered: bool

    @property
    def terms(self) -> tuple[int, ...]:
        return tuple(term for term in (self.says, self.then, self.unless) if term >= 0)


class Catalogue:
    """What is looked for in talks. Categories and articles that are switched off are left out; ids are unique."""

    def __init__(self, categories: Iterable[Category], articles: Iterable[Article] = ()) -> None:
        self.categories = {category.id: category for category in categories if category.enabled}
        self.articles = {article.id: article for article in articles if article.enabled}
        self.rules_in: dict[str, list[int]] = {}
        self.article_of: dict[int, str] = {}
        self.rules_of: dict[int, list[WantedRule]] = {}
        self._rules = 0
        self._speakers: list[str] = []
        self._phrases: dict[str, tuple[Phrase, list[int]]] = {}
        for category in self.categories.values():
            self._add_rules(category)
        for article in self.articles.values():
            self.article_of[self._term(Term(phrases=article.phrases))] = article.id
        self.farewell = self._term(Term(phrases=FAREWELLS))
        self._automaton = self._built()

    def of(self, queue: str) -> list[Category]:
        """The categories that are looked for in talks of this queue."""
        return [category for category in self.categories.values() if not category.queues or queue in category.queues]

    def look(self, text: str, speaker: Speaker) -> tuple[Folded, dict[int, list[tuple[int, int]]]]:
        """The first and last words of what was found, by the number of the term, in order and each once."""
        said = fold(text)
        found: dict[int, set[tuple[int, int]]] = {}
        for phrase, terms, at in self._candidates(said):
            place = phrase.match(said, at)
            if place is not None:
                for term in terms:
                    # Of a file with both on one track nobody knows who spoke: it may have been the one meant.
                    if self._speakers[term] in ("either", speaker) or speaker == "unknown":
                        found.setdefault(term, set()).add(place)
        return said, {term: sorted(places) for term, places in found.items()}

    def _candidates(self, said: Folded) -> Iterator[tuple[Phrase, list[int], int]]:
        if self._automaton is None or not said.letters:
            return
        for end, (length, phrases) in self._automaton.iter(said.letters):
            at = end - length + 1
            word = said.first[at]
            if word >= 0 and said.begins(word):
                for phrase, terms in phrases:
                    yield phrase, terms, at

    def _add_rules(self, category: Category) -> None:
        self.rules_in[category.id] = []
        for rule in category.rules:
            wanted = WantedRule(
                number=self._rules, category=category.id, says=self._term(rule.says), then=self._term(rule.then),
                unless=self._term(rule.unless), within=rule.within, ordered=rule.ordered,
            )  # fmt: skip
            self._rules += 1
            self.rules_in[category.id].append(wanted.number)
            for term in wanted.terms:
                self.rules_of.setdefault(term, []).append(wanted)

    def _term(self, term: Term | None) -> int:
        if term is None:
            return -1
        number = len(self._speakers)
        self._speakers.append(term.speaker)
        for written in term.phrases:
            phrase = compile_phrase(written)
            if phrase is not None:
                terms = self._phrases.setdefault(phrase.key, (phrase, []))[1]
                if number not in terms:
                    terms.append(number)
        return number

    def _built(self) -> ahocorasick.Automaton | None:
        by_letters: dict[str, list[tuple[Phrase, list[int]]]] = {}
        for phrase, terms in self._phrases.values():
            by_letters.setdefault(phrase.pieces[0].letters, []).append((phrase, terms))
        if not by_letters:
            return None
        automaton = ahocorasick.Automaton()
        for letters, phrases in by_letters.items():
            automaton.add_word(letters, (len(letters), phrases))
        automaton.make_automaton()
        return automaton

"""What a caller wants, from one sentence: intents as people describe them, and which of them was meant.

Two kinds of evidence. A phrase of an intent that was said, compared as `cxcall.speech.phrases` compares; and how near
the sentence comes to one of its examples, by the words they share, where a word that few intents have counts for more.
What speaks for a second intent takes from the first, so two that come equally near are asked about, never guessed. What
callers say they do not want ("I don't want to cancel") speaks for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec

from cxcall.speech import persian
from cxcall.speech.catalogue import Catalogue
from cxcall.speech.category import Category, Rule, Term, Texts
from cxcall.speech.folding import Folded, fold
from cxcall.speech.small_words import SMALL

SURE = 0.6
"""From here on nothing is asked."""
PERHAPS = 0.34
"""From here on the caller is asked "did you mean …"; what is less was not understood."""

Verdict = Literal["sure", "ask", "none"]

_OF_PHRASE = 0.62
"""What a phrase of one word that says something is worth; each further one halves what is lacking."""
_OF_EXAMPLE = 0.92
"""What saying an example word by word is worth."""
_CHANCE = 0.4
"""So much speaks for some other intent by chance."""
_AGAINST = 0.9
_TORN = 0.45
"""What is left when two are equally near: enough to ask about one."""
_ENOUGH = 2.8
"""The weight of shared words that is nearly as good as any more; of one word alone it is less."""
_STRANGE = 0.35
"""How much words that no intent knows take from an example's nearness."""
_NEARBY = 4
"""Words after "I don't want" that are not wanted."""
_NEXT = 2
"""Words after "not the" or before "نه" that are not meant."""
_UNWANTED = frozenset({
    "dont want", "don t want", "not want", "not calling", "not call", "didnt want", "didn t want", "instead of",
    "dont need", "don t need", "زنگ نزدم", "زنگ نزده ام",
    "نمیخواهم", "نمی خواهم", "نمیخواهیم", "نمی خواهیم",
})  # fmt: skip
_NOT_MEANT = frozenset({"not a", "not an", "not the", "not my"})
_REFUSED_BEFORE = frozenset({"ندارم", "نه", "نمیخواهم", "نمی خواهم"})
"""Persian refuses what came before: "a complaint I don't have", "the bill, no, the modem"."""
_ASKS = frozenset({"کنید", "کنین", "بکنید", "کن"})
"""Asked of the other side: what follows "I don't want it" is wanted after all."""
_EMPTY = SMALL | {
    *(
        "want",
        "like",
        "need",
        "please",
        "hello",
        "hi",
        "call",
        "calling",
        "called",
        "about",
        "question",
        "help",
        "know",
    ),
    *("خواهم", "خواستم", "میخواهم", "میخواستم", "لطفا", "سلام", "درباره", "سوال", "کمک", "بدانم", "بابت"),
}
"""Words of every request: they tell nothing of which."""
_ENDINGS = ("ings", "ing", "ed", "es", "s", "d", "e", "y")
_STEM = 4


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing callers want. `name` is what rules call it (`said.intent`); the rest is the JSON of `store.intents`.

    `phrases` and `examples` by language (`en`, `fa`); a phrase is written as for categories (`cancel*`). `queue`: where
    it usually goes, a hint for people and for "transfer to". `number`: what an agent dials to get
    there, "" for the queue's own. `key`: of the
    keypad menu, "" none. `prompt`: id of the prompt that asks "is it about …?", "" when it is never asked about.
    `offered`: agents are offered the transfer when it is said while they talk.
    """

    name: str
    title: Texts = {}
    phrases: Mapping[str, tuple[str, ...]] = {}
    examples: Mapping[str, tuple[str, ...]] = {}
    queue: str = ""
    number: str = ""
    key: str = ""
    prompt: str = ""
    offered: bool = True


def intent_of(name: str, body: Mapping[str, Any]) -> Intent:
    """An intent as it is kept. Raises msgspec.ValidationError where the body is none of ours."""
    return msgspec.convert({**body, "name": name}, Intent)


def body_of(intent: Intent) -> dict[str, Any]:
    """The JSON of an intent, without its name."""
    body: dict[str, Any] = msgspec.to_builtins(intent)
    del body["name"]
    return body


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """What was most likely meant; `intent` "" when nothing speaks for any. Confidences are 0 to 1."""

    intent: str = ""
    confidence: float = 0.0
    runner_up: str = ""
    runner_up_confidence: float = 0.0
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def verdict(self) -> Verdict:
        return "sure" if self.confidence >= SURE else "ask" if self.confidence >= PERHAPS else "none"


class Intents:
    """Intents made ready to be matched; never changed, shared by all calls. Making it takes milliseconds."""

    def __init__(self, intents: Iterable[Intent]) -> None:
        self.by_name = {intent.name: intent for intent in intents}
        self._of_language: dict[str, _Language] = {}
        languages = {language for one in self.by_name.values() for language in (*one.phrases, *one.examples)}
        for language in languages:
            self._of_language[language] = _Language(self.by_name.values(), language)

    def match(self, text: str, language: str = "") -> Match:
        """What `text` asks for; a language that no intent knows (or "") is looked for in all of them."""
        spoken = language.replace("_", "-").partition("-")[0].lower()
        known = self._of_language.get(spoken)
        tried = [known] if known is not None else list(self._of_language.values())
        found = [one.match(text) for one in tried]
        return max(found, key=lambda one: one.confidence, default=Match())

    def by_key(self, key: str) -> Intent | None:
        """The intent of a key of the menu."""
        return next((one for one in self.by_name.values() if key and one.key == key), None)


class _Language:
    """The intents as they are said in one language."""

    def __init__(self, intents: Iterable[Intent], language: str) -> None:
        described = [one for one in intents if one.phrases.get(language) or one.examples.get(language)]
        self._catalogue = Catalogue(
            Category(id=one.name, name={language: one.name}, rules=(Rule(says=Term(phrases=phrases)),))
            for one in described
            if (phrases := tuple(one.phrases.get(language, ())))
        )
        self._intent_of = {
            rule.says: rule.category for rules in self._catalogue.rules_of.values() for rule in rules
        }  # fmt: skip
        said = {one.name: [fold(text) for text in one.examples.get(language, ())] for one in described}
        spoken = {
            one.name: {
                _stem(word)
                for text in (*said[one.name], *map(fold, one.phrases.get(language, ())))
                for word in text.words
                if word not in _EMPTY
            }
            for one in described
        }
        self._weight = _weights(spoken)
        self._examples = [
            (name, known)
            for name, texts in said.items()
            for text in texts
            if (known := frozenset(self._words(text)[0]))
        ]

    def match(self, text: str) -> Match:
        said, found = self._catalogue.look(text, "customer")
        said_words, strange = self._words(said)
        lacking: dict[str, float] = {}
        spans: dict[str, list[tuple[int, int]]] = {}
        for term, places in found.items():
            name = self._intent_of.get(term)
            if name is None:
                continue
            for first, last in _longest(places):
                if not _unwanted(said, first, last):
                    lacking[name] = lacking.get(name, 1.0) * (1.0 - _worth(said, first, last))
                    spans.setdefault(name, []).append((said.spans[first][0], said.spans[last][1]))
        for name, near in self._nearness(said_words, strange).items():
            lacking[name] = lacking.get(name, 1.0) * (1.0 - _OF_EXAMPLE * near)
        ranked = sorted(((1.0 - rest, name) for name, rest in lacking.items() if rest < 1.0), reverse=True)
        if not ranked:
            return Match()
        (best, name), (second, other) = ranked[0], ranked[1] if len(ranked) > 1 else (0.0, "")
        return Match(
            intent=name, confidence=round(sure := _against(best, second), 3), runner_up=other,
            runner_up_confidence=round(min(_against(second, best), sure), 3), spans=tuple(spans.get(name, ())),
        )  # fmt: skip

    def _nearness(self, words: set[str], strange: int) -> dict[str, float]:
        """0 to 1 for each intent: of its example that comes nearest."""
        near: dict[str, float] = {}
        if not words:
            return near
        own = sum(self._weight[word] ** 2 for word in words)
        known = len(words) / (len(words) + _STRANGE * strange)
        for name, example in self._examples:
            common = words & example
            if not common:
                continue
            mass = sum(self._weight[word] ** 2 for word in common)
            alike = mass / math.sqrt(own * sum(self._weight[word] ** 2 for word in example))
            near[name] = max(near.get(name, 0.0), alike * known * (1.0 - math.exp(-mass / _ENOUGH)))
        return near

    def _words(self, text: Folded) -> tuple[set[str], int]:
        """The words that say something to any intent, as they are compared, and how many say nothing."""
        known: set[str] = set()
        strange = 0
        for number, word in enumerate(text.words):
            if word in _EMPTY or _unwanted(text, number):
                continue
            stem = _stem(word)
            if stem not in self._weight:
                stem = next((stem[:cut] for cut in range(len(stem) - 1, 2, -1) if self._ends(stem, cut)), stem)
            if stem in self._weight:
                known.add(stem)
            else:
                strange += 1
        return known, strange

    def _ends(self, word: str, cut: int) -> bool:
        """Whether what is before `cut` is a word we know and the rest a Persian ending of it."""
        before = word[:cut]
        return before in self._weight and persian.bends(before) and persian.is_ending(before, word[cut:])


def _against(best: float, second: float) -> float:
    """How sure the best is, with so much that speaks for another."""
    return max(min(best, _TORN), best - _AGAINST * max(0.0, second - _CHANCE))


def _weights(spoken: Mapping[str, set[str]]) -> dict[str, float]:
    """By word: 1 when all intents have it, more the fewer do."""
    having: dict[str, int] = {}
    for words in spoken.values():
        for word in words:
            having[word] = having.get(word, 0) + 1
    return {word: 1.0 + math.log(len(spoken) / count) / 2 for word, count in having.items()}


def _stem(word: str) -> str:
    """English without the endings that say nothing here: order, orders, ordered, ordering are one."""
    if word.isascii():
        for ending in _ENDINGS:
            if word.endswith(ending) and len(word) - len(ending) >= _STEM:
                return word[: -len(ending)]
    return word


def _longest(places: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without those that lie within another: "cancel" within "cancel my order"."""
    kept: list[tuple[int, int]] = []
    for first, last in sorted(places, key=lambda place: (place[0], -place[1])):
        if not kept or last > kept[-1][1]:
            kept.append((first, last))
    return kept


def _worth(said: Folded, first: int, last: int) -> float:
    """A phrase of more words that say something is less often said by chance."""
    telling = sum(said.words[number] not in _EMPTY for number in range(first, last + 1))
    return 1.0 - (1.0 - _OF_PHRASE) / 2 ** min(3.0, max(telling, last - first, 1) - 1.0)


def _unwanted(said: Folded, first: int, last: int | None = None) -> bool:
    """Whether the speaker says not to want what stands at these words."""
    words, after = said.words[max(0, first - _NEARBY) : first], (first if last is None else last) + 1
    coming = said.words[after : after + _NEXT]
    if not _REFUSED_BEFORE.isdisjoint({*coming[:1], " ".join(coming)}):
        return not _ASKS.intersection(said.words[after : after + _NEARBY])
    if not _NOT_MEANT.isdisjoint(_runs(words[-_NEXT:], 2)):
        return True
    refused = not _UNWANTED.isdisjoint({*words, *_runs(words, 2), *_runs(words, 3)})
    return refused and not _ASKS.intersection(said.words[after : after + _NEXT])


def _runs(words: Sequence[str], length: int) -> set[str]:
    """So many words in a row."""
    return {" ".join(words[at : at + length]) for at in range(len(words) - length + 1)}

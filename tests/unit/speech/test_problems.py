import pytest

from cxcall.speech.category import Category, Hint, Kind, Rule, Term
from cxcall.speech.problems import ERRORS, MOST_PHRASES, WARNINGS, problems


def made(*phrases: str, then: Term | None = None, unless: Term | None = None, within: float | None = None) -> Category:
    rule = Rule(says=Term(phrases=phrases, speaker="agent"), then=then, unless=unless, within=within)
    return Category(id="x", name={"en": "X"}, rules=(rule,))


def other(
    *, name: str = "X", rules: tuple[Rule, ...] | None = None, hint: Hint | None = None, kind: Kind = "topic",
    alerts: bool = False,
) -> Category:  # fmt: skip
    rules = made("refund").rules if rules is None else rules
    return Category(id="x", name={"en": name}, rules=rules, hint=hint, kind=kind, alerts=alerts)


CASES = [
    (other(name=" "), "no_name", "name"),
    (other(rules=()), "no_rules", "rules"),
    (made(), "no_phrases", "rules.0.says.phrases"),
    (made("refund", " . "), "empty_phrase", "rules.0.says.phrases.1"),
    (made("re*fund"), "misplaced_any", "rules.0.says.phrases.0"),
    (made("* refund"), "misplaced_any", "rules.0.says.phrases.0"),
    (made("no*"), "short_any", "rules.0.says.phrases.0"),
    (made("کار نمی"), "unfinished", "rules.0.says.phrases.0"),
    (made("to the"), "small_words", "rules.0.says.phrases.0"),
    (made("این را"), "small_words", "rules.0.says.phrases.0"),
    (made("a" * 101), "long_phrase", "rules.0.says.phrases.0"),
    (made(*(f"phrase {n}" for n in range(MOST_PHRASES + 1))), "too_many", "rules"),
    (made("a card", then=Term(phrases=("twice",)), within=0), "within_out_of_range", "rules.0.within"),
    (made("refund", within=3), "within_alone", "rules.0.within"),
    (made("refund", unless=Term(phrases=("Refund",))), "same_as_unless", "rules.0.unless.phrases.0"),
    (other(hint=Hint(title={"en": ""})), "nothing_to_tell", "hint.title"),
    (made("صورت حساب", "صورت حساب"), "duplicate", "rules.0.says.phrases.1"),
    (made("cancel*", "cancelled"), "covered", "rules.0.says.phrases.1"),
    (other(kind="required", alerts=True), "required_alert", "alerts"),
    (
        other(kind="required", rules=(Rule(says=Term(phrases=("hello",))),)),
        "required_of_customer",
        "rules.0.says.speaker",
    ),
]


@pytest.mark.parametrize(("category", "code", "field"), CASES)
def test_each_problem_is_named_where_it_is(category: Category, code: str, field: str) -> None:
    found = {(problem.code, problem.field): problem for problem in problems(category)}
    assert (code, field) in found
    assert "{" not in found[code, field].text
    assert found[code, field].severity == ("error" if code in ERRORS else "warning")


def test_every_problem_of_the_catalogue_has_its_case() -> None:
    assert {code for _, code, _ in CASES} == ERRORS.keys() | WARNINGS.keys()


def test_a_yes_may_follow_but_is_nothing_to_look_for_alone() -> None:
    assert problems(made("please hold", unless=Term(phrases=("yes", "بله")), within=6)) == []

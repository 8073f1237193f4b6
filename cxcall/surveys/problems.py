"""What can be wrong with a script, in one sentence each: the catalogue the editor shows and translates.

Values named in a sentence: `part` is always the id of a part and `language` a language's code; whoever shows the
sentence may put the card's title and the language's name in their place. The others are keys, numbers and ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from cxcall.problem import Problem as FieldProblem
from cxcall.problem import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem(FieldProblem):
    """A problem and the part it is in ("": the survey itself)."""

    part: str


ERRORS: Mapping[str, str] = {
    # the survey
    "no_parts": "The survey has no parts yet.",
    "no_language": "Choose at least one language.",
    "language_twice": "The language {language} is listed twice.",
    "no_id": "A part has no id.",
    "reserved_id": "“{id}” can’t be the id of a part.",
    "same_id": "Two parts have the id “{id}”.",
    # ways
    "unknown_next": "This goes on to a part that does not exist: “{id}”.",
    "unreachable": "No caller ever comes to this part.",
    "endless": "From here the survey can come back to this part and may never end.",
    # prompts
    "no_prompt": "Callers would hear nothing here. Choose a prompt.",
    "unknown_prompt": "This prompt does not exist any more. Choose another one.",
    "silent_prompt": "This prompt has no recording in {language}: callers would hear silence.",
    # keys
    "no_keys": "No key answers this question.",
    "not_a_key": "“{key}” is not a key of a telephone.",
    "not_a_number": "“{key}” is not a number from 0 to 10.",
    "same_key": "The key {key} is listed twice.",
    "skip_answers": "The key {key} is an answer here, so it can’t skip the question.",
    "opt_out_not_a_key": "“{key}” is not a key of a telephone, so nobody can decline further surveys with it.",
    # measures
    "nps_without_measure": "A question from 0 to 10 counts towards NPS. Set its measure to NPS.",
    "nps_by_other_kind": "NPS is asked from 0 to 10. Choose that kind of question.",
    "counts_nothing": "The key {key} has no value, so its answers would be missing from the score.",
    "off_the_scale": "The value {value} of the key {key} is outside the scale {low}–{high}.",
    # limits
    "wait_out_of_range": "The time to answer must be from {low} to {high} seconds.",
    "pause_out_of_range": "The pause that ends a number must be from {low} to {high} seconds.",
    "retries_out_of_range": "The number of further tries must be from {low} to {high}.",
    "comment_out_of_range": "A comment may last from {low} to {high} seconds.",
    "silence_out_of_range": "The silence that ends a comment must be from {low} to {high} seconds.",
    "silence_too_long": "The silence that ends a comment is as long as the comment itself.",
    # branches
    "unknown_question": "This condition asks for a question that does not exist.",
    "not_a_question": "This condition asks for the answer of “{part}”, which is not a question.",
    "asked_later": "This condition asks for the answer of “{part}”, which does not come before it.",
    "compares_nothing": "This condition compares nothing. Say which ones it means.",
    "limits_crossed": "This condition never holds: at least {low} and at most {high}.",
    "never_counts": "This condition compares a value, but no key of “{part}” has one.",
    # hand-over
    "no_target": "Say where the caller is sent.",
    "not_a_target": "“{target}” is not a number that can be dialled.",
}
"""Sentences of problems that keep a survey from being published, by code."""

WARNINGS: Mapping[str, str] = {
    "nothing_asked": "Nothing is asked in this survey.",
    "no_thanks": "The survey can end here without a word of thanks.",
    "no_opt_out_prompt": "A caller who declines further surveys hears nothing. Choose a prompt for it.",
    "opt_out_answers": "The key {key} is an answer here, so callers can’t decline further surveys in this question.",
    "opt_out_skips": "The key {key} skips this question, so callers can’t decline further surveys in it.",
    "no_title": "This question has no title: pages and exports would show its id.",
    "same_measure": "“{part}” asks for the same measure before: only one question a survey should count towards it.",
    "no_cases": "This branch has no conditions, so it always goes on the same way.",
    "unknown_key": "“{part}” has no key {key}, so this never holds by it.",
    "unknown_language": "This survey is not asked in {language}.",
}
"""Sentences of problems a survey can be published with, by code."""


def problem(code: str, part: str, field: str, /, **values: object) -> Problem:
    """A problem of the catalogue. Raises KeyError for a code that is not in it."""
    severity: Severity = "error" if code in ERRORS else "warning"
    sentence = ERRORS[code] if severity == "error" else WARNINGS[code]
    said = {name: format(value, "g") if isinstance(value, float) else str(value) for name, value in values.items()}
    return Problem(part=part, field=field, code=code, severity=severity, sentence=sentence, values=said)

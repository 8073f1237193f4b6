"""What can be wrong with a queue or its hours, in one sentence each: the catalogue pages show and translate."""

from __future__ import annotations

from collections.abc import Mapping

from cxcall.problem import Problem, Severity

ERRORS: Mapping[str, str] = {
    # name and numbers
    "name_form": "A queue’s name has two or more letters, digits, - or _ and begins with a letter or a digit.",
    "name_reserved": "“{name}” means something else to Asterisk. Choose another name.",
    "name_elsewhere": "Another file of this Asterisk already has a queue “{name}”.",
    "name_taken": "There is already a queue “{name}”. Asterisk does not tell capital letters apart.",
    "number_form": "“{number}” is not a number that can be dialled.",
    "number_twice": "The number {number} is listed twice.",
    "number_taken": "The number {number} already leads elsewhere: {owner}.",
    "number_of_queue": "The number {number} already leads to the queue “{queue}”.",
    "out_of_range": "This must be from {low} to {high}.",
    # who answers
    "unknown_agent": "This agent does not exist any more.",
    "unknown_team": "This team does not exist any more.",
    "unknown_skill": "This skill does not exist any more.",
    "no_interface": "Say which phone.",
    "interface_form": "“{phone}” is not a phone as Asterisk names it, such as PJSIP/204.",
    "unknown_phone": "Asterisk knows no phone {phone}.",
    "waits_for_nobody": "Nobody can answer, and callers would wait for good. Add members, or say when callers go on.",
    # when more members are asked
    "step_empty": "This step changes nothing. Say up to which priority members are asked.",
    "step_crossed": "Nobody is from {least} up to {most}.",
    "nobody_by_steps": "From {after} seconds on nobody is asked: no member has a priority from {least} to {most}.",
    # what callers hear
    "unknown_prompt": "The prompt “{prompt}” does not exist any more, so callers would hear nothing.",
    "silent_prompt": "The prompt “{prompt}” has no recording yet, so callers would hear nothing.",
    "round_seconds": "Asterisk rounds to 0, 5, 10, 15, 20 or 30 seconds.",
    "unknown_context": "Asterisk has no dialplan context “{context}”.",
    # hours
    "unknown_calendar": "These hours do not exist any more.",
    "never_open": "By these hours the queue is never open.",
    # where callers go
    "no_target": "Say where callers go.",
    "unknown_queue": "There is no queue “{queue}”: callers would be lost.",
    "queue_off": "The queue “{queue}” is switched off: callers would be lost.",
    "unknown_number": "The number {number} can’t be reached from here.",
    "unknown_mailbox": "There is no mailbox {mailbox}.",
    "loop": "Callers would go round and round: {path}.",
    "still_used": "Callers of the queue “{queue}” come here, so it can’t be switched off.",
    "still_needed": "Callers of the queue “{queue}” come here, so it can’t be taken away. Send them elsewhere first.",
    "text_form": "This may not have a line break in it.",
    # lines kept as they are
    "line_form": "“{line}” is not a line Asterisk can read.",
    # hours of the week and holidays
    "week_length": "A week has seven days.",
    "unknown_zone": "There is no time zone “{zone}”.",
    "time_form": "“{time}” is not a time of day such as 08:30.",
    "spans_overlap": "These hours overlap: {first} and {second}.",
    "date_form": "“{date}” is not a date such as 2027-03-21, or 03-21 for every year.",
    "date_twice": "The day {date} is listed twice.",
}
"""Sentences of problems that keep a queue from being applied, by code."""

WARNINGS: Mapping[str, str] = {
    # who answers
    "no_members": "Nobody answers in this queue.",
    "nobody_now": "None of the members has a phone now. Callers wait until somebody signs in.",
    "no_phone": "{agent} has no phone now and is not rung.",
    "no_such_phone": "Asterisk knows no phone {phones}, so nobody is rung there.",
    "empty_team": "Nobody of the team {team} has a phone now.",
    "empty_skill": "Nobody with this level of {skill} has a phone now.",
    "never_asked": "{member} is never asked: no step goes up to priority {penalty}.",
    "nobody_at_first": "In the first {seconds} seconds nobody is asked.",
    "step_twice": "Two steps begin after {after} seconds.",
    "auto_pause_alone": "One missed call would pause the only member, and nobody would answer.",
    # ringing and waiting
    "needs_new_queue": "Asterisk keeps the order of members only in a queue that is made anew: it is taken out and put "
    "back when this is applied while nobody waits in it. Otherwise agents are rung in no order until that is done.",
    "wrap_up_hides": "While everybody is in wrap-up, callers are turned away.",
    "calls_hide": "While everybody is on a call, callers are turned away: nobody can wait here.",
    "wait_shorter_than_ring": "Callers go on after {wait} seconds, before the first phone has rung for {ring}.",
    "waits_for_good": "Callers whom nobody answers wait for good. Say after how long they go on, and where.",
    "hangs_up": "Callers who have waited {wait} seconds are hung up on.",
    "closed_silently": "Outside the hours callers are hung up on without a word.",
    "then_unused": "Callers never get there: no longest wait is set.",
    "then_closed": "“{queue}” is closed {since}–{to} while this queue is open: callers would be hung up on.",
    "unknown_music": "Asterisk has no music “{music}”: callers hear its own instead.",
    # what callers hear
    "announced_too_often": "Place and wait are told every {every} seconds: callers hear little else.",
    "announced_less_often": "Asterisk keeps {least} seconds between two announcements, so {every} is too short.",
    "never_told": "Place and wait are told, but never: say how often.",
    "tells_nothing": "Every {every} seconds callers are told neither their place nor the wait.",
    "periodic_too_often": "The prompts come every {every} seconds: callers hear little else.",
}
"""Sentences of problems a queue can be applied with, by code."""


def problem(code: str, field: str, /, **values: object) -> Problem:
    """A problem of the catalogue. Raises KeyError for a code that is not in it."""
    severity: Severity = "error" if code in ERRORS else "warning"
    sentence = ERRORS[code] if severity == "error" else WARNINGS[code]
    said = {name: format(value, "g") if isinstance(value, float) else str(value) for name, value in values.items()}
    return Problem(field=field, code=code, severity=severity, sentence=sentence, values=said)

"""The grammar of rules as text. Line breaks count as spaces; a rule begins on a line of its own with `rule`.

A name stands bare when it is one word that the grammar does not use itself, else in quotation marks, as in JSON.
"""

from __future__ import annotations

import re
from functools import cache

from lark import Lark

GRAMMAR = r"""
settings: "age" "every" NUMBER "s" "up" "to" NUMBER

rule: "rule" [name] STRING clause*
clause: "owner" name                -> owner
      | "expires" DATE              -> expires
      | "note" STRING               -> note
      | "off"                       -> off
      | "stop"                      -> stop
      | "trial" STRING "for" NUMBER "%" "by" MEASURE even? from? until?   -> trial
      | "when" condition ("and" condition)*                               -> when
      | "then" ("nothing" | given ("," given)*)                           -> then

even: "even" "when" "worse"
from: "from" DATE
until: "until" DATE

condition: fact                             -> holds
      | "not" fact                          -> holds_not
      | fact "holds" several                -> holds_as
      | fact "is" "known" [several]         -> known
      | fact "is" "not" "known"             -> known_not
      | fact "is" values                    -> is
      | fact "is" "not" values              -> is_not
      | fact "is" "one" "of" values         -> one_of
      | fact "is" "none" "of" values        -> none_of
      | fact "contains" values              -> contains
      | fact "begins" "with" values         -> begins
      | fact "over" values                  -> over
      | fact "at" "least" values            -> at_least
      | fact "under" values                 -> under
      | fact "at" "most" values             -> at_most
      | fact "between" value "and" value    -> between
      | fact "between" several              -> between_as

given: "queue" name                         -> queue
      | "priority" NUMBER                   -> priority
      | "agent" WHO [name] [within] "for" NUMBER "s"          -> agent
      | "skills" (step | "(" step ("," step)* ")")           -> skills
      | "overflow" (over | "(" over ("," over)* ")")         -> overflow
      | "language" name                     -> language
      | "announcement" name                 -> announcement
      | TREAT                               -> treat
      | "call-back"                         -> call_back
      | "no" "call-back"                    -> no_call_back
      | "survey"                            -> survey
      | "no" "survey"                       -> no_survey

within: "within" NUMBER "days"
step: name NUMBER ["after" NUMBER "s"]
over: FIGURE "over" NUMBER "to" name

fact: FACT | STRING
values: value | several
several: "(" [value ("," value)*] ")"
?value: NUMBER -> number
     | CLOCK  -> plain
     | DATE   -> plain
     | name
?name: WORD -> plain
     | STRING -> quoted

WHO.2: "last" | "manager" | "user"
MEASURE.2: "csat" | "nps" | "wait" | "abandoned" | "repeat" | "handle"
FIGURE.2: "expected_wait" | "per_agent" | "waiting" | "longest"
TREAT.2: "accept" | "challenge" | "block"
DATE.3: /\d{4}-\d{2}-\d{2}(?![\w-])/
CLOCK.3: /\d{1,2}:\d{2}(?!\w)/
NUMBER.1: /[+-]?\d+(\.\d+)?([eE][+-]?\d+)?(?![\w-])/
FACT.2: /[a-z_]+\.[a-z_]+(:("(\\.|[^"\\\n])*"|[\w-]+(:[1-5])?))?/
WORD: /[^\W\d][\w-]*/
STRING: /"(\\.|[^"\\\n])*"/

%ignore /\s+/
"""

BARE = re.compile(r"[^\W\d][\w-]*")
BARE_FACT = re.compile(r"[a-z_]+\.[a-z_]+")
BARE_ARGUMENT = re.compile(r"[\w-]+(:[1-5])?")
PLAIN = re.compile(r"\d{1,2}:\d{2}|\d{4}-\d{2}-\d{2}")

KEYWORDS = frozenset(re.findall(r'"([a-z-]+)"', GRAMMAR))
"""Words a name is put in quotation marks for."""


@cache
def parser() -> Lark:
    """The parser, made once; it has a start for the settings and one for a rule."""
    return Lark(GRAMMAR, parser="lalr", start=["settings", "rule"], maybe_placeholders=True, propagate_positions=True)

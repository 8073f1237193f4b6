"""A branching survey of twelve parts, with every kind of part and question."""

from __future__ import annotations

from cxcall.surveys.script import END, Branch, Case, Comment, Condition, HandOver, Key, Question, Say, Script, Thank

TWELVE = Script(
    languages=("fa", "en"),
    opt_out_key="9",
    opt_out_prompt="p.bye",
    parts=(
        Say(id="hello", prompt="p.hello"),
        Question(
            id="csat",
            title={"en": "Satisfied"},
            measure="csat",
            prompt="p.csat",
            keys=tuple(Key(key=str(n), value=float(n)) for n in range(1, 6)),
            retries=1,
            wrong_key_prompt="p.wrong",
            no_input_prompt="p.silent",
            skip_key="*",
        ),
        Branch(
            id="by_csat",
            cases=(
                Case(when=Condition(of="answer", part="csat", at_most=2), next="why"),
                Case(when=Condition(of="tier", one_of=("gold",)), next="ease"),
            ),
            next="nps",
        ),
        Question(
            id="why",
            title={"en": "Why"},
            kind="choice",
            prompt="p.why",
            keys=(Key(key="1", next="comment"), Key(key="2"), Key(key="3", next="solved")),
            retries=0,
        ),
        Question(
            id="ease",
            title={"en": "Ease"},
            measure="ces",
            prompt="p.ease",
            keys=tuple(Key(key=str(n), value=float(n)) for n in (1, 4, 7)),
            next="by_language",
        ),
        Question(id="nps", title={"en": "NPS"}, kind="nps", measure="nps", prompt="p.nps", skip_key="*", retries=2),
        Branch(
            id="by_language",
            cases=(Case(when=Condition(of="language", one_of=("en",)), next="solved"),),
        ),
        Comment(id="comment", title={"en": "Comment"}, prompt="p.comment", seconds=40, silence=3),
        Question(
            id="solved",
            title={"en": "Solved"},
            kind="yes_no",
            prompt="p.solved",
            keys=(Key(key="1", next="thanks"), Key(key="0")),
        ),
        Branch(
            id="by_queue",
            cases=(Case(when=Condition(of="queue", one_of=("sales",)), next=END),),
            next="back",
        ),
        Thank(id="thanks", prompt="p.thanks"),
        HandOver(id="back", prompt="p.back", to="queue", target="support"),
    ),
)
PROMPTS = dict.fromkeys(TWELVE.prompts(), ("fa", "en"))

"""Bytes of FastAGI to events: the same however they are cut, an answer never taken for another's, nothing believed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxcall.asterisk.agi import codec, commands
from cxcall.asterisk.agi.codec import Codec, State
from cxcall.asterisk.agi.commands import line
from cxcall.asterisk.agi.errors import CommandError, PeerError, TooMuch
from cxcall.asterisk.agi.events import Answer, Event, HungUp, Request

HEADER = (
    b"agi_network: yes\nagi_network_script: survey?x=1&y=a%20b\nagi_request: agi://127.0.0.1:4573/survey?x=1&y=a%20b\n"
    b"agi_channel: PJSIP/trunk-00000000\nagi_language: fa\nagi_type: PJSIP\nagi_uniqueid: lab-1795314584.0\n"
    b"agi_callerid: 09121234567\nagi_calleridname: \xd8\xb2\xd9\x87\xd8\xb1\xd8\xa7\n"
    b"agi_rdnis: unknown\nagi_dnid: 02191000500\nagi_context: from-trunk\nagi_extension: 810\nagi_enhanced: 0.0\n"
    b"agi_accountcode: \nagi_threadid: 140422078367424\nagi_arg_1: lab-1795314584.0\n"
    b"agi_arg_2: \nagi_arg_3: Local/1001@agents/n\n\n"
)
"""As Asterisk 22.10 sends it (shortened)."""

CONVERSATION = (
    b"200 result=0\n200 result=53 endpos=7840\n200 result= (timeout)\n100 result=0 Trying...\n200 result=0\n"
    b"200 result=1 (a b (c\nHANGUP\nd)\n520-Invalid command syntax.  Proper usage follows:\nSets a variable.\nHANGUP\n"
    b"520 End of proper usage.\nHANGUP\n511 Command Not Permitted on a dead channel\n200 result=1\n"
)


def answers(*said: bytes) -> list[Event]:
    """The events that follow a header when each answer is followed by our next command."""
    return events(HEADER, *said)[1:]


def events(*chunks: bytes) -> list[Event]:
    found, speaker = list[Event](), Codec()
    for chunk in chunks:
        speaker.receive(chunk)
        while (event := speaker.next_event()) is not None:
            found.append(event)
            if speaker.state is State.OURS:
                speaker.send("NOOP")
    return found


def outcome(*chunks: bytes) -> tuple[list[Event], type[Exception] | None]:
    """The events up to the error, and the error's kind."""
    found, speaker = list[Event](), Codec()
    try:
        for chunk in chunks:
            speaker.receive(chunk)
            while (event := speaker.next_event()) is not None:
                found.append(event)
                if speaker.state is State.OURS:
                    speaker.send("NOOP")
    except PeerError as error:
        assert speaker.state is State.BROKEN
        with pytest.raises(type(error)):
            speaker.next_event()
        return found, type(error)
    return found, None


def cut(data: bytes, places: list[int]) -> list[bytes]:
    borders = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(borders)]


def test_a_header_tells_script_query_arguments_and_call() -> None:
    (request,) = events(HEADER)
    assert isinstance(request, Request)
    assert (request.script, dict(request.query)) == ("/survey", {"x": "1", "y": "a b"})
    assert request.args == ("lab-1795314584.0", "", "Local/1001@agents/n")
    assert (request.arg(3), request.arg(2, "none"), request.arg(4), request.arg(0)) == (
        "Local/1001@agents/n", "none", "", "",
    )  # fmt: skip
    assert (request.unique_id, request.language, request.caller_id) == ("lab-1795314584.0", "fa", "09121234567")
    assert (request.channel, request.caller_name, request.called) == ("PJSIP/trunk-00000000", "زهرا", "02191000500")
    assert (request.context, request.extension) == ("from-trunk", "810")
    assert request.variables["agi_rdnis"] == "unknown"


@pytest.mark.parametrize(
    ("said", "script"),
    [
        (b"agi_network_script: route\n", "/route"),
        (b"agi_network_script: /route/\n", "/route"),
        (b"agi_network_script: \n", "/"),
        (b"agi_request: agi://127.0.0.1:4573/a/b?c\n", "/a/b"),
        (b"agi_request: agi://127.0.0.1\n", "/"),
        (b"agi_network: yes\r\nagi_network_script: route\r\n\r", "/route"),
    ],
)
def test_the_script_is_the_path_of_the_address(said: bytes, script: str) -> None:
    (request,) = events(said + b"\n")
    assert isinstance(request, Request)
    assert request.script == script


def test_unknown_is_asterisks_word_for_nothing() -> None:
    (request,) = events(b"agi_network: yes\nagi_callerid: unknown\nagi_calleridname: unknown\n\n")
    assert isinstance(request, Request)
    assert (request.caller_id, request.caller_name, request.unique_id) == ("", "", "")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (b"200 result=0\n", Answer(code=200, result="0")),
        (b"200 result=1\r\n", Answer(code=200, result="1")),
        (b"200 result= (timeout)\n", Answer(code=200, value="timeout")),
        (b"200 result=50 endpos=7840\n", Answer(code=200, result="50", endpos=7840)),
        (
            b"200 result=-1 (hangup) endpos=10400\n",
            Answer(code=200, result="-1", value="hangup", endpos=10400),
        ),
        (b"200 result=1 (PJSIP/1001 (desk))\n", Answer(code=200, result="1", value="PJSIP/1001 (desk)")),
        (b"200 result=1 ()\n", Answer(code=200, result="1", value="")),
        (b"200 result=1 (one\ntwo)\n", Answer(code=200, result="1", value="one\ntwo")),
        (b"200 result=1 Gosub complete\n", Answer(code=200, result="1")),
        (b"510 Invalid or unknown command\n", Answer(code=510, text="Invalid or unknown command")),
    ],
)
def test_every_form_of_answer_is_read(said: bytes, answer: Answer) -> None:
    assert answers(said) == [answer]


def test_a_result_is_a_number_or_nothing() -> None:
    found = [answer.number for answer in answers(b"200 result=-1\n", b"200 result= (timeout)\n", b"200 result=x\n")
             if isinstance(answer, Answer)]  # fmt: skip
    assert found == [-1, 0, 0]


def test_the_usage_of_a_wrong_command_is_one_answer() -> None:
    (answer,) = answers(
        b"520-Invalid command syntax.  Proper usage follows:\nUsage: X\n200 result=1\n520 End of proper usage.\n"
    )
    assert isinstance(answer, Answer)
    assert answer.code == 520
    assert answer.text.splitlines()[1] == "Usage: X"


def test_a_hang_up_comes_before_an_answer_and_is_none() -> None:
    assert answers(b"HANGUP\n200 result=-1\n", b"200 result=1\n") == [
        HungUp(), Answer(code=200, result="-1"), Answer(code=200, result="1"),
    ]  # fmt: skip


def test_a_dead_channel_is_told_from_other_refusals() -> None:
    dead, unknown = answers(b"511 Command Not Permitted on a dead channel or intercept routine\n", b"510 Unknown\n")
    assert isinstance(dead, Answer)
    assert isinstance(unknown, Answer)
    assert (dead.dead, unknown.dead) == (True, False)


def test_a_hang_up_while_nothing_is_asked_is_heard() -> None:
    speaker = Codec()
    speaker.receive(HEADER + b"HANGUP\n")
    assert isinstance(speaker.next_event(), Request)
    assert speaker.next_event() == HungUp()
    assert speaker.send("VERBOSE x") == b"VERBOSE x\n"


def test_an_answer_nobody_asked_for_ends_the_conversation() -> None:
    speaker = Codec()
    speaker.receive(HEADER + b"200 result=1\n")
    speaker.next_event()
    with pytest.raises(PeerError):
        speaker.next_event()


def test_a_value_that_looks_like_a_second_answer_is_never_taken_for_one() -> None:
    speaker = Codec()
    speaker.receive(HEADER)
    speaker.next_event()
    speaker.send("GET VARIABLE X")
    speaker.receive(b"200 result=1 (x)\n200 result=1 (y)\n")
    assert speaker.next_event() == Answer(code=200, result="1", value="x")
    with pytest.raises(PeerError):
        speaker.next_event()


@pytest.mark.parametrize(
    "said",
    [b"\n", b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01", b"agi_network yes\n", b"agi_: x\n",
     b"agi_network: yes\nfoo: bar\n", b"AGI_NETWORK: yes\n", b"HANGUP\n", b"\r\r\n"],
)  # fmt: skip
def test_what_is_no_header_is_refused(said: bytes) -> None:
    assert outcome(said) == ([], PeerError)


@pytest.mark.parametrize(
    "said", [b"hello\n", b"200\n", b"200 ok\n", b"600 result=1\n", b"\n", b"HANGUP\nHANGUP\n", b"\xff\n"]
)
def test_what_is_no_answer_is_refused(said: bytes) -> None:
    found, error = outcome(HEADER, said)
    assert error is PeerError
    assert not any(isinstance(event, Answer) for event in found)


def test_strangers_are_refused_at_their_first_wrong_byte() -> None:
    assert outcome(b"G") == ([], PeerError)
    assert outcome(b"agi", b"X") == ([], PeerError)
    assert outcome(b"agi") == ([], None)


@pytest.mark.parametrize(
    "said",
    [
        b"agi_network: " + b"x" * (codec.HEADER_BYTES + 1),
        b"agi_x: y\n" * (codec.HEADER_LINES + 1),
        b"".join(b"agi_%d: %s\n" % (number, b"x" * 1000) for number in range(40)),
        b"agi_network_script: survey?" + b"a=1&" * 300 + b"\n\n",
        HEADER + b"200 result=1 (" + b"x" * codec.ANSWER_BYTES,
        HEADER + b"200 result=1 (\n" + b"x\n" * codec.ANSWER_BYTES,
        HEADER + b"520-usage\n" + b"more\n" * codec.ANSWER_BYTES,
        HEADER + b"100 trying\n" * codec.ANSWER_BYTES,
    ],
    ids=["line", "lines", "header", "query", "value", "value lines", "usage", "trying"],
)
def test_endless_headers_and_answers_are_too_much(said: bytes) -> None:
    _, error = outcome(*cut(said, list(range(0, len(said), 700))))
    assert error is TooMuch


@given(st.lists(st.integers(0, 10_000), max_size=40))
@settings(deadline=None)
def test_any_cut_of_the_bytes_gives_the_same_events(places: list[int]) -> None:
    whole = HEADER + CONVERSATION
    assert [type(event) for event in events(whole)] == [Request, *[Answer] * 6, HungUp, Answer, Answer]
    assert outcome(*cut(whole, places)) == outcome(whole)


PIECES = st.sampled_from(
    [HEADER, CONVERSATION, b"\n", b"\r\n", b"HANGUP\n", b"200 result=1 (", b")\n", b"520-", b"520 ", b"200 result=",
     b"agi_", b": ", b"100 \n", b"-1", b"\xff\xfe", b"x" * 3000]
)  # fmt: skip
PEER = st.lists(PIECES | st.binary(max_size=12), max_size=14).map(b"".join)


@given(PEER, st.lists(st.integers(0, 100_000), max_size=20))
@settings(max_examples=400, deadline=None)
def test_garbage_raises_nothing_but_our_own_error_and_the_same_however_it_is_cut(
    said: bytes, places: list[int]
) -> None:
    assert outcome(*cut(said, places)) == outcome(said)


@given(PEER)
@settings(max_examples=200, deadline=None)
def test_garbage_after_a_header_byte_by_byte_is_like_garbage_at_once(said: bytes) -> None:
    whole = HEADER + said[:600]
    assert outcome(*[whole[place : place + 1] for place in range(len(whole))]) == outcome(whole)


def test_two_commands_at_once_are_our_fault() -> None:
    speaker = Codec()
    with pytest.raises(CommandError):
        speaker.send("ANSWER")
    speaker.receive(HEADER)
    speaker.next_event()
    speaker.send("ANSWER")
    with pytest.raises(CommandError):
        speaker.send("ANSWER")


def test_a_refused_command_leaves_the_turn_with_us() -> None:
    speaker = Codec()
    speaker.receive(HEADER)
    speaker.next_event()
    with pytest.raises(CommandError):
        speaker.send("SET VARIABLE X a\nHANGUP")
    assert speaker.send("ANSWER") == b"ANSWER\n"


@pytest.mark.parametrize("word", ["a\nb", "a\rb", "a\0b", "\ud800", "x" * commands.LONGEST_COMMAND])
def test_what_is_not_one_line_is_never_sent(word: str) -> None:
    with pytest.raises(CommandError):
        line("VERBOSE", word)


def test_words_are_quoted_only_where_they_need_it() -> None:
    assert line("STREAM FILE", "beep", "", 0) == 'STREAM FILE beep "" 0'
    assert line("SET VARIABLE", "X", 'a "b" \\ c') == 'SET VARIABLE X "a \\"b\\" \\\\ c"'


def parsed(command: str) -> list[str]:
    """The words as Asterisk's parse_args reads them: blanks part, quotes join, a backslash takes the next as it is."""
    words, word, quoted, escaped = list[str](), None, False, False
    for letter in command:
        if letter == '"' and not escaped:
            quoted = not quoted
            word = "" if quoted and word is None else word
        elif letter in " \t" and not quoted and not escaped:
            words += [] if word is None else [word]
            word = None
        elif letter == "\\" and not escaped:
            escaped = True
        else:
            word = (word or "") + letter
            escaped = False
    return words + ([] if word is None else [word])


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0"), max_size=30), max_size=5))
@settings(deadline=None)
def test_asterisk_reads_every_argument_as_it_was_given(words: list[str]) -> None:
    assert parsed(line("EXEC", *words)) == ["EXEC", *words]

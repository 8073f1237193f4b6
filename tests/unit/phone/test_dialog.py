"""A dialog's messages name the right parties, tags and transactions."""

from __future__ import annotations

from cxcall.demo.phone import sip
from cxcall.demo.phone.dialog import Dialog, answer
from cxcall.demo.phone.sip import Address, Request, Response, parse

CONTACT = "sip:1001@127.0.0.1:5070"


def outgoing() -> tuple[Dialog, Request]:
    dialog = Dialog.to(
        "sip:1002@127.0.0.1:5060", contact=CONTACT, caller=Address(uri="sip:1001@127.0.0.1", name="Sara")
    )
    return dialog, dialog.request("INVITE", body="v=0\r\n")


def answered(invite: Request, status: int) -> Response:
    reply = answer(invite, status, tag="far", headers=(("Contact", "<sip:1002@127.0.0.1:5090>"),))
    message = parse(reply.encode())
    assert isinstance(message, Response)
    return message


def test_an_invite_has_our_name_tag_and_contact_and_no_tag_of_theirs() -> None:
    dialog, invite = outgoing()
    caller = sip.address(invite.get("From"))
    assert (caller.name, caller.user, caller.tag) == ("Sara", "1001", dialog.local.tag)
    assert sip.address(invite.get("To")).tag == ""
    assert invite.get("Contact") == f"<{CONTACT}>"
    assert invite.get("Content-Type") == "application/sdp"


def test_success_is_acknowledged_where_they_are_in_a_transaction_of_its_own() -> None:
    dialog, invite = outgoing()
    response = answered(invite, 200)
    dialog.established(response)
    ack = dialog.ack(invite, response)
    assert ack.uri == "sip:1002@127.0.0.1:5090"
    assert ack.branch != invite.branch
    assert ack.sequence == (invite.sequence[0], "ACK")
    assert sip.address(ack.get("To")).tag == "far"


def test_a_refusal_is_acknowledged_in_the_invite_s_own_transaction() -> None:
    dialog, invite = outgoing()
    ack = dialog.ack(invite, answered(invite, 486))
    assert (ack.uri, ack.branch) == (invite.uri, invite.branch)
    assert sip.address(ack.get("To")).tag == "far"


def test_cancel_repeats_the_invite_s_branch_and_number() -> None:
    dialog, invite = outgoing()
    cancel = dialog.cancel(invite)
    assert cancel.branch == invite.branch
    assert cancel.sequence == (invite.sequence[0], "CANCEL")
    assert cancel.get("To") == invite.get("To")


def test_later_requests_count_up_and_name_both_tags() -> None:
    dialog, invite = outgoing()
    dialog.established(answered(invite, 200))
    bye = dialog.request("BYE")
    assert bye.sequence == (invite.sequence[0] + 1, "BYE")
    assert (sip.address(bye.get("From")).tag, sip.address(bye.get("To")).tag) == (dialog.local.tag, "far")


def test_who_is_called_answers_with_a_tag_and_asks_with_the_roles_turned() -> None:
    _, invite = outgoing()
    dialog = Dialog.of(invite, contact="sip:1002@127.0.0.1:5080")
    reply = dialog.answer(invite, 200, body="v=0\r\n")
    assert sip.address(reply.get("To")).tag == dialog.local.tag
    assert reply.get("From") == invite.get("From")
    bye = dialog.request("BYE")
    assert sip.address(bye.get("From")).user == "1002"
    assert bye.get("To") == invite.get("From")
    assert bye.uri == CONTACT


def test_replaces_names_the_dialog_as_the_other_end_knows_it() -> None:
    dialog, invite = outgoing()
    dialog.established(answered(invite, 180))
    assert dialog.replaces == f"{dialog.call_id}%3Bto-tag%3Dfar%3Bfrom-tag%3D{dialog.local.tag}"

"""One dialog of a phone (RFC 3261 section 12): who, tags and numbers, and the messages that belong to it. Pure."""

from __future__ import annotations

import random
import uuid
from dataclasses import replace

from cxcall.demo.phone import sip
from cxcall.demo.phone.sip import Address, Headers, Request, Response

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, REFER"
_ANSWER_COPIES = ("Via", "From", "To", "Call-ID", "CSeq")


class Dialog:
    """What makes messages of one call recognisable: Call-ID, the two tags, the numbering, where the other side is."""

    def __init__(self, *, contact: str, local: Address, remote: Address, call_id: str, target: str) -> None:
        """`contact`: our own SIP URI; `target`: where requests go (`asked` keeps the first); `local` has our tag."""
        self.contact = contact
        self.local = local
        self.remote = remote
        self.call_id = call_id
        self.target = target
        self.asked = target
        self._sequence = random.randrange(1, 1_000)

    @classmethod
    def to(cls, uri: str, *, contact: str, caller: Address) -> Dialog:
        """Begin a dialog with `uri` as `caller`."""
        return cls(
            contact=contact,
            local=replace(caller, tag=new_tag()),
            remote=Address(uri=uri),
            call_id=uuid.uuid4().hex,
            target=uri,
        )

    @classmethod
    def of(cls, invite: Request, *, contact: str) -> Dialog:
        """Begin the dialog that `invite` asks for."""
        caller = sip.address(invite.get("From"))
        return cls(
            contact=contact,
            local=replace(sip.address(invite.get("To")), tag=new_tag()),
            remote=caller,
            call_id=invite.get("Call-ID"),
            target=sip.address(invite.get("Contact") or invite.get("From")).uri,
        )

    def request(self, method: str, *, body: str = "", kind: str = "", headers: Headers = ()) -> Request:
        """Return a new request; `kind` is the body's media type."""
        self._sequence += 1
        return self._request(method, self._sequence, new_branch(), self._extras(body, kind, headers), body)

    def ack(self, invite: Request, response: Response) -> Request:
        """Return the ACK of `response` to our `invite`: part of its transaction, unless that was a success."""
        branch = new_branch() if response.status < 300 else invite.branch
        target = self.target if response.status < 300 else invite.uri
        ack = self._request("ACK", invite.sequence[0], branch, (), "")
        return replace(ack, uri=target, headers=_with_to(ack.headers, response.get("To")))

    def cancel(self, invite: Request) -> Request:
        """Return the CANCEL of our `invite`, which repeats its Via, From, To and number."""
        kept = tuple((name, value) for name, value in invite.headers if name in ("Via", "From", "To", "Call-ID"))
        sequence = ("CSeq", f"{invite.sequence[0]} CANCEL")
        return Request(method="CANCEL", uri=invite.uri, headers=(*kept, sequence, ("Max-Forwards", "70")))

    def answer(self, request: Request, status: int, *, body: str = "", headers: Headers = ()) -> Response:
        """Return the answer `status` to `request`, with our tag."""
        return answer(request, status, tag=self.local.tag, body=body, headers=self._extras(body, "", headers))

    def established(self, response: Response) -> None:
        """Learn the other side's tag and address from its answer to our INVITE."""
        self.remote = replace(self.remote, tag=sip.address(response.get("To")).tag or self.remote.tag)
        if contact := response.get("Contact"):
            self.target = sip.address(contact).uri

    @property
    def replaces(self) -> str:
        """How a Refer-To names this dialog as the one to be replaced, escaped for a URI."""
        return f"{self.call_id}%3Bto-tag%3D{self.remote.tag}%3Bfrom-tag%3D{self.local.tag}"

    def _extras(self, body: str, kind: str, headers: Headers) -> Headers:
        described = (("Content-Type", kind or "application/sdp"),) if body else ()
        return (("Contact", f"<{self.contact}>"), ("Allow", ALLOW), *headers, *described)

    def _request(self, method: str, sequence: int, branch: str, headers: Headers, body: str) -> Request:
        own = (
            ("Via", f"{sip.VERSION}/UDP {self.contact.partition('@')[2]};rport;branch={branch}"),
            ("Max-Forwards", "70"),
            ("From", str(self.local)),
            ("To", str(self.remote)),
            ("Call-ID", self.call_id),
            ("CSeq", f"{sequence} {method}"),
        )
        return Request(method=method, uri=self.target, headers=(*own, *headers), body=body)


def answer(request: Request, status: int, *, tag: str = "", body: str = "", headers: Headers = ()) -> Response:
    """Return the answer `status` to `request`, inside a dialog or not."""
    kept = tuple((name, value) for name, value in request.headers if name in _ANSWER_COPIES)
    to = request.get("To")
    if tag and status > 100 and not sip.address(to).tag:
        to = f"{to};tag={tag}"
    return Response(status=status, headers=(*_with_to(kept, to), *headers), body=body)


def new_tag() -> str:
    """Return a tag nobody has used."""
    return uuid.uuid4().hex[:12]


def new_branch() -> str:
    """Return a branch nobody has used; the beginning is RFC 3261's."""
    return "z9hG4bK" + uuid.uuid4().hex[:16]


def _with_to(headers: Headers, to: str) -> Headers:
    return tuple((name, to if name == "To" else value) for name, value in headers)

"""Mail: one message to one receiver, whole within a deadline or not at all.

A server that is silent, or answers a letter a minute, costs no more than the deadline: it counts for everything from
the connection to the server's word that it has the mail. What comes after that word (QUIT) changes nothing any more.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape

import aiosmtplib

from cxcall.settings import Mail

GOODBYE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file of a mail: `kind` is its media type, such as `text/csv`."""

    name: str
    kind: str
    content: bytes


class NotSent(Exception):
    """The mail did not arrive; the text is what the server said. `receiver`: it is about this receiver alone, others
    may get theirs. `for_good`: trying again changes nothing."""

    def __init__(self, said: str, *, receiver: bool = False, for_good: bool = False) -> None:
        super().__init__(said)
        self.receiver = receiver
        self.for_good = for_good


def message(
    *, sender: str, to: str, subject: str, text: str, rtl: bool, at: datetime, id_: str,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:  # fmt: skip
    """A mail with files. `id_` is the same for every try, so that a mail that comes twice can be known as one."""
    mail = EmailMessage()
    mail["Subject"] = " ".join(subject.split())
    mail["From"] = sender
    mail["To"] = to
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{id_}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    lines = "<br>".join(escape(line) for line in text.splitlines())
    direction = "rtl" if rtl else "ltr"
    mail.add_alternative(
        f'<html dir="{direction}"><body dir="{direction}"><p>{lines}</p></body></html>', subtype="html"
    )
    for one in attachments:
        main, _, sub = one.kind.partition("/")
        mail.add_attachment(one.content, maintype=main, subtype=sub, filename=one.name)
    return mail


async def send(settings: Mail, mail: EmailMessage, to: str, *, tls: ssl.SSLContext | None = None) -> None:
    """Hand a mail to the server. Raises `NotSent`."""
    client = aiosmtplib.SMTP(
        hostname=settings.host,
        port=settings.port or {"none": 25, "starttls": 587, "tls": 465}[settings.security],
        username=settings.username or None,
        password=settings.password or None,
        use_tls=settings.security == "tls",
        start_tls=settings.security == "starttls",
        timeout=settings.timeout,
        tls_context=tls,
    )
    try:
        async with asyncio.timeout(settings.timeout):
            await client.connect()
            await client.send_message(mail, sender=settings.from_, recipients=[to])
    except TimeoutError as error:
        raise NotSent(f"{settings.host} did not take the mail within {settings.timeout:g} s") from error
    except aiosmtplib.SMTPRecipientsRefused as error:
        refused = error.recipients[0]
        raise NotSent(_said(refused), receiver=True, for_good=refused.code >= 500) from error
    except aiosmtplib.SMTPResponseException as error:
        raise NotSent(_said(error)) from error
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise NotSent(f"{settings.host}: {error}".strip(": ")) from error
    finally:
        await _goodbye(client)


async def _goodbye(client: aiosmtplib.SMTP) -> None:
    with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            if client.is_connected:
                await client.quit()
    client.close()


def _said(error: aiosmtplib.SMTPResponseException) -> str:
    return " ".join(f"{error.code} {error.message}".split())

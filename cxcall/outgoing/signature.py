"""How a webhook's body is signed, so that its receiver can tell it is ours, fresh and not sent twice.

The header `X-Cxcall-Signature` is `sha256=` and the HMAC-SHA256 of the body as it was sent, in hex, under the
webhook's secret. The body names its `id` and `sent_at` (seconds since 1970): a receiver refuses what is older than some
minutes and ids it has seen, and nobody can change either without the secret.
"""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Cxcall-Signature"


def sign(body: bytes, secret: str) -> str:
    """The value of the header for `body`."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def is_signed(body: bytes, secret: str, header: str) -> bool:
    """Whether `header` is the signature of `body`; compared in constant time."""
    return hmac.compare_digest(sign(body, secret), header)

"""Response headers that keep a browser on the safe side, on every answer of the application."""

from __future__ import annotations

from aiohttp import web

from cxcall.web.keys import SETTINGS

STYLES = "style-src 'self'"
CSP = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        STYLES,
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTTPS_ONLY = "max-age=31536000"


def with_styles(nonce: str) -> str:
    """The content security policy of a page one of whose scripts brings styles of its own, marked with `nonce`."""
    return CSP.replace(STYLES, f"{STYLES} 'nonce-{nonce}'")


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler of `on_response_prepare`. What is not said to be kept is not kept."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if is_https(request):
        response.headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)
    if "Server" in response.headers:
        del response.headers["Server"]


def is_https(request: web.Request) -> bool:
    """Whether browsers reach us by https, directly or through the proxy that web.public_url names."""
    return request.secure or request.app[SETTINGS].web.public_url.startswith("https://")

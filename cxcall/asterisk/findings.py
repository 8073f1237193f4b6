"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Result = Literal["ok", "info", "warn", "fail"]
"""`info`: nothing to judge. `warn`: it works, but something will be missing or worse. `fail`: it does not work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One check's result: what was seen, and for `warn` and `fail` what to do. `server`: empty for this machine."""

    check: str
    result: Result
    says: str
    fix: str = ""
    server: str = ""


def ok(check: str, says: str) -> Finding:
    return Finding(check=check, result="ok", says=says)


def info(check: str, says: str) -> Finding:
    return Finding(check=check, result="info", says=says)


def warn(check: str, says: str, fix: str) -> Finding:
    return Finding(check=check, result="warn", says=says, fix=fix)


def fail(check: str, says: str, fix: str) -> Finding:
    return Finding(check=check, result="fail", says=says, fix=fix)

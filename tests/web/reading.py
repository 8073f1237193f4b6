"""Pages read as a person's browser gets them: signed in, with the form's token, looked into by CSS selectors."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from aiohttp import ClientResponse, FormData
from aiohttp.test_utils import TestClient, TestServer

from tests.support.call_centre import CallCentre

VOID = {"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
_STEP = re.compile(r"^(?P<tag>[a-z0-9-]*)(?P<rest>.*)$")
_PART = re.compile(r"#([\w-]+)|\.([\w-]+)|\[([\w-]+)(?:=['\"]?([^'\"\]]*)['\"]?)?\]")


@dataclass(eq=False)
class Element:
    """A tag with what is in it."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    inside: list[Element | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text in it, with single spaces."""
        parts = (part if isinstance(part, str) else part.text for part in self.inside)
        return " ".join(" ".join(parts).split())

    def all(self, selector: str) -> list[Element]:
        """Elements below this one that `selector` names: `tag#id.class[name=value]` steps with spaces between."""
        steps = selector.split()
        return [one for one in self._below() if one._is(steps[-1]) and one._within(steps[:-1])]

    def one(self, selector: str) -> Element:
        found = self.all(selector)
        assert found, f"no {selector} in: {self.text[:600]}"
        return found[0]

    def _below(self) -> list[Element]:
        found: list[Element] = []
        for part in self.inside:
            if isinstance(part, Element):
                found += [part, *part._below()]
        return found

    def _within(self, steps: list[str]) -> bool:
        at = self.parent
        for step in reversed(steps):
            while at is not None and not at._is(step):
                at = at.parent
            if at is None:
                return False
            at = at.parent
        return True

    def _is(self, step: str) -> bool:
        match = _STEP.match(step)
        assert match is not None
        if match["tag"] and match["tag"] != self.tag:
            return False
        for id_, class_, name, value in _PART.findall(match["rest"]):
            if id_ and self.attributes.get("id") != id_:
                return False
            if class_ and class_ not in self.attributes.get("class", "").split():
                return False
            if name and (name not in self.attributes or (value and self.attributes[name] != value)):
                return False
        return True


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.at = self.root = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        made = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.inside.append(made)
        if tag not in VOID:
            self.at = made

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.at.inside.append(Element(tag, {name: value or "" for name, value in attrs}, self.at))

    def handle_endtag(self, tag: str) -> None:
        node: Element | None = self.at
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None and node.parent is not None:
            self.at = node.parent

    def handle_data(self, data: str) -> None:
        self.at.inside.append(data)


def read(html: str) -> Element:
    parser = _Parser()
    parser.feed(html)
    return parser.root


class Browser:
    """Opens pages as one of the call centre's people."""

    def __init__(self, centre: CallCentre, client: TestClient[Any, Any]) -> None:
        self.centre = centre
        self.client = client
        self._cookies: dict[str, dict[str, str]] = {}

    async def get(self, name: str, path: str, **options: Any) -> ClientResponse:
        return await self.client.get(path, cookies=await self._cookie(name), **options)

    async def page(self, name: str, path: str) -> Element:
        response = await self.get(name, path)
        text = await response.text()
        assert response.status == 200, f"{response.status}: {read(text).text[:800]}"
        return read(text)

    async def text(self, name: str, path: str) -> str:
        return (await self.page(name, path)).text

    async def send(
        self, name: str, path: str, headers: Mapping[str, str] | None = None, /, *,
        form: FormData | None = None, follow: bool = False, **fields: str,
    ) -> ClientResponse:  # fmt: skip
        """Post a form with the token of the person's session."""
        cookie = await self._cookie(name)
        token = (await self.page(name, "/settings")).one("meta[name=csrf]").attributes["content"]
        return await self.client.post(
            path, data=form if form is not None else fields, cookies=cookie, allow_redirects=follow,
            headers={"X-CSRF-Token": token, **(headers or {})},
        )  # fmt: skip

    async def post(self, name: str, path: str, /, **fields: str) -> Element:
        """Post a form and read the page that comes of it."""
        response = await self.send(name, path, form=FormData(fields), follow=True)
        text = await response.text()
        assert response.status < 500, read(text).text[:800]
        return read(text)

    async def tell(self, name: str, path: str, body: object) -> ClientResponse:
        """Post JSON as a script of a page would."""
        token = (await self.page(name, "/settings")).one("meta[name=csrf]").attributes["content"]
        cookies = await self._cookie(name)
        return await self.client.post(path, json=body, cookies=cookies, headers={"X-CSRF-Token": token})

    async def _cookie(self, name: str) -> dict[str, str]:
        if name not in self._cookies:
            self._cookies[name] = await self.centre.cookie(name)
        return self._cookies[name]


@asynccontextmanager
async def browsing(centre: CallCentre) -> AsyncIterator[Browser]:
    client: TestClient[Any, Any] = TestClient(TestServer(centre.app))
    await client.start_server()
    try:
        yield Browser(centre, client)
    finally:
        await client.close()

"""A request as a vendor's API sees it, and an answer with the way its bytes travel.

Belongs here: what all vendors share: sign-in, query, body, limits, sending whole or broken answers. Does not: any
vendor's paths or shapes.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import msgspec
from starlette.types import Receive, Scope, Send

JSON_TYPE = "application/json;charset=UTF-8"


@dataclass(slots=True)
class Call:
    """One request. From `lag` on, the fields are what faults turn and read."""

    source: str
    method: str
    path: str
    query: dict[str, list[str]]
    raw: bytes
    authorization: str | None
    origin: str
    now: int
    headers: Mapping[str, str] = field(default_factory=dict)
    lag: int = 0
    hidden: set[str] = field(default_factory=set)
    empty_page: bool = False
    most_hours: tuple[int, int] | None = None  # the widest window that is answered, and the status of wider ones
    previous: Reply | None = None  # the path's good answer before this one

    def one(self, name: str) -> str | None:
        return self.query.get(name, [""])[-1] or None

    def signed_in(self, email: str, token: str) -> bool:
        if self.authorization is None or not self.authorization.lower().startswith("basic "):
            return False
        expected = base64.b64encode(f"{email}:{token}".encode()).decode()
        return self.authorization[6:].strip() == expected

    def json(self) -> dict[str, Any]:
        try:
            document = json.loads(self.raw or b"{}")
        except ValueError as problem:
            raise Refusal(400, "There was an error parsing JSON. Check that your request body is valid.") from problem
        if not isinstance(document, dict):
            raise Refusal(400, "Invalid request payload. Refer to the REST API documentation and try again.")
        return document

    def log_line(self) -> dict[str, Any]:
        shown = {name: values if len(values) > 1 else values[0] for name, values in self.query.items()}
        line: dict[str, Any] = {"source": self.source, "method": self.method, "path": self.path, "query": shown}
        return line | {
            "body": self.raw.decode("utf-8", "replace"),
            "authorization": self.authorization is not None,
            "fault": None,
        }


@dataclass(frozen=True, slots=True)
class Setup:
    """How the vendors are set up: the token of Jira's API user, the most records that a page ever holds and the most
    bytes (inflated) of an export, where they are fewer than the vendor's own limits."""

    token: str = "sandbox-token"
    page_cap: int | None = None
    export_cap: int | None = None


DEFAULT_SETUP = Setup()


@dataclass(slots=True)
class Transmission:
    """How the bytes of an answer travel. Whole and at once, unless a fault says otherwise."""

    silence: float = 0.0  # seconds before the first byte
    pause: float = 0.0  # seconds between single bytes
    cut: int | None = None  # the body ends after this many bytes …
    reset: bool = False  # … with the connection reset instead of closed
    claimed: int | None = None  # the Content-Length, where it is not true


@dataclass(slots=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    sending: Transmission = field(default_factory=Transmission)


class Refusal(Exception):
    """An answer that is an error, in the vendor's own words."""

    def __init__(self, status: int, *messages: str, document: Any = None) -> None:
        super().__init__(status, *messages)
        self.status = status
        self.document = {"errorMessages": list(messages), "errors": {}} if document is None else document


def answer(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, msgspec.json.encode(document), {"content-type": JSON_TYPE, **(headers or {})})


async def read_call(source: str, scope: Scope, receive: Receive, now: int) -> Call:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    root, path = f"/{source}", scope["path"]
    return Call(
        source=source,
        method=scope["method"],
        path=path.removeprefix(root) or "/",
        query=parse_qs(scope["query_string"].decode("latin-1"), keep_blank_values=True),
        raw=b"".join(parts),
        authorization=headers.get("authorization"),
        origin=f"{scope['scheme']}://{headers.get('host', 'localhost')}{root}",
        now=now,
        headers=headers,
    )


async def _gone(receive: Receive, seconds: float) -> bool:
    """Waits; true as soon as the client has hung up."""
    try:
        return bool((await asyncio.wait_for(receive(), seconds))["type"] == "http.disconnect")
    except TimeoutError:
        return False


async def transmit(given: Reply, receive: Receive, send: Send, transport: Any) -> None:
    sending, body = given.sending, given.body
    if sending.silence and await _gone(receive, sending.silence):
        return
    length = len(body) if sending.claimed is None else sending.claimed
    headers = given.headers | {"content-length": str(length)}
    coded = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": given.status, "headers": coded})
    part = body if sending.cut is None else body[: sending.cut]
    if sending.pause:
        for place in range(len(part)):
            await send({"type": "http.response.body", "body": part[place : place + 1], "more_body": True})
            if await _gone(receive, sending.pause):
                return
        part = b""
    if len(body if sending.cut is None else body[: sending.cut]) >= length:
        await send({"type": "http.response.body", "body": part, "more_body": False})
        return
    await send({"type": "http.response.body", "body": part, "more_body": True})
    await asyncio.sleep(0.02)  # the bytes so far leave before the connection dies
    if transport is None:
        raise ConnectionAbortedError("a broken answer needs uvicorn's transport")
    if sending.reset:
        known = transport.get_extra_info("socket")
        known.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()

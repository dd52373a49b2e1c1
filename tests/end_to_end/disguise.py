"""A made-up company whose credentials and pay are canaries, served over HTTP.

Belongs here: planting. Does not: searching (tests/canaries.py), runs, claims.

A credential is the one that the sandbox knows with a mark inside, which is taken out again before the sandbox sees it;
tokens that a vendor gives get the mark too. Pay is planted in HR alone: what the books say of it is other numbers.
"""

import base64
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from starlette.types import Message, Receive, Scope, Send

from sandbox import files, vendors
from sandbox.company import Company
from sandbox.company.people.facts import PayValues
from sandbox.server import app, serve_in_thread
from sandbox.vendors.bamboohr import BambooHr
from tests.canaries import MARK, PAY

SECRET_SETTINGS = ("API_TOKEN", "API_KEY", "CLIENT_SECRET", "REFRESH_TOKEN")
QUICK = {"ATTEMPTS": "2", "RETRY_WAIT": "0.001", "LONGEST_WAIT": "0.01"}
TOKENS = ("access_token", "refresh_token")


class Disguised:
    """The vendors of a made-up company. ``shown`` counts marked credentials by source; ``telltale``: every vendor
    fails, and says in its error everything it received and knows."""

    def __init__(self, folder: Path, seed: int, now: str) -> None:
        self.folder, self.now, self.company = folder, now, Company(seed, "tiny")
        self.sandbox = app(self.company, now=now)
        self.sandbox.vendors["bamboohr"] = BambooHr(paid_in_canaries(seed))
        self.shown: Counter[str] = Counter()
        self.talkative = False

    @contextmanager
    def served(self) -> Iterator[dict[str, str]]:
        """The settings of all vendors."""
        files.write(self.company, self.folder, self.now)
        with serve_in_thread(self) as url:
            settings = {name: marked(name, value) for name, value in vendors.settings(url, self.folder).items()}
            sources = {name.split("__")[1] for name in settings}
            quick = {f"SOURCES__{source}__{name}": value for source in sources for name, value in QUICK.items()}
            yield {**settings, **quick, "PRODOPS_COMPANY": str(self.folder), "PRODOPS_NOW": self.now}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        source, headers = scope["path"].split("/")[1], dict(scope["headers"])
        given = headers.get(b"authorization", b"").decode()
        body = await _body(receive)
        if MARK in reported(given) + body.decode("latin-1"):
            self.shown[source] += 1
        if self.talkative:
            await _play(send, given, body)
            return
        if given:
            headers[b"authorization"] = without_mark(given).encode()
        plain = body.decode("latin-1").replace(MARK, "").encode("latin-1")
        headers |= {b"content-length": str(len(plain)).encode()} if plain else {}
        rewrite = next((change for part, change in REWRITTEN.items() if part in scope["path"]), None)
        answer = _Rewriting(send, rewrite) if rewrite else send
        messages = iter([{"type": "http.request", "body": plain, "more_body": False}])

        async def again() -> Message:
            return next(messages, None) or await receive()

        await self.sandbox({**scope, "headers": list(headers.items())}, again, answer)


def paid_in_canaries(seed: int) -> Company:
    """The same people, each of whose rows of pay of a year or a month says another canary. Canaries are alike, so that
    functions have standard rates, and marts cost that is made of them; by the hour they would be most of all pay."""
    company, amounts = Company(seed, "tiny"), iter(PAY)

    def disguised(values: PayValues) -> PayValues:
        times = {"Year": 1, "Month": 12}.get(values.paid_per)
        return replace(values, rate_minor=next(amounts) // times) if times else values

    for worker in company.staff.workers:
        worker.entries = [
            replace(entry, values=disguised(entry.values)) if isinstance(entry.values, PayValues) else entry
            for entry in worker.entries
        ]
        worker.forget()
    return company


def marked(name: str, value: str) -> str:
    """A setting with the mark inside, where it is a credential."""
    if name.endswith("__PROJECTS"):
        secret = ("api_key", "secret_key")
        return json.dumps([one | {key: MARK + one[key] for key in secret} for one in json.loads(value)])
    if name.rpartition("__")[2] not in SECRET_SETTINGS:
        return value
    prefix = "sk_" if value.startswith("sk_") else ""  # without which no Stripe key is taken for one
    return prefix + MARK + value.removeprefix(prefix)


def reported(authorization: str) -> str:
    """What an authorization header says."""
    scheme, _, content = authorization.partition(" ")
    return base64.b64decode(content).decode() if scheme == "Basic" else content


def without_mark(authorization: str) -> str:
    scheme, plain = authorization.partition(" ")[0], reported(authorization).replace(MARK, "")
    return f"{scheme} {base64.b64encode(plain.encode()).decode() if scheme == 'Basic' else plain}"


def with_mark(body: bytes) -> bytes:
    """The answer of a place that gives tokens, with the mark in them."""
    document = json.loads(body)
    return json.dumps(document | {name: MARK + document[name] for name in TOKENS if name in document}).encode()


def spoiled(body: bytes) -> bytes:
    """Rows of pay, the first of which says an amount that is no number: what can't be read must not be shown either."""
    return re.sub(rb'("value":"[\d.]+)', rb"\1 or so", body, count=1)


REWRITTEN = {"oauth2": with_mark, "tables/compensation": spoiled}


class _Rewriting:
    """Sends an answer once it is whole, and rewritten."""

    def __init__(self, send: Send, rewrite: Callable[[bytes], bytes]) -> None:
        self._send, self._rewrite = send, rewrite
        self._start: Message = {}
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = self._rewrite(self._body)
        headers = {**dict(self._start["headers"]), b"content-length": str(len(body)).encode()}
        await self._send({**self._start, "headers": list(headers.items())})
        await self._send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


async def _play(send: Send, given: str, body: bytes) -> None:
    """An error that repeats the credentials and shows pay, in its body and in its headers, as JSON that is cut off."""
    words = f"{given} {reported(given)} {body.decode('latin-1')} is paid {PAY[0] / 100:,.2f}"
    content = json.dumps({"error": words, "errorMessages": [words], "rate": PAY[0], "message": words})[:-1].encode()
    headers: Any = {
        b"content-type": b"application/json",
        b"content-length": str(len(content)).encode(),
        b"x-bamboohr-error-message": words.encode(),
    }
    await send({"type": "http.response.start", "status": 200 if body else 400, "headers": list(headers.items())})
    await send({"type": "http.response.body", "body": content})

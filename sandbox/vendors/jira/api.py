"""The site as the API user sees it: signing in, who may see what, how pages end, what is refused and in which words.

Belongs here: what handlers share. Does not: the handlers (people.py, catalogues.py, issues.py, agile.py), the JSON of a
record (render.py), how a query is read (jql.py).
"""

from __future__ import annotations

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zlib import crc32

import msgspec

from sandbox.company import Company, World
from sandbox.company.work import site
from sandbox.company.work.events import IssueChanged
from sandbox.company.work.state import Issue
from sandbox.timestamps import DAY, local_date
from sandbox.transport import DEFAULT_SETUP, Call, Refusal, Reply, Setup, answer
from sandbox.vendors.jira import jql_fields
from sandbox.vendors.jira.jql import JqlError
from sandbox.vendors.jira.render import SITE, JiraRenderer, plain
from sandbox.vendors.jira.routes import IS_PLAIN, ROUTES

EMAIL = "prodops@example.com"
TOKEN_LIFE = 7 * DAY


class View:
    """A world with what was rendered of it and how queries sort it, kept until it changes."""

    def __init__(self, company: Company) -> None:
        self.world = World(company)
        self.render = JiraRenderer(self.world)
        self._issues: dict[int, tuple[tuple[int, int], bytes]] = {}
        self._sorted: dict[tuple[Any, ...], tuple[int | None, list[tuple[tuple[Any, ...], int]]]] = {}

    def issue(self, issue: Issue) -> bytes:
        version = (issue.version, self.world.site_version)
        known = self._issues.get(issue.id)
        if known is None or known[0] != version:
            known = self._issues[issue.id] = (version, msgspec.json.encode(self.render.issue_fields(issue)))
        return known[1]

    def sorted(self, text: str, zone: str, hidden: frozenset[str], live: World) -> list[tuple[tuple[Any, ...], int]]:
        """Ids of the issues that a query finds, each with its place in the order. What a query speaks of is looked up
        in the ``live`` world, also where the index lags behind it."""
        key = (text, self.world.version, live.version, hidden)
        known = self._sorted.get(key)
        if known is None or known[0] not in (None, live.now):
            query = jql_fields.search(text, live, zone, hidden)
            shown = [i for i in self.world.issues.values() if i.values["project"] not in hidden and query.accepts(i)]
            while len(self._sorted) >= 20:
                self._sorted.pop(next(iter(self._sorted)))
            found = sorted((query.position(issue), issue.id) for issue in shown)
            known = self._sorted[key] = (live.now if query.moves else None, found)
        return known[1]


class Jira:
    """The site as the API user sees it."""

    def __init__(self, company: Company, setup: Setup = DEFAULT_SETUP) -> None:
        self.company, self.token, self.page_cap = company, setup.token, setup.page_cap
        self._views: dict[int, View] = {}

    def view(self, call: Call) -> View:
        """The state at the call's now, or as a lagging index still has it."""
        view = self._views.get(call.lag)
        if view is None:
            view = self._views[call.lag] = View(self.company)
        view.world.advance(call.now - call.lag)
        return view

    def live(self, call: Call) -> View:
        lag, call.lag = call.lag, 0
        try:
            return self.view(call)
        finally:
            call.lag = lag

    @staticmethod
    def settings(url: str, files: Path | None = None) -> dict[str, str]:
        """What its loader needs to reach it at ``url``; ``files``: the folder of the company's own files."""
        return {"BASE_URL": url, "EMAIL": EMAIL, "API_TOKEN": DEFAULT_SETUP.token}

    def reply(self, call: Call) -> Reply:
        try:
            for method, pattern, handler, anonymous in ROUTES:
                found = pattern.match(call.path)
                if found is None or method != call.method:
                    continue
                if not call.signed_in(EMAIL, self.token):
                    if anonymous is None:
                        raise Refusal(
                            401,
                            document={
                                "message": "Client must be authenticated to access this resource.",
                                "status-code": 401,
                            },
                        )
                    return answer(anonymous)
                call.query |= {f"/{name}": [value] for name, value in found.groupdict().items()}
                given = handler(self, call)
                return plain_text(given) if IS_PLAIN.match(call.path) else given
            raise Refusal(404, document={"message": f"null for uri: {SITE}{call.path}", "status-code": 404})
        except (Refusal, JqlError) as refusal:
            if isinstance(refusal, Refusal):
                return answer(refusal.document, refusal.status)
            return answer({"errorMessages": [str(refusal)], "errors": {}}, 400)

    # -- sizes, pages, tokens

    def size(self, asked: Any, default: int, most: int) -> int:
        """How many records a page holds: what was asked for, never more than the server is willing to give."""
        return max(1, min(whole(asked, "maxResults") or default, most, self.page_cap or most))

    def offset_page(
        self, call: Call, records: Sequence[Any], default: int, most: int, total: bool = True
    ) -> dict[str, Any]:
        """The older way of paging: startAt, maxResults, and a link to the next page."""
        size = self.size(call.one("maxResults"), default, most)
        start = whole(call.one("startAt"), "startAt")
        page: dict[str, Any] = {"maxResults": size, "startAt": start}
        page |= {"total": len(records)} if total else {}
        return page | {"isLast": start + size >= len(records), "values": list(records[start : start + size])}

    def linked_page(self, call: Call, records: Sequence[Any], default: int, most: int) -> dict[str, Any]:
        page = self.offset_page(call, records, default, most)
        here = f"{call.origin}{call.path}"
        page = {"self": f"{here}?startAt={page['startAt']}&maxResults={page['maxResults']}"} | page
        if not page["isLast"]:
            page["nextPage"] = f"{here}?startAt={page['startAt'] + page['maxResults']}&maxResults={page['maxResults']}"
        return page

    def token_page(
        self, call: Call, token: str | None, about: str, places: Sequence[tuple[Any, ...]], size: int
    ) -> tuple[range, str | None]:
        """The newer way: an opaque token that belongs to one query and grows old. Gives the places of this page and the
        next token. A page may be shorter than asked for while more remain."""
        query = f"{crc32(about.encode()):08x}"
        after, round_ = self._read_token(call, token, query) if token else (None, 0)
        start = 0 if after is None else bisect_right(places, after)
        luck = crc32(f"{query}{after}".encode())
        if start < len(places) and call.empty_page:
            return range(0), self._write_token(call, query, after, round_ + 1)
        if size > 2 and luck % 4 == 0:
            size = size * 2 // 3
        stop = min(start + size, len(places))
        return range(start, stop), None if stop >= len(places) else self._write_token(call, query, places[stop - 1], 0)

    def _write_token(self, call: Call, query: str, after: tuple[Any, ...] | None, round_: int) -> str:
        return base64.urlsafe_b64encode(json.dumps([query, after, round_, call.now]).encode()).decode().rstrip("=")

    def _read_token(self, call: Call, token: str, query: str) -> tuple[tuple[Any, ...] | None, int]:
        try:
            owner, after, round_, since = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
            after = None if after is None else tuple(after)
        except (binascii.Error, ValueError, TypeError):
            raise Refusal(400, "The provided next page token is invalid.") from None
        if owner != query:
            raise Refusal(400, "The provided next page token does not belong to this query.")
        if call.now - since > TOKEN_LIFE:
            raise Refusal(400, "The provided next page token has expired.")
        return after, round_

    def found(self, call: Call, view: View, text: str) -> list[tuple[tuple[Any, ...], int]]:
        """The issues of a view that a query finds for the API user."""
        return view.sorted(text, self.company.user_zone, unseen(call), self.live(call).world)

    def today(self, call: Call) -> date:
        return local_date(call.now, self.company.user_zone)

    def find(self, call: Call, view: View, id_or_key: str) -> Issue | None:
        """By id, or by any key it ever had; nothing where the API user may not look."""
        world = view.world
        number = int(id_or_key) if id_or_key.isdigit() else world.by_key.get(id_or_key.upper())
        issue = None if number is None else world.issues.get(number)
        return None if issue is None or issue.values["project"] in unseen(call) else issue


def plain_text(given: Reply) -> Reply:
    """The answer as the APIs give it that know no documents."""
    given.body = msgspec.json.encode(plain(msgspec.json.decode(given.body)))
    return given


def unseen(call: Call) -> frozenset[str]:
    """Projects whose issues the API user is not shown: nobody lets it, or they are archived."""
    private = {project.key for project in site.PROJECTS.values() if project.private}
    archived = {key for key, since in site.ARCHIVED.items() if since <= call.now}
    return frozenset(call.hidden | private | archived)


def recorded(issue: Issue) -> list[IssueChanged]:
    """The histories that the site still has, in the order in which it shows them."""
    kept = [event for event in issue.histories if not event.is_lost]
    return sorted(kept, key=lambda event: (event.at, event.history_id))


def whole(value: Any, name: str) -> int:
    """A number that is not negative; 0 where nothing was said."""
    try:
        found = int(value or 0)
    except (TypeError, ValueError):
        found = -1
    if found < 0:
        raise Refusal(400, f"The value of '{name}' must be a number that is not negative.")
    return found


def listed(value: Any) -> list[str]:
    """`fields=a,b&fields=c` and `["a", "b"]` alike."""
    given = [value] if isinstance(value, str) else list(value or [])
    return [part.strip() for item in given for part in str(item).split(",") if part.strip()]

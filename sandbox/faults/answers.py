"""Faults of the world behind an answer, of an answer's status, text and records, and of its bytes on the way.

Belongs here: what can go wrong with any answer. Does not: what is wrong inside an archive (archives.py).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

from sandbox.company.billing.facts import Billed
from sandbox.company.books.facts import Booked
from sandbox.faults.kinds import AFTER, Backend, after, before
from sandbox.timestamps import ms, utc
from sandbox.transport import JSON_TYPE, Call, Reply

# -- before the vendor answers: the world, or what of it can be seen


@before
def lag(backend: Backend, call: Call, seconds: float = 120) -> None:
    """The search index does not know the newest writes yet."""
    call.lag = round(seconds * 1000)


@before
def hide_project(backend: Backend, call: Call, project: str) -> None:
    """The API user has lost the permission to browse a project: everything in it looks deleted."""
    call.hidden.add(project)


@before
def lose_field(backend: Backend, call: Call, field: str, as_null: bool = False) -> None:
    """BambooHR's key loses a field, such as `rate` or `workEmail`: it is missing from rows, or null."""
    call.hidden.add(f"{'null' if as_null else 'field'}:{field}")


@before
def lose_people(backend: Backend, call: Call, department: str) -> None:
    """BambooHR's key loses a department: its people look as if they were not there."""
    call.hidden.add(f"department:{department}")


@before
def advance(backend: Backend, call: Call, seconds: float) -> None:
    """Time passes between two pages, and with it whatever the timeline holds."""
    call.now = backend.clock.advance(backend.clock.now() + round(seconds * 1000))


@before
def mutate(backend: Backend, call: Call, what: str, issue_id: int | None = None, project: str = "PAY") -> None:
    """Somebody inserts, edits or deletes an issue while we read; by itself the one that was read first."""
    company, at = backend.company, call.now
    issues = company.world(at).issues.values()
    victim = issue_id or min((issue.updated, issue.id) for issue in issues if not issue.children)[1]
    changes: dict[str, Callable[[], object]] = {
        "insert": lambda: company.insert_issue(at, project),
        "edit": lambda: company.edit_issue(at, victim),
        "delete": lambda: company.delete_issue(at, victim),
    }
    changes[what]()


@before
def mutate_billing(backend: Backend, call: Call, what: str, kind: str, record: str | None = None) -> None:
    """Somebody inserts, edits or deletes a customer, product … while we read; by itself the newest one."""
    billing, at = backend.company.billing, call.now // 1000 * 1000
    known = billing.books(at).records[kind]
    victim = record or next(reversed(known))
    if what == "insert":
        copied = {name: value for name, value in known[victim].items() if name not in ("id", "created")}
        billing.happen(Billed(at, kind, f"{victim}_{call.now}", "created", copied))
    else:
        changed = {"edit": {"touched": at}, "delete": None}[what]
        billing.happen(Billed(at, kind, victim, "deleted" if changed is None else "updated", changed))


@before
def mutate_books(backend: Backend, call: Call, what: str, kind: str, record: str | None = None) -> None:
    """Somebody inserts, edits or deletes a document while we read; by itself the newest one."""
    bookkeeping, at = backend.company.bookkeeping, call.now // 1000 * 1000
    known = bookkeeping.books(at).records[kind]
    victim = record or max(known, key=int)
    if what == "insert":
        copied = {name: value for name, value in known[victim].items() if name not in ("id", "created", "version")}
        bookkeeping.happen(Booked(at, kind, str(int(max(known, key=int)) + 900_000), copied))
    else:
        bookkeeping.happen(Booked(at, kind, victim, {"note": "Edited"} if what == "edit" else None))


@before
def empty_page(backend: Backend, call: Call) -> None:
    """A page without records, and a token to go on with (its other half is in AFTER)."""
    call.empty_page = True


@before
def too_wide(backend: Backend, call: Call, hours: int, status: int = 504) -> None:
    """Windows of more hours than this take too long (504) or are too large (400)."""
    call.most_hours = (hours, status)


@before
def duplicate_page(backend: Backend, call: Call) -> None:
    """The page before is served once more, and the token leads on from it (its other half is in AFTER)."""
    call.empty_page = True


# -- after the vendor has answered: status, text, records, bytes

ROW_LISTS = ("issues", "values", "issueChangeLogs", "data")
# JSON texts that a loader must survive; some of them no JSON library would write.
RAW = {
    "2^63": "9223372036854775808",
    "1e400": "1e400",
    "NaN": "NaN",
    "-0": "-0.0",
    "38 digits": "12345678901234567890123456789012345678",
    "38 decimals": "0.12345678901234567890123456789012345678",
    "lone surrogate": '"\\ud800"',
    "NUL": '"a\\u0000b"',
    "emoji": '"\\ud83e\\uddea \u05e9\u05dc\u05d5\u05dd"',
    "deep": "[" * 10_000 + "]" * 10_000,
    "wide": "{" + ",".join(f'"key_{number}":{number}' for number in range(5_000)) + "}",
    "null": "null",
}
MARK = "@raw@"


def rows_of(document: Any) -> list[Any]:
    if isinstance(document, list):
        return document
    if "QueryResponse" in document:  # QuickBooks names its rows after what they are
        return next((value for value in document["QueryResponse"].values() if isinstance(value, list)), [])
    return next((document[name] for name in ROW_LISTS if isinstance(document.get(name), list)), [])


def written(given: Reply, document: Any, raw: str = "") -> Reply:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    given.body = text.replace(f'"{MARK}"', raw).encode()
    return given


@after
def status(
    given: Reply,
    call: Call,
    status: int,
    retry_after: float | None = None,
    as_date: bool = False,
) -> Reply:
    """An error, with Retry-After in seconds or as a date, or without."""
    headers = {"content-type": JSON_TYPE}
    if retry_after is not None:
        date = format_datetime(utc(call.now + round(retry_after * 1000)), usegmt=True)
        headers["retry-after"] = date if as_date else str(retry_after)
    words = f"Answered with {status} by the fault script."
    reported: dict[str, Any] = {"errorMessages": [words], "errors": {}}
    if call.source == "bamboohr":
        reason = dict.fromkeys(("x-bamboohr-error-message", "x-bamboohr-error-messsage"), words)
        return Reply(status, b"", headers | reason | {"content-type": "text/html; charset=UTF-8"})
    if call.source == "stripe":
        reported = {"error": {"message": words, "type": "api_error" if status >= 500 else "invalid_request_error"}}
    elif call.source == "quickbooks":
        error = {"Message": words, "Detail": words, "code": "003001" if status == 429 else "10000"}
        reported = {"Fault": {"Error": [error], "type": "SystemFault"}, "time": call.now}
    elif status == 429:
        headers |= {"x-ratelimit-limit": "100", "x-ratelimit-remaining": "0", "ratelimit-reason": "jira-burst-based"}
    return Reply(status, json.dumps(reported).encode(), headers)


@after
def bamboohr_limited(given: Reply, call: Call, retry_after: float = 1) -> Reply:
    """BambooHR's limit: 503 until 16 September 2026, 429 from then on, always with the seconds to wait."""
    return status(given, call, 503 if call.now < ms("2026-09-16T00:00:00Z") else 429, retry_after)


@after
def stripe_limited(given: Reply, call: Call, reason: str = "global-rate", retry: bool | None = None) -> Reply:
    """Stripe's 429: it says which limit was met and never when to come again; a lock is no limit but looks like one."""
    locked = reason == "lock_timeout"
    headers = {"content-type": "application/json"} | ({} if locked else {"stripe-rate-limited-reason": reason})
    if retry is not None:
        headers["stripe-should-retry"] = "true" if retry else "false"
    reported = {
        "code": reason if locked else "rate_limit",
        "message": "Request rate limit exceeded.",
        "type": "api_error",
    }
    return Reply(429, json.dumps({"error": reported}).encode(), headers)


@after
def html_login(given: Reply, call: Call) -> Reply:
    page = b"<!DOCTYPE html><html><head><title>Log in with Atlassian account</title></head><body></body></html>"
    return Reply(200, page, {"content-type": "text/html;charset=UTF-8"})


@after
def error_body(given: Reply, call: Call, document: Any = None) -> Reply:
    """200, and yet an error."""
    return written(given, document or {"errorMessages": ["Something went wrong."], "errors": {}})


@after
def empty_list(given: Reply, call: Call) -> Reply:
    """Nothing, as if there were no records and no further page."""
    document = json.loads(given.body)
    rows_of(document).clear()
    if isinstance(document, dict):
        document.pop("nextPageToken", None)
        last = {"isLast": True, "lastPage": True, "total": 0, "has_more": False}
        document |= {name: value for name, value in last.items() if name in document}
    return written(given, document)


@after
def bom(given: Reply, call: Call) -> Reply:
    given.body = b"\xef\xbb\xbf" + given.body
    return given


@after
def charset(given: Reply, call: Call, encoding: str = "utf-16", claimed: str = "utf-16") -> Reply:
    """Another encoding, named or passed off as something else."""
    given.body = given.body.decode().encode(encoding, "replace")
    given.headers["content-type"] = f"application/json;charset={claimed}"
    return given


@after
def invalid_utf8(given: Reply, call: Call) -> Reply:
    """Two bytes that are no UTF-8, inside the first text of the body."""
    place = given.body.index(b'"') + 1
    given.body = given.body[:place] + b"\xff\xfe" + given.body[place:]
    return given


@after
def invalid_text(given: Reply, call: Call, field: str = "fields.summary") -> Reply:
    """Bytes that are no UTF-8 in the value of a record."""
    given = plant(given, call, field, f'"{MARK}bytes"')
    given.body = given.body.replace(f"{MARK}bytes".encode(), b"caf\xe9 \xff")
    return given


def _again(given: Reply, call: Call) -> Reply:
    if call.previous is None:
        return given
    document = json.loads(given.body)
    rows_of(document)[:0] = rows_of(json.loads(call.previous.body))
    return written(given, document)


AFTER["duplicate_page"] = _again


def _last_and_not_last(given: Reply, call: Call) -> Reply:
    """A search says that it is the last, as Jira has done (JRACLOUD-95477): only the token shows that it is not."""
    document = json.loads(given.body)
    if "isLast" in document and "nextPageToken" in document:
        document["isLast"] = True
    return written(given, document)


AFTER["empty_page"] = _last_and_not_last


@after
def reverse(given: Reply, call: Call) -> Reply:
    document = json.loads(given.body)
    rows_of(document).reverse()
    return written(given, document)


@after
def repeat_token(given: Reply, call: Call, token: str = "c2FtZQ") -> Reply:
    """The same token on every page."""
    return written(given, json.loads(given.body) | {"nextPageToken": token, "isLast": False})


@after
def next_link(given: Reply, call: Call, to: str) -> Reply:
    """A link to the next page that leads to another scheme, host or port."""
    return written(given, json.loads(given.body) | {"nextPage": to, "isLast": False, "lastPage": False})


@after
def redirect(given: Reply, call: Call, to: str, status: int = 302) -> Reply:
    return Reply(status, b"", {"location": to})


@after
def plant(given: Reply, call: Call, field: str, raw: str, row: int | str = 0) -> Reply:
    """Puts any JSON text (or one of RAW by name) into a field of one record, or of `all`; the field may be new."""
    return _edited(given, field, row, lambda owner, name: owner.__setitem__(name, MARK), RAW.get(raw, raw))


@after
def drop(given: Reply, call: Call, field: str, row: int | str = 0) -> Reply:
    """Takes a field out of one record, or of `all`."""
    return _edited(given, field, row, lambda owner, name: owner.pop(name, None), "")


def _edited(given: Reply, field: str, row: int | str, edit: Callable[[Any, Any], object], raw: str) -> Reply:
    document = json.loads(given.body)
    rows = rows_of(document)
    *way, last = [int(step) if step.isdigit() else step for step in field.split(".")]
    for record in rows if row == "all" else rows[int(row) : int(row) + 1]:
        owner = record
        for step in way:
            owner = owner[step]
        edit(owner, last)
    return written(given, document, raw)


@after
def huge_record(
    given: Reply,
    call: Call,
    field: str = "fields.description",
    size: int = 20_000_000,
    row: int = 0,
) -> Reply:
    """One record with a very long text."""
    return plant(given, call, field, '"' + "x" * size + '"', row)


@after
def huge_page(given: Reply, call: Call, size: int = 200_000_000) -> Reply:
    """A valid page, made long by white space."""
    given.body = given.body[:1] + b" " * size + given.body[1:]
    return given


@after
def reset(given: Reply, call: Call, at: int = 100) -> Reply:
    """The connection is reset in the middle of the body."""
    given.sending.cut, given.sending.reset = min(at, max(0, len(given.body) - 1)), True
    return given


@after
def cut(given: Reply, call: Call, at: int = 100) -> Reply:
    """The connection is closed in the middle of the body, before the length that was promised."""
    given.sending.cut = min(at, max(0, len(given.body) - 1))
    return given


@after
def short_length(given: Reply, call: Call, at: int = 100) -> Reply:
    """Content-Length promises too little, and no more is sent: a whole answer, by its length."""
    given.sending.cut = given.sending.claimed = min(at, len(given.body))
    return given


@after
def silence(given: Reply, call: Call, seconds: float = 60) -> Reply:
    """No byte for a long time."""
    given.sending.silence = seconds
    return given


@after
def drip(given: Reply, call: Call, pause: float = 0.2) -> Reply:
    """One byte at a time."""
    given.sending.pause = pause
    return given

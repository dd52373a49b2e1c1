"""BambooHR's endpoints: pages of employees, the directory, what has changed, whole tables, reports, leave, refusals.

Belongs here: the behaviour behind each path that a loader uses. Does not: the JSON of a record (render.py), its XML
(xml.py), the definition of a report (reports.py).

An account is reached at its own host and at the gateway of all accounts, with or without a slash at the end.

The old endpoints answer in XML unless JSON is asked for, and refuse with an empty body of text/html whose reason stands
in a header, and in that header's misspelt twin. The new list of employees refuses in JSON.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.company import Company
from sandbox.company.people.facts import OPENED
from sandbox.company.people.hr_account import FIELDS
from sandbox.timestamps import local_date, midnight, ms
from sandbox.transport import DEFAULT_SETUP, Call, Refusal, Reply, Setup, answer
from sandbox.vendors.bamboohr.render import TABLES, BambooHrRenderer, Document, EmployeeRecord, stamp
from sandbox.vendors.bamboohr.reports import MOST_FIELDS, Report, asked_report, format_of, reply
from sandbox.vendors.bamboohr.xml import written

API_KEY = "sandbox-key"
SUBDOMAIN = "sandbox"
USUAL, MOST = 250, 2_500
USUAL_LOCATIONS = 500
REQUEST_STATUSES = ("approved", "denied", "superceded", "requested", "canceled")
ACTIONS = ("inserted", "updated", "deleted", "all")
FORM = "text/html; charset=UTF-8"
Handler = Callable[..., Any]
ROUTES: list[tuple[str, re.Pattern[str], str, Handler]] = []
BASES = ("/api/v1", f"/api/gateway.php/{SUBDOMAIN}/v1")


def route(path: str, root: str = "", method: str = "GET") -> Callable[[Handler], Handler]:
    """`root` is the XML document; without one there is only JSON."""
    named = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path)
    pattern = re.compile(f"^(?:{'|'.join(map(re.escape, BASES))}){named}/?$")

    def bind(handler: Handler) -> Handler:
        ROUTES.append((method, pattern, root, handler))
        return handler

    return bind


def refused(status: int, message: str) -> Reply:
    """Without a body: the reason is in the headers."""
    headers = {
        "content-type": FORM,
        "x-bamboohr-error-message": message,
        "x-bamboohr-error-messsage": message,
    }
    if status == 401:
        headers["www-authenticate"] = 'Basic realm="Please enter your API key as the username."'
    return Reply(status, b"", headers)


def bad_page(message: str, code: str = "BadRequest") -> Refusal:
    return Refusal(400, document={"error": {"code": code, "message": message}})


class BambooHr:
    """One company's account, behind one key whose owner is an administrator unless a fault takes permissions away."""

    def __init__(self, company: Company, setup: Setup = DEFAULT_SETUP) -> None:
        self.company, self.page_cap = company, setup.page_cap or MOST

    @staticmethod
    def settings(url: str, files: Path | None = None) -> dict[str, str]:
        """What its loader needs to reach it at ``url``; ``files``: the folder of the company's own files."""
        return {"BASE_URL": url, "SUBDOMAIN": SUBDOMAIN, "API_KEY": API_KEY, "START": OPENED.isoformat()}

    def reply(self, call: Call) -> Reply:
        if not signed_in(call):
            return refused(401, "API key not provided or invalid")
        for method, pattern, root, handler in ROUTES:
            found = pattern.match(call.path)
            if found is not None and call.method == method:
                shown = BambooHrRenderer(self.company, call.now, call.hidden)
                try:
                    document = handler(self, call, shown, **found.groupdict())
                except Refusal as refusal:
                    if root:
                        return refused(refusal.status, refusal.args[1])
                    return answer(refusal.document, refusal.status)
                if isinstance(document, Reply):
                    return document
                if root and "application/json" not in call.headers.get("accept", ""):
                    return Reply(200, written(root, document), {"content-type": "text/xml; charset=UTF-8"})
                return answer(document, 200, {"content-type": "application/json; charset=utf-8"})
        return refused(404, "Not Found")

    # -- employees

    @route("/employees")
    def employees(self, call: Call, shown: BambooHrRenderer) -> Document:
        """Pages from a cursor on. The employee whom it names must still be there and be wanted."""
        limit = min(whole(call, "page[limit]", USUAL, MOST), self.page_cap)
        status, ids = call.one("filter[status]"), call.one("filter[ids]")
        if status not in (None, "active", "inactive"):
            raise bad_page("filter[status] must be one of: active, inactive")
        wanted = None if ids is None else ids.split(",")
        found = [
            record
            for record in shown.records.values()
            if status in (None, "active" if record.is_active else "inactive")
            and (wanted is None or record.number in wanted)
        ]
        numbers = [record.number for record in found]
        begin, end = 0, limit
        if (after := call.one("page[after]")) is not None:
            begin = place_of(after, numbers) + 1
            end = begin + limit
        elif (before := call.one("page[before]")) is not None:
            end = place_of(before, numbers)
            begin = max(0, end - limit)
        fields = set((call.one("fields") or "").split(","))
        page = found[begin:end]
        further = cursor(page[-1].number) if page and end < len(found) else None
        earlier = cursor(page[0].number) if page and begin else None
        link = f"{call.origin}/api/v1/employees?page%5Blimit%5D={limit}"
        return {
            "data": [shown.listed(record, fields) for record in page],
            "meta": {"total": len(found), "page": {"limit": limit, "nextCursor": further, "prevCursor": earlier}},
            "_links": {"self": {"href": link}}
            | ({"next": {"href": f"{link}&page%5Bafter%5D={further}"}} if further else {}),
        }

    @route("/employees/directory", "directory")
    def directory(self, call: Call, shown: BambooHrRenderer) -> Document:
        """Who works here now: people who have left are gone."""
        to_come = call.one("onlyCurrent") == "false"
        found = [record for record in shown.records.values() if record.is_active or (to_come and record.is_to_come)]
        if not found:
            raise Refusal(404, "The directory is empty")
        employees = [shown.directory(record) for record in found]
        names = [name for name in employees[0] if name not in ("id", "canUploadPhoto")]
        return {
            "fields": [{"id": name, "type": "text", "name": name} for name in names],
            "employees": employees,
        }

    @route("/employees/changed", "changes")
    def changed(self, call: Call, shown: BambooHrRenderer) -> Document:
        """Everybody whose record, tables included, was touched since, with the last thing that was done to it."""
        since, kind = asked_since(call), (call.one("type") or "all").lower()
        if kind not in ACTIONS:
            raise Refusal(400, "Invalid type parameter")
        found = {
            number: (action, at)
            for number, action, at in self._touched(shown, since)
            if kind in ("all", action.lower())
        }
        employees: Document = {
            number: {"id": number, "action": action, "lastChanged": stamp(at)} for number, (action, at) in found.items()
        }
        latest = max((at for _, at in found.values()), default=since)
        return {"latest": stamp(latest), "employees": employees or []}  # PHP's empty map is a list

    @route("/employees/changed/tables/{table}", "changed_table")
    def changed_rows(self, call: Call, shown: BambooHrRenderer, table: str) -> Document:
        """All rows of everybody who was touched in any way."""
        since = asked_since(call)
        known_table(table)
        employees: Document = {
            number: {"lastChanged": stamp(at), "rows": self._rows(shown, [shown.records[number]], table)}
            for number, action, at in self._touched(shown, since)
            if action != "Deleted"
        }
        return {"table": table, "employees": employees or []}

    def _touched(self, shown: BambooHrRenderer, since: int) -> list[tuple[str, str, int]]:
        """Number, action and instant. A row that takes effect touches the record on its day."""
        found = []
        for worker in self.company.staff.workers:
            for number, begun, gone in worker.bamboo_ids:
                if gone is not None and gone <= shown.now:
                    found.append((number, "Deleted", gone))
                elif number in shown.records:
                    rows = [entry for entry in worker.entries if entry.bamboo_id == number and entry.table in TABLES]
                    at = [begun, *(entry.known_from for entry in rows), *(entry.known_to or 0 for entry in rows)]
                    at += [midnight(entry.day, shown.zone) for entry in rows if entry.day and entry.known(shown.now)]
                    newest = max(timestamp for timestamp in at if timestamp <= shown.now)
                    found.append((number, "Inserted" if begun >= since else "Updated", newest))
        return [(number, action, at) for number, action, at in found if at >= since]

    @route("/employees/{number}/tables/{table}", "table")
    def table(self, call: Call, shown: BambooHrRenderer, number: str, table: str) -> list[Document]:
        """All rows, whenever they take effect, in no order."""
        known_table(table)
        if number != "all" and number not in shown.records:
            raise Refusal(404, "Employee not found")
        found = shown.records.values() if number == "all" else [shown.records[number]]
        return self._rows(shown, found, table)

    def _rows(self, shown: BambooHrRenderer, records: Collection[EmployeeRecord], table: str) -> list[Document]:
        return [shown.row(record, entry) for record in records for entry in record.rows(table)]

    @route("/employees/{number}", "employee")
    def employee(self, call: Call, shown: BambooHrRenderer, number: str) -> Document:
        """The fields that were asked for, as they are now; names that nobody knows are passed over. Number 0 is whose
        key it is."""
        names = (call.one("fields") or "firstName,lastName").split(",")
        if len(names) > MOST_FIELDS:
            raise Refusal(400, f"Cannot request more than {MOST_FIELDS} fields")
        number = shown.key_owner if number == "0" else number
        if number not in shown.records:
            raise Refusal(404, "Employee not found")
        fields = shown.fields_of(shown.records[number])
        return {"id": number} | shown.allowed({name: fields[alias] for name, alias in columns(names, fields).items()})

    # -- leave

    @route("/time_off/requests", "requests")
    def requests(self, call: Call, shown: BambooHrRenderer) -> list[Document]:
        begin, end = asked_day(call, "start"), asked_day(call, "end")
        if begin is None or end is None:
            raise Refusal(400, "Invalid or missing start/end date")
        statuses, number = (call.one("status") or ",".join(REQUEST_STATUSES)).split(","), call.one("id")
        employee, kinds = call.one("employeeId"), (call.one("type") or "").split(",")
        found = [
            shown.request(record, entry, values)
            for record, entry, values in shown.leaves()
            if entry.day and entry.day <= end and values.last >= begin and values.status in statuses
        ]
        left_out = {"notes"} if call.one("excludeNote") else set()
        return [
            {name: value for name, value in request.items() if name not in left_out}
            for request in found
            if number in (None, str(request["id"]))
            and employee in (None, str(request["employeeId"]))
            and (kinds == [""] or str(request["type"]["id"]) in kinds)
        ]

    @route("/time_off/whos_out", "calendar")
    def whos_out(self, call: Call, shown: BambooHrRenderer) -> list[Document]:
        begin = asked_day(call, "start") or local_date(call.now, shown.zone)
        end = asked_day(call, "end") or begin + timedelta(days=14)
        away = [
            {
                "id": entry.number,
                "type": "timeOff",
                "employeeId": int(record.number),
                "name": record.worker.name,
                "start": str(entry.day),
                "end": str(values.last),
            }
            for record, entry, values in shown.leaves()
            if entry.day and values.status == "approved"
        ]
        found = [e for e in [*away, *shown.holidays()] if e["start"] <= str(end) and e["end"] >= str(begin)]
        return sorted(found, key=lambda entry: (entry["start"], entry["id"]))

    # -- the account

    @route("/meta/fields", "fields")
    def fields(self, call: Call, shown: BambooHrRenderer) -> list[Document]:
        return shown.fields()

    @route("/meta/lists", "lists")
    def lists(self, call: Call, shown: BambooHrRenderer) -> list[Document]:
        return shown.lists()

    @route("/meta/tables", "tables")
    def tables(self, call: Call, shown: BambooHrRenderer) -> list[Document]:
        return shown.tables()

    @route("/meta/users", "users")
    def users(self, call: Call, shown: BambooHrRenderer) -> Document:
        """Statuses that nobody knows filter nothing."""
        asked = {"enabled", "disabled"} & set((call.one("status") or "").split(","))
        return {str(user["id"]): user for user in shown.users() if not asked or user["status"] in asked}

    # -- reports

    @route("/reports/custom", "report", "POST")
    def custom_report(self, call: Call, shown: BambooHrRenderer) -> Reply:
        """The columns that are asked for, of everybody."""
        form = format_of(call)
        return reply(self._report(shown, asked_report(call)), form)

    @route("/reports/{number}", "report")
    def saved_report(self, call: Call, shown: BambooHrRenderer, number: str) -> Reply:
        return reply(self._report(shown, saved(number)), format_of(call))

    @route("/custom-reports")
    def reports(self, call: Call, shown: BambooHrRenderer) -> Document:
        found = [{"id": number, "name": report.title} for number, report in SAVED.items()]
        return paged(call, "custom-reports", "reports", found, self.page_cap)

    @route("/custom-reports/{number}")
    def report(self, call: Call, shown: BambooHrRenderer, number: str) -> Document:
        try:
            report = self._report(shown, saved(number))
        except Refusal as refusal:
            raise Refusal(404, document={"error": {"code": 404, "message": refusal.args[1]}}) from refusal
        rows = [{name: value for name, value in one.items() if name != "id"} for one in report["employees"]]
        return paged(call, f"custom-reports/{number}", "data", rows, self.page_cap) | {"aggregations": []}

    def _report(self, shown: BambooHrRenderer, report: Report) -> Document:
        """Columns that are not there, or may not be seen, are left out without a word."""
        touched = {number for number, _, _ in self._touched(shown, report.since or 0)}
        wanted = [
            record
            for number, record in shown.records.items()
            if (report.since is None or number in touched) and number in (report.employees or shown.records)
        ]
        names = columns(report.fields, shown.known_fields)
        kept = [name for name, alias in names.items() if alias not in shown.omitted]
        employees = []
        for record in wanted:
            fields = shown.fields_of(record)
            employees.append({"id": record.number} | shown.allowed({name: fields[names[name]] for name in kept}))
        return {
            "title": report.title,
            "fields": [{"id": name} | shown.known_fields[names[name]] for name in kept],
            "employees": employees,
        }

    @route("/hris/org/locations")
    def locations(self, call: Call, shown: BambooHrRenderer) -> Document:
        size = min(whole(call, "pageSize", USUAL_LOCATIONS, USUAL_LOCATIONS), self.page_cap)
        page = whole(call, "page", 0, 10**6, least=0)
        rows = shown.locations()
        pages = -(-len(rows) // size)
        following = {"next": {"href": f"{call.path}?page={page + 1}&pageSize={size}"}} if page + 1 < pages else {}
        return {
            "data": rows[page * size : (page + 1) * size],
            "meta": {"page": page, "pageSize": size, "totalItems": len(rows), "totalPages": pages},
            "_links": following,
        }


SAVED = {
    1: Report("Everybody", ("employeeNumber", "displayName", "status", "hireDate", "department", "jobTitle")),
    2: Report("Who reports to whom", ("displayName", "supervisor", "supervisorEId")),
}


def saved(number: str) -> Report:
    found = SAVED.get(int(number)) if number.isdecimal() else None
    if found is None:
        raise Refusal(404, "Report not found")
    return found


def columns(names: Iterable[str], known: Collection[str]) -> dict[str, str]:
    """The alias of each name that is one, or the number of a field."""
    by_number = {number: alias for alias, (number, *_) in FIELDS.items()}
    found = {name: by_number.get(name, name) for name in names}
    return {name: alias for name, alias in found.items() if alias in known}


def paged(call: Call, path: str, name: str, rows: list[Document], cap: int) -> Document:
    """Pages out of range are the nearest one, sizes out of range the usual one."""
    given = call.one("page_size") or ""
    size = min(int(given) if given.isdecimal() and 0 < int(given) <= 1_000 else 500, cap)
    pages = max(1, -(-len(rows) // size))
    given = call.one("page") or ""
    page = min(max(1, int(given) if given.isdecimal() else 1), pages)
    links = [f"{call.origin}/api/v1/{path}?page={one}&page_size={size}" for one in (page - 1, page + 1)]
    return {
        name: rows[(page - 1) * size : page * size],
        "pagination": {
            "total_records": len(rows),
            "current_page": page,
            "total_pages": pages,
            "next_page": links[1] if page < pages else None,
            "prev_page": links[0] if page > 1 else None,
        },
    }


def signed_in(call: Call) -> bool:
    """The key is the user name; any password will do."""
    scheme, _, given = (call.authorization or "").partition(" ")
    try:
        user, colon, _ = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return False
    return scheme.lower() == "basic" and colon == ":" and user == API_KEY


def known_table(table: str) -> None:
    if table not in TABLES:
        raise Refusal(404, f"Table {table} does not exist")


def asked_since(call: Call) -> int:
    try:
        return ms(datetime.fromisoformat(call.one("since") or ""))
    except ValueError as problem:
        raise Refusal(400, "The since parameter is missing or is not a valid ISO 8601 date") from problem


def asked_day(call: Call, name: str) -> date | None:
    text = call.one(name)
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as problem:
        raise Refusal(400, f"Invalid or missing {name} date") from problem


def whole(call: Call, name: str, usual: int, most: int, least: int = 1) -> int:
    text = call.one(name) or str(usual)
    if not re.fullmatch(r"\d{1,9}", text) or not least <= int(text) <= most:
        raise bad_page(f"{name} must be between {least} and {most}")
    return int(text)


def cursor(number: str) -> str:
    return base64.urlsafe_b64encode(json.dumps({"cursor": f"at-{number}"}).encode()).decode()


def place_of(text: str, numbers: list[str]) -> int:
    """Where the employee whom a cursor names stands."""
    try:
        return numbers.index(str(json.loads(base64.urlsafe_b64decode(text))["cursor"]).removeprefix("at-"))
    except (ValueError, KeyError, TypeError) as problem:
        raise bad_page("The page cursor is not valid.", "BadPage") from problem

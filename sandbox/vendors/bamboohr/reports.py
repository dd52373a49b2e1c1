"""What is asked for in a report, in JSON or XML, and the format of the answer.

Belongs here: reading a report's definition, what `format` and `Accept` mean. Does not: whom it shows (api.py). Sheets
and printed pages (xls, pdf) are not made: they are refused as formats that are not there.
"""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from sandbox.timestamps import ms
from sandbox.transport import Call, Refusal, Reply, answer
from sandbox.vendors.bamboohr.xml import written

MOST_FIELDS = 400
ACCEPTED = {"application/json": "json", "text/xml": "xml", "text/csv": "csv"}
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Report:
    """Columns by alias or number; `since`: whose record was touched from then on, or never where `with_untouched`."""

    title: str
    fields: tuple[str, ...]
    since: int | None = None
    with_untouched: bool = True
    employees: frozenset[str] | None = None


def format_of(call: Call) -> str:
    asked = (call.one("format") or ACCEPTED.get(call.headers.get("accept", ""), "")).lower()
    if asked not in ACCEPTED.values():
        raise Refusal(404, "Report format not found")
    return asked


def asked_report(call: Call) -> Report:
    """JSON only where the content type says exactly that; everything else is read as XML."""
    is_json = call.headers.get("content-type") == JSON
    try:
        report = _in_json(json.loads(call.raw)) if is_json else _in_xml(ElementTree.fromstring(call.raw))
    except (ElementTree.ParseError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise Refusal(400, f"Malformed {'JSON' if is_json else 'XML'}") from problem
    if len(report.fields) > MOST_FIELDS:
        raise Refusal(400, f"Cannot request more than {MOST_FIELDS} fields")
    return report


def _in_json(asked: dict[str, Any]) -> Report:
    filters = asked.get("filters") or {}
    changed, ids = filters.get("lastChanged") or {}, filters.get("employeeIds")
    return Report(
        str(asked.get("title", "")),
        tuple(str(name) for name in asked["fields"]),
        ms(datetime.fromisoformat(changed["value"])) if changed.get("value") else None,
        changed.get("includeNull") != "no",
        None if ids is None else frozenset(map(str, ids)),
    )


def _in_xml(root: ElementTree.Element) -> Report:
    if root.tag != "report":
        raise ValueError("no report")
    changed, ids = root.find("filters/lastChanged"), root.findall("filters/employeeIds/employeeId")
    return Report(
        root.findtext("title") or "",
        tuple(field.attrib["id"] for field in root.findall("fields/field")),
        ms(datetime.fromisoformat((changed.text or "").strip())) if changed is not None else None,
        changed is None or changed.get("includeNull") != "no",
        frozenset((one.text or "").strip() for one in ids) if ids else None,
    )


def reply(document: dict[str, Any], form: str) -> Reply:
    if form == "json":
        return answer(document, 200, {"content-type": JSON})
    if form == "xml":
        return Reply(200, written("report", document), {"content-type": "text/xml; charset=UTF-8"})
    text = io.StringIO()
    names = [field["id"] for field in document["fields"]]
    rows = csv.writer(text)
    rows.writerow(field["name"] for field in document["fields"])
    rows.writerows([one[name] for name in names] for one in document["employees"])
    return Reply(200, text.getvalue().encode(), {"content-type": "text/csv; charset=UTF-8"})

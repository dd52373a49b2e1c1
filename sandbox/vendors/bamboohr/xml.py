"""BambooHR's answers in XML, which it gives to who has not asked for JSON.

Belongs here: the elements of each kind of answer. Does not: what an answer says (render.py).

Its documents describe few of these shapes; the others are those that published clients read (a row of a table is `row`
with `field` by id, a user is `user` with its number as an attribute).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

Document = dict[str, Any]


def written(root: str, document: Any) -> bytes:
    found: bytes = tostring(ROOTS[root](document), encoding="utf-8", xml_declaration=True)
    return found


def _put(parent: Element, tag: str, text: object = None, **attributes: object) -> Element:
    found = SubElement(parent, tag, {name: _said(value) for name, value in attributes.items() if value is not None})
    if text is not None:
        found.text = _said(text)
    return found


def _said(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _fields(parent: Element, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if isinstance(value, Mapping):  # an amount of money
            _put(parent, "field", value["value"], id=name, currency=value["currency"])
        else:
            _put(parent, "field", value, id=name)


def _less(values: Mapping[str, Any], *names: str) -> Document:
    return {name: value for name, value in values.items() if name not in names}


def _people(parent: Element, employees: Iterable[Document]) -> None:
    within = SubElement(parent, "employees")
    for one in employees:
        _fields(_put(within, "employee", id=one["id"]), _less(one, "id"))


def _columns(parent: Element, fields: Iterable[Document]) -> None:
    within = SubElement(parent, "fieldset")
    for one in fields:
        _put(within, "field", one["name"], id=one["id"], type=one["type"])


def employee(document: Document) -> Element:
    root = Element("employee", id=document["id"])
    _fields(root, _less(document, "id"))
    return root


def directory(document: Document) -> Element:
    root = Element("directory")
    _columns(root, document["fields"])
    _people(root, document["employees"])
    return root


def report(document: Document) -> Element:
    root = Element("report")
    _put(root, "title", document["title"])
    _columns(root, document["fields"])
    _people(root, document["employees"])
    return root


def changes(document: Document) -> Element:
    root = Element("employees", latest=document["latest"])
    for one in dict(document["employees"]).values():
        _put(root, "employee", **one)
    return root


def _rows(parent: Element, rows: Iterable[Document]) -> None:
    for one in rows:
        _fields(_put(parent, "row", id=one["id"], employeeId=one["employeeId"]), _less(one, "id", "employeeId"))


def table(document: list[Document]) -> Element:
    root = Element("table")
    _rows(root, document)
    return root


def changed_table(document: Document) -> Element:
    root = Element("table", id=document["table"])
    for number, one in dict(document["employees"]).items():
        _rows(_put(root, "employee", id=number, lastChanged=one["lastChanged"]), one["rows"])
    return root


def requests(document: list[Document]) -> Element:
    root = Element("requests")
    for one in document:
        asked = _put(root, "request", id=one["id"])
        _put(asked, "employee", one["name"], id=one["employeeId"])
        _put(asked, "status", one["status"]["status"], **_less(one["status"], "status"))
        for name in ("start", "end", "created"):
            _put(asked, name, one[name])
        _put(asked, "type", one["type"]["name"], **_less(one["type"], "name"))
        _put(asked, "amount", one["amount"]["amount"], unit=one["amount"]["unit"])
        _put(asked, "actions", **one["actions"])
        days = SubElement(asked, "dates")
        for day, amount in one["dates"].items():
            _put(days, "date", ymd=day, amount=amount)
        if "notes" in one:
            notes = SubElement(asked, "notes")
            for whose, text in one["notes"].items():
                _put(notes, "note", text, **{"from": whose})
    return root


def calendar(document: list[Document]) -> Element:
    root = Element("calendar")
    for one in document:
        entry = _put(root, "item", type=one["type"])
        if one["type"] == "holiday":
            _put(entry, "holiday", one["name"], id=one["id"])
        else:
            _put(entry, "request", id=one["id"])
            _put(entry, "employee", one["name"], id=one["employeeId"])
        _put(entry, "start", one["start"])
        _put(entry, "end", one["end"])
    return root


def fields(document: list[Document]) -> Element:
    root = Element("fields")
    for one in document:
        _put(root, "field", one["name"], **_less(one, "name"))
    return root


def lists(document: list[Document]) -> Element:
    root = Element("lists")
    for one in document:
        kept = _put(root, "list", **_less(one, "name", "options"))
        _put(kept, "name", one["name"])
        within = SubElement(kept, "options")
        for each in one["options"]:
            _put(within, "option", each["name"], **_less(each, "name"))
    return root


def tables(document: list[Document]) -> Element:
    root = Element("tables")
    for one in document:
        kept = _put(root, "table", alias=one["alias"])
        for each in one["fields"]:
            _put(kept, "field", each["name"], **_less(each, "name"))
    return root


def users(document: Mapping[str, Document]) -> Element:
    root = Element("users")
    for one in document.values():
        kept = _put(root, "user", id=one["id"], employeeId=one["employeeId"] or None)
        for name, value in _less(one, "id", "employeeId").items():
            _put(kept, name, value)
    return root


ROOTS: dict[str, Callable[[Any], Element]] = {
    one.__name__: one
    for one in (calendar, changed_table, changes, directory, employee, fields, lists, report, requests, table, tables)
} | {"users": users}

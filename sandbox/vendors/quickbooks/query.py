"""QuickBooks' query language, as much of it as a loader asks: all or some properties or a count, of one entity, with
conditions.

Belongs here: which words are allowed, how values compare, which records meet them. Does not: the records (render.py),
the answer (api.py), which properties there are (properties.py). Written from Intuit's page "Query operations and
syntax" (https://developer.intuit.com/app/developer/qbo/docs/learn/explore-the-quickbooks-online-api/data-queries): no
OR, no join, no grouping, no function but count(*); a single space in quotes is no value at all; a backslash escapes.
Refusals are worded as live answers are: 4000 where a statement can't be read, 4001 where it can and may not be asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from fnmatch import fnmatchcase
from typing import Any

from sandbox.timestamps import zone
from sandbox.transport import Refusal
from sandbox.vendors.quickbooks.properties import KINDS, PROPERTIES, UNSORTED, Kind
from sandbox.vendors.quickbooks.render import ZONE

MOST, USUAL = 1_000, 100
WORDS = re.compile(r"\s*(?:('(?:\\.|[^'\\])*')|(<=|>=|=|<|>|\(|\)|,|\*)|([A-Za-z0-9_.:+-]+))")
NUMBER = re.compile(r"-?\d+(\.\d+)?")
NO_VALUE = " "
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}
Document = dict[str, Any]


def fault(message: str, detail: str, code: str, **more: str) -> Refusal:
    error = {"Message": message, "Detail": detail, "code": code, **more}
    return Refusal(400, document={"Fault": {"Error": [error], "type": "ValidationFault"}})


def misread(words: str) -> Refusal:
    return fault("Error parsing query", f"QueryParserError: {words}", "4000")


def invalid(words: str) -> Refusal:
    return fault("Invalid query", f"QueryValidationError: {words}", "4001")


@dataclass(frozen=True, slots=True)
class Condition:
    """A property by its full name, a test, and what it is tested with: values as they compare, None for no value; of
    LIKE a pattern."""

    name: str
    test: str
    wanted: list[Any]

    def is_met(self, document: Document) -> bool:
        found = _value(document, self.name)
        if self.test == "LIKE":
            return found is not None and fnmatchcase(found.lower(), self.wanted[0])
        is_equality = self.test in ("=", "IN")
        if found is None:
            return is_equality and None in self.wanted
        value, test = comparable(self.name, found), TESTS["=" if is_equality else self.test]
        return any(wanted is not None and test(value, wanted) for wanted in self.wanted)


@dataclass(slots=True)
class Query:
    entity: str
    is_count: bool
    properties: list[str] = field(default_factory=list)  # all where none is named
    conditions: list[Condition] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)  # the field, and whether the greatest is first
    start: int = 1
    most: int = USUAL

    def asks(self, name: str) -> bool:
        return any(condition.name == name for condition in self.conditions)

    def shown(self, document: Document) -> Document:
        """As much of a document as was asked for; where that is not all, it says so."""
        if not self.properties:
            return document
        chosen: Document = {"domain": document["domain"]}
        for name in self.properties:
            whole, _, part = name.partition(".")
            if whole in document:
                chosen[whole] = chosen.get(whole, {}) | {part: document[whole][part]} if part else document[whole]
        return chosen | {"sparse": True}

    def meets(self, document: Document) -> bool:
        return all(condition.is_met(document) for condition in self.conditions)

    def sorted(self, documents: Sequence[Document]) -> list[Document]:
        """In the order that was asked for; what has no value comes first."""
        found = list(documents)
        for name, is_falling in reversed(self.order):
            found.sort(key=lambda document: _place(name, _value(document, name)), reverse=is_falling)
        return found


def _value(document: Document, name: str) -> str | None:
    value: Any = document
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    if isinstance(value, dict):  # a reference, or the address of a person
        value = value.get("value", value.get("Address", ""))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _place(name: str, text: str | None) -> tuple[bool, Any]:
    return (False, 0) if text is None else (True, comparable(name, text))


def _pattern(text: str) -> str:
    return "".join("*" if letter == "%" else f"[{letter}]" if letter in "*?[" else letter for letter in text.lower())


def comparable(name: str, text: str) -> Any:
    """A value as it compares: '9' is less than '10', 9.5 equals '9.50', an instant is one whatever its offset."""
    kind = KINDS.get(name, Kind.TEXT)
    try:
        if kind is Kind.INSTANT:
            instant = datetime.fromisoformat(text)
            return instant if instant.tzinfo else instant.replace(tzinfo=zone(ZONE))
        if kind is Kind.DATE:
            return date.fromisoformat(text)
        if kind is Kind.NUMBER:
            return Decimal(text if NUMBER.fullmatch(text) else "")
        if kind is Kind.ID:
            return int(text)
    except (ValueError, InvalidOperation):
        raise invalid(f"Invalid value {text!r} for {name}") from None
    return text


class _Words:
    """The words of a statement, one after the other. Keywords have no case, texts stand in single quotes."""

    def __init__(self, text: str) -> None:
        self.words: list[str] = []
        place = 0
        while text[place:].strip():
            found = WORDS.match(text, place)
            if found is None:
                raise misread(f"Lexical error at line 1, column {place + 1}.")
            self.words.append(found[1] or found[2] or found[3])
            place = found.end()
        self.words.reverse()

    def takes(self, *keywords: str) -> bool:
        """Takes the next words where they are these."""
        if [word.upper() for word in self.words[: -len(keywords) - 1 : -1]] != list(keywords):
            return False
        del self.words[-len(keywords) :]
        return True

    def next(self, wanted: str) -> str:
        if not self.words:
            raise misread(f'Encountered "<EOF>" where {wanted} was expected.')
        return self.words.pop()

    def expect(self, *keywords: str) -> None:
        if not self.takes(*keywords):
            raise misread(f'Encountered "{self.next(" ".join(keywords))}" where {" ".join(keywords)} was expected.')

    def listed(self, wanted: str) -> list[str]:
        """Words with commas between them."""
        found = [self.next(wanted)]
        while self.takes(","):
            found.append(self.next(wanted))
        return found

    def number(self, most: int) -> int:
        word = self.next("a number")
        if not word.isdigit():
            raise misread(f'Encountered "{word}" where a number was expected.')
        if int(word) < 1:
            raise invalid(f"value {word} is too small. Min allowed value is 1")
        if int(word) > most:
            raise invalid(f"value {word} is too large. Max allowed value is {most}")
        return int(word)


def parse(text: str) -> Query:
    words = _Words(text)
    words.expect("SELECT")
    is_count = words.takes("COUNT", "(", "*", ")")
    selected = [] if is_count else words.listed("a property")
    words.expect("FROM")
    given = words.next("an entity")
    entity = next((name for name in PROPERTIES if name.lower() == given.lower()), None)
    if entity is None:
        raise invalid(f"invalid context declaration: {given}")
    names = [_selected(entity, name) for name in selected if name != "*"]
    query = Query(entity, is_count, [] if "*" in selected else names)
    if words.takes("WHERE"):
        query.conditions.append(_condition(words, entity))
        while words.takes("AND"):
            query.conditions.append(_condition(words, entity))
    if words.takes("ORDERBY") or words.takes("ORDER", "BY"):
        query.order.append(_ordering(words, entity))
        while words.takes(","):
            query.order.append(_ordering(words, entity))
    while words.words:  # in either order
        if words.takes("STARTPOSITION"):
            query.start = words.number(10**9)
        elif words.takes("MAXRESULTS"):
            query.most = words.number(MOST)
        else:
            raise misread(f'Encountered "{words.words[-1]}" at the end of the statement.')
    return query


def _selected(entity: str, given: str) -> str:
    name = PROPERTIES[entity].shown.get(given.lower())
    if name is None:
        raise invalid(f"Property {given} not found for Entity {entity}")
    return name


def _asked(entity: str, given: str) -> str:
    name = PROPERTIES[entity].asked.get(given.lower())
    if name is None:
        raise invalid(f"property '{_selected(entity, given)}' is not queryable")
    return name


def _condition(words: _Words, entity: str) -> Condition:
    given, test = words.next("a property"), words.next("an operator").upper()
    if test not in (*TESTS, "LIKE", "IN"):
        raise misread(f'Encountered "{test}" where an operator was expected.')
    if test == "IN":
        words.expect("(")
        values = words.listed("a value")
        words.expect(")")
    else:
        values = [words.next("a value")]
    name, texts = _asked(entity, given), [_text(value) for value in values]
    if test == "LIKE":
        return Condition(name, test, [_pattern(text) for text in texts])
    return Condition(name, test, [None if text == NO_VALUE else comparable(name, text) for text in texts])


def _text(word: str) -> str:
    if word.startswith("'"):
        return re.sub(r"\\(.)", r"\1", word[1:-1])
    if word.lower() in ("true", "false") or NUMBER.fullmatch(word):
        return word.lower()
    raise misread(f'Encountered "{word}" where a value was expected.')


def _ordering(words: _Words, entity: str) -> tuple[str, bool]:
    name = _asked(entity, words.next("a property"))
    if name in UNSORTED:
        raise invalid(f"property '{name}' is not sortable")
    is_falling = words.takes("DESC")
    if not is_falling:
        words.takes("ASC")
    return name, is_falling

"""QuickBooks' query language, as much of it as a loader asks: all or some properties or a count, of one entity, with
conditions.

Belongs here: which words are allowed and which records meet them. Does not: the records (render.py), the answer
(api.py). There is no OR, no join and no function but count(*).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

from sandbox.transport import Refusal

MOST, USUAL = 1_000, 100
WORDS = re.compile(r"\s*(?:('(?:\\.|[^'\\])*')|(<=|>=|=|<|>|\(|\)|,|\*)|([A-Za-z0-9_.:+-]+))")
TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda one, other: one == other,
    "<": lambda one, other: one < other,
    ">": lambda one, other: one > other,
    "<=": lambda one, other: one <= other,
    ">=": lambda one, other: one >= other,
}
INSTANTS = ("MetaData.CreateTime", "MetaData.LastUpdatedTime")
Document = dict[str, Any]


def fault(message: str, detail: str, code: str) -> Refusal:
    error = {"Message": message, "Detail": detail, "code": code}
    return Refusal(400, document={"Fault": {"Error": [error], "type": "ValidationFault"}})


def misread(words: str) -> Refusal:
    return fault("Error parsing query", f"QueryParserError: {words}", "4000")


def invalid(words: str) -> Refusal:
    return fault("Invalid query", f"QueryValidationError: {words}", "4001")


@dataclass(slots=True)
class Query:
    entity: str
    is_count: bool
    properties: list[str] = field(default_factory=list)  # all where none is named
    conditions: list[tuple[str, str, list[str]]] = field(default_factory=list)
    order: list[tuple[str, bool]] = field(default_factory=list)  # the field, and whether the greatest is first
    start: int = 1
    most: int = USUAL

    def asks(self, name: str) -> bool:
        return any(known == name for known, _, _ in self.conditions)

    def shown(self, document: Document) -> Document:
        """As much of a document as was asked for; where that is not all, it says so."""
        if not self.properties:
            return document
        chosen = {name: value for name, value in document.items() if name in ("domain", *self.properties)}
        return chosen | {"sparse": True}

    def meets(self, document: Document) -> bool:
        return all(_meets(document, *condition) for condition in self.conditions)

    def sorted(self, documents: Sequence[Document]) -> list[Document]:
        found = list(documents)
        for name, is_falling in reversed(self.order):
            found.sort(key=lambda document: _comparable(name, _value(document, name)), reverse=is_falling)
        return found


def _value(document: Document, name: str) -> str:
    value: Any = document
    for part in name.split("."):
        if not isinstance(value, dict) or part not in value:
            return ""
        value = value[part]
    return str(value).lower() if isinstance(value, bool) else str(value)


def _comparable(name: str, text: str) -> Any:
    """Instants are compared as instants, whatever offset they are written with; ids as numbers."""
    try:
        if name in INSTANTS:
            return datetime.fromisoformat(text).timestamp()
        if name == "Id":
            return int(text)
    except ValueError:
        raise invalid(f"Invalid value {text!r} for {name}") from None
    return text


def _meets(document: Document, name: str, test: str, values: list[str]) -> bool:
    found = _value(document, name)
    if test == "LIKE":
        return fnmatchcase(found.lower(), values[0].lower().replace("[", "[[]").replace("%", "*"))
    if test == "IN":
        return any(_comparable(name, found) == _comparable(name, value) for value in values)
    return TESTS[test](_comparable(name, found), _comparable(name, values[0]))


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

    def text(self) -> str:
        word = self.next("a value")
        if word.startswith("'"):
            return re.sub(r"\\(.)", r"\1", word[1:-1])
        if word.lower() in ("true", "false") or word.isdigit():
            return word.lower()
        raise misread(f'Encountered "{word}" where a value was expected.')

    def number(self, most: int) -> int:
        word = self.next("a number")
        if not word.isdigit() or not 1 <= int(word) <= most:
            raise misread(f'Encountered "{word}" where a number from 1 to {most} was expected.')
        return int(word)


def parse(text: str, entities: Sequence[str]) -> Query:
    words = _Words(text)
    words.expect("SELECT")
    is_count = words.takes("COUNT", "(", "*", ")")
    properties: list[str] = []
    if not is_count and not words.takes("*"):
        properties.append(words.next("a property"))
        while words.takes(","):
            properties.append(words.next("a property"))
    words.expect("FROM")
    given = words.next("an entity")
    entity = next((name for name in entities if name.lower() == given.lower()), None)
    if entity is None:
        raise invalid(f"invalid context declaration: {given}")
    query = Query(entity, is_count, properties)
    if words.takes("WHERE"):
        query.conditions.append(_condition(words))
        while words.takes("AND"):
            query.conditions.append(_condition(words))
    if words.takes("ORDERBY") or words.takes("ORDER", "BY"):
        query.order.append(_ordering(words))
        while words.takes(","):
            query.order.append(_ordering(words))
    while words.words:  # in either order
        if words.takes("STARTPOSITION"):
            query.start = words.number(10**9)
        elif words.takes("MAXRESULTS"):
            query.most = words.number(MOST)
        else:
            raise misread(f'Encountered "{words.words[-1]}" at the end of the statement.')
    return query


def _condition(words: _Words) -> tuple[str, str, list[str]]:
    name, test = words.next("a property"), words.next("an operator").upper()
    if test == "IN":
        words.expect("(")
        values = [words.text()]
        while words.takes(","):
            values.append(words.text())
        words.expect(")")
        return name, test, values
    if test not in (*TESTS, "LIKE"):
        raise misread(f'Encountered "{test}" where an operator was expected.')
    return name, test, [words.text()]


def _ordering(words: _Words) -> tuple[str, bool]:
    name = words.next("a property")
    is_falling = words.takes("DESC")
    if not is_falling:
        words.takes("ASC")
    return name, is_falling

"""The small parts that all of Stripe's objects share.

Belongs here: lists, instants, an object that keeps the record that it shows. Does not: any kind of object (render.py,
money.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

Document = dict[str, Any]
EMBEDDED = 10
NO_ADDRESS = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


class Shown(Document):
    """A document that keeps its record, for what comes with it only where it is expanded."""

    def __init__(self, document: Document, record: Any) -> None:
        super().__init__(document)
        self.record = record


def seconds(at: int | None) -> int | None:
    return None if at is None else at // 1000


def number(value: Decimal | None) -> int | float | None:
    """A percentage, which the vendor writes as a JSON number."""
    return None if value is None else int(value) if value == int(value) else float(value)


def listed(url: str, data: Sequence[Any], has_more: bool) -> Document:
    return {"object": "list", "data": list(data), "has_more": has_more, "url": url}


def embedded(url: str, data: Sequence[Any]) -> Document:
    return listed(url, data[:EMBEDDED], len(data) > EMBEDDED)


def absent(*names: str) -> Document:
    return dict.fromkeys(names)

"""How a row of the company's files is found for a key on a day.

Belongs here: what figures of several sources ask of the files. Does not: any figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fnmatch import fnmatchcase

UNMAPPED, UNALLOCATED = "UNMAPPED", "UNALLOCATED"
COMPANY = "COMPANY"
MATCHES: dict[str, Callable[[str, str], bool]] = {"exact": str.__eq__, "prefix": str.startswith, "glob": fnmatchcase}


def is_valid(row: dict[str, str], day: date) -> bool:
    today = day.isoformat()
    return row["valid_from"] <= today and (not row["valid_to"] or today < row["valid_to"])


def described(products: Iterable[dict[str, str]], product_id: str, day: date) -> dict[str, str] | None:
    """The catalogue's row of a product that holds on a day."""
    return next((row for row in products if row["product_id"] == product_id and is_valid(row, day)), None)


def above(products: Sequence[dict[str, str]], product_id: str, day: date) -> list[str]:
    """A product and what is above it on a day, nearest first."""
    found = [product_id]
    row = described(products, product_id, day)
    while row is not None and row["parent_id"]:
        found.append(row["parent_id"])
        row = described(products, row["parent_id"], day)
    return found


def portfolio(products: Sequence[dict[str, str]], product_id: str, day: date) -> str | None:
    """The portfolio that a product belongs to on a day, or is."""
    for node in above(products, product_id, day):
        row = described(products, node, day)
        if row is not None and row["level"] == "portfolio":
            return node
    return None


def counts_to(products: Sequence[dict[str, str]], product_id: str, day: date) -> list[str]:
    """All rows that something of a product counts in: its own and those above; UNALLOCATED where only a portfolio is
    known; the company's."""
    found = above(products, product_id, day)
    no_product = all(is_portfolio(products, node) for node in found)
    return [*found, *([UNALLOCATED] if no_product else []), COMPANY]


def is_part(products: Sequence[dict[str, str]], product_id: str, day: date) -> bool:
    """Whether a product's row, with all below it, is one of those that add up to the company on a day: no portfolio,
    and in no other product."""
    own, *over = above(products, product_id, day)
    return own != COMPANY and not is_portfolio(products, own) and all(is_portfolio(products, node) for node in over)


def is_portfolio(products: Iterable[dict[str, str]], product_id: str) -> bool:
    """By any row of the catalogue: a product is one too on days that no row describes."""
    return any(row["product_id"] == product_id and row["level"] == "portfolio" for row in products)


def strongest(rows: Iterable[dict[str, str]], names: Sequence[str], day: date) -> list[dict[str, str]]:
    """The rows of the strongest match for a thing of several names: exact, else the longest prefix, else a pattern."""
    valid = [row for row in rows if is_valid(row, day)]
    exact = [row for row in valid if row["match"] == "exact" and row["key"] in names]
    prefixed = [row for row in valid if row["match"] == "prefix" and any(name.startswith(row["key"]) for name in names)]
    longest = max((len(row["key"]) for row in prefixed), default=0)
    patterned = [
        row for row in valid if row["match"] == "glob" and any(fnmatchcase(name, row["key"]) for name in names)
    ]
    if len({row["key"] for row in patterned}) > 1:
        raise ValueError(f"several patterns match {', '.join(names)}: the definition does not say which holds")
    return exact or [row for row in prefixed if len(row["key"]) == longest] or patterned

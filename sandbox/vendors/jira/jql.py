"""The part of JQL that a loader needs: restrictions joined by AND, and ORDER BY.

Belongs here: how Jira reads a query. A date without an offset is read at minute precision on the wall clock of the API
user; an hour that this clock shows twice, or skips, is read as the later of its two instants.
Does not: paging (api.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.company.work.site import PROJECTS
from sandbox.company.work.state import Issue
from sandbox.timestamps import DAY, HOUR, MINUTE, ms, zone

TOKEN = re.compile(r"""\s*(?:(?P<text>"[^"]*"|'[^']*')|(?P<sign><=|>=|!=|=|<|>|\(|\)|,)|(?P<word>[^\s"'<>=!(),]+))""")
RELATIVE = re.compile(r"[-+]\d+[mhdw]\b")
SPANS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
DATE_FORMS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
KEY_ORDER = {key: place for place, key in enumerate(sorted(PROJECTS))}
SORTS: dict[str, Callable[[Issue], Any]] = {
    "updated": lambda issue: issue.updated,
    "created": lambda issue: issue.created,
    "id": lambda issue: issue.id,
    "key": lambda issue: (KEY_ORDER[issue.values["project"]], int(issue.key.rsplit("-", 1)[1])),
}
NAMES = {"issuekey": "key", "issue": "key", "updateddate": "updated", "createddate": "created"}


class JqlError(Exception):
    """What Jira answers with 400."""


@dataclass(frozen=True, slots=True)
class JqlQuery:
    restrictions: tuple[Callable[[Issue], bool], ...]
    order: tuple[tuple[str, bool], ...]  # field, descending

    def accepts(self, issue: Issue) -> bool:
        return all(restriction(issue) for restriction in self.restrictions)

    def position(self, issue: Issue) -> tuple[int, ...]:
        """Where an issue stands in the order, as numbers that sort ascending; the id makes it unique."""
        found: list[int] = []
        for name, descending in self.order:
            value = SORTS[name](issue)
            numbers = value if isinstance(value, tuple) else (value,)
            found += [-number if descending else number for number in numbers]
        return (*found, issue.id)


def instant(text: str, zone_name: str, now: int) -> int:
    """The instant a JQL date names: milliseconds since 1970, `-15m` from now, or the API user's wall clock."""
    if re.fullmatch(r"\d{10,}", text):
        return int(text)
    if relative := re.fullmatch(r"([+-]?)(\d+)([mhdw])", text):
        sign, count, unit = relative.groups()
        return now + (-1 if sign == "-" else 1) * int(count) * SPANS[unit]
    for form in DATE_FORMS:
        try:
            wall = datetime.strptime(text, form).replace(tzinfo=zone(zone_name))
        except ValueError:
            continue
        return max(ms(wall.replace(fold=fold)) for fold in (0, 1))
    raise JqlError(
        f"Date value '{text}' for field 'updated' is invalid. Valid formats include: 'yyyy/MM/dd HH:mm', "
        "'yyyy-MM-dd HH:mm', 'yyyy/MM/dd', 'yyyy-MM-dd', or a period format e.g. '-5d', '4w 2d'."
    )


def parse(jql: str, zone_name: str, now: int) -> JqlQuery:
    words = _words(jql)
    lowered = [word.lower() for word in words]
    cut = next((at for at in range(len(words) - 1) if lowered[at : at + 2] == ["order", "by"]), len(words))
    restrictions = []
    clause: list[str] = []
    for word in [*words[:cut], "and"]:
        if word.lower() == "and":
            if clause:
                restrictions.append(_restriction(clause, zone_name, now))
            elif restrictions or cut:
                raise JqlError("Error in the JQL Query: Expecting either a value, list or function but got 'AND'.")
            clause = []
        else:
            clause.append(word)
    if not restrictions:
        raise JqlError("Unbounded JQL queries are not allowed here. Please add a search restriction to your query.")
    return JqlQuery(tuple(restrictions), _order(words[cut + 2 :]))


def _words(jql: str) -> list[str]:
    words, at = [], 0
    text = jql.strip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            raise JqlError(f"Error in the JQL Query: The character '{text[at]}' is a reserved JQL character.")
        words.append(found.group().strip())
        at = found.end()
    return words


def _plain(word: str) -> str:
    return word[1:-1] if word[:1] in "\"'" and word[:1] else word


def _restriction(clause: list[str], zone_name: str, now: int) -> Callable[[Issue], bool]:
    if len(clause) < 3:
        raise JqlError("Error in the JQL Query: Expecting operator but got the end of the query.")
    name, rest = clause[0].lower().strip("\"'"), clause[1:]
    name = NAMES.get(name, name)
    negated = rest[0].lower() == "not"
    operator, *given = rest[1:] if negated else rest
    values = [_plain(word) for word in given if word not in "(),"]
    if name in ("updated", "created") and operator in COMPARE and len(values) == 1:
        wanted, compare = instant(values[0], zone_name, now), COMPARE[operator]
        return lambda issue: compare(SORTS[name](issue), wanted)
    if name == "id" and operator in COMPARE and len(values) == 1 and values[0].isdigit():
        number, compare = int(values[0]), COMPARE[operator]
        return lambda issue: compare(issue.id, number)
    if name in ("project", "key", "id") and operator.lower() in ("=", "!=", "in"):
        accepted = {value.upper() for value in values}
        wants = not (negated or operator == "!=")
        read = _project_names if name == "project" else _issue_names
        return lambda issue: bool(accepted & read(issue)) == wants
    if name in ("project", "key", "id", "updated", "created"):
        raise JqlError(f"The operator '{operator}' is not supported by the '{name}' field.")
    raise JqlError(f"Field '{clause[0]}' does not exist or you do not have permission to view it.")


def _project_names(issue: Issue) -> set[str]:
    project = PROJECTS[issue.values["project"]]
    return {project.key, issue.key.rpartition("-")[0], project.id, project.name.upper()}


def _issue_names(issue: Issue) -> set[str]:
    return {str(issue.id), *issue.keys}


def _order(words: list[str]) -> tuple[tuple[str, bool], ...]:
    found: list[tuple[str, bool]] = []
    for word in words:
        lowered = NAMES.get(word.lower(), word.lower())
        if lowered in ("asc", "desc") and found:
            found[-1] = (found[-1][0], lowered == "desc")
        elif lowered in SORTS:
            found.append((lowered, False))
        elif word != ",":
            raise JqlError(f"Not able to sort using field '{word}'.")
    if len(found) > 7:
        raise JqlError("The ORDER BY clause can contain at most 7 fields.")
    return tuple(found) or (("id", True),)

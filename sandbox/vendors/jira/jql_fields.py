"""What JQL's fields and values mean on this site, and whether an issue fits a query.

Belongs here: which fields there are, their operators, how a value is looked up, what an empty field does: it fits
neither `=` nor `!=`, whatever NOT stands before it (Atlassian's reference of operators). Does not: how a query is
written (jql.py), dates (jql_dates.py), functions (jql_functions.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from sandbox.company.work import site
from sandbox.company.work.state import Issue, World
from sandbox.timestamps import HOUR, MINUTE, SECOND, local_date, midnight
from sandbox.vendors.jira.jql import (
    AnyOf,
    Clause,
    Empty,
    Function,
    JqlError,
    Node,
    Not,
    Operand,
    Several,
    Value,
    parse,
)
from sandbox.vendors.jira.jql_dates import PERIOD, instant
from sandbox.vendors.jira.jql_functions import FUNCTIONS
from sandbox.vendors.jira.render import CATEGORIES, PRIORITIES, team_id

EQUAL = frozenset({"=", "!=", "in", "not in", "is", "is not"})
ORDERED = EQUAL | {"<", "<=", ">", ">="}
TEXT = frozenset({"~", "!~", "is", "is not"})
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}
KEY_ORDER = {key: place for place, key in enumerate(sorted(site.PROJECTS))}
WORKING = {"m": MINUTE, "h": HOUR, "d": 8 * HOUR, "w": 40 * HOUR}
"""A working day has eight hours, a working week five days."""
Fits = Callable[[Issue], bool | None]
"""True, False, or None where the field is empty: then neither a clause nor its negation fits."""
Sorted = Callable[[Issue], Iterable[int | float | str]]


@dataclass(frozen=True, slots=True)
class Field:
    """``of``: its values in an issue, none where it is empty. ``read``: those that a text stands for, none where it is
    unknown. ``kind``: which functions fit. ``rank``: what `<` compares, where both agree in its first part."""

    kind: str
    operators: frozenset[str]
    of: Callable[[Issue], Iterable[Any]]
    read: Callable[[str], set[Any]] = lambda text: {text}
    position: Sorted | None = None
    rank: Callable[[Any], tuple[Any, Any]] = lambda value: (None, value)


@dataclass(frozen=True, slots=True)
class Search:
    """A query as this site reads it now. ``moves``: it reads otherwise as time goes on."""

    fits: Fits
    order: tuple[tuple[Sorted, bool], ...]
    moves: bool

    def accepts(self, issue: Issue) -> bool:
        return self.fits(issue) is True

    def position(self, issue: Issue) -> tuple[int | float, ...]:
        """Where an issue stands in the order, as numbers that sort ascending; the id makes it unique. What is empty
        stands behind everything else, and before it in a descending order."""
        found: list[int | float] = []
        for position, descending in self.order:
            values = [number for value in position(issue) for number in _numbers(value)]
            found += [-number if descending else number for number in ([0, *values] if values else [1])]
        return (*found, issue.id)


def _numbers(value: int | float | str) -> list[int | float]:
    """A text as numbers in its order: its end comes before every character."""
    return [*(ord(character) + 1 for character in value.lower()), 0] if isinstance(value, str) else [value]


def search(jql: str, world: World, zone: str, hidden: frozenset[str]) -> Search:
    """Reads a query for the API user, to whom the issues of some projects are ``hidden``."""
    query, known = parse(jql), Site(world, zone, hidden)
    fits = known.node(query.where)
    order = tuple((known.sorted(name), descending) for name, descending in query.order)
    return Search(fits, order or ((_by_number, True),), known.moves)


class Site:
    """The site as a query sees it at one instant."""

    def __init__(self, world: World, zone: str, hidden: frozenset[str]) -> None:
        self.world, self.zone, self.hidden, self.now = world, zone, hidden, world.now
        self.company, self.people = world.company, world.company.people
        self.moves = False
        self.fields = self._fields()

    # -- whether an issue fits

    def node(self, node: Node) -> Fits:
        if isinstance(node, Clause):
            return self.clause(node)
        if isinstance(node, Not):
            negated = self.node(node.node)
            return lambda issue: None if (found := negated(issue)) is None else not found
        several, decides = [self.node(one) for one in node.nodes], isinstance(node, AnyOf)

        def fits(issue: Issue) -> bool | None:
            found = [one(issue) for one in several]
            return decides if decides in found else None if None in found else not decides

        return fits

    def field(self, name: str) -> Field:
        field = self.fields.get(name.lower())
        if field is None:
            raise JqlError(f"Field '{name}' does not exist or you do not have permission to view it.")
        return field

    def sorted(self, name: str) -> Sorted:
        field = self.fields.get(name.lower())
        if field is None or field.position is None:
            raise JqlError(f"Not able to sort using field '{name}'.")
        return field.position

    def clause(self, clause: Clause) -> Fits:
        name, operator, field = clause.field, clause.operator, self.field(clause.field)
        operand = self._unresolved(field, clause.operand)
        if operator not in field.operators:
            raise JqlError(f"The operator '{operator}' is not supported by the '{name}' field.")
        if operator.startswith("is") and not isinstance(operand, Empty):
            raise JqlError(f"The operator '{operator}' supports only EMPTY, and not the value '{operand}'.")
        is_negated = operator in ("!=", "not in", "!~", "is not")
        if operator in ("~", "!~"):
            return partial(_says, field, self._words(name, operand), is_negated)
        takes_list, is_list = operator.endswith("in"), _is_list(operand)
        if takes_list != is_list and not isinstance(operand, Empty):
            kind = "list" if is_list else "non-list"
            raise JqlError(f"Operator '{operator}' does not support the {kind} value '{operand}' for field '{name}'.")
        given = operand.operands if isinstance(operand, Several) else (operand,)
        wanted: set[Any] = set().union(*(self.values(name, field, one) for one in given))
        with_empty = any(isinstance(self._unresolved(field, one), Empty) for one in given)
        if operator not in COMPARE:
            return partial(_holds, field, wanted, with_empty, is_negated)
        if with_empty:
            raise JqlError(f"The operator '{operator}' does not support searching for EMPTY values.")
        return partial(_compares, field, COMPARE[operator], [field.rank(value) for value in wanted])

    def values(self, name: str, field: Field, operand: Operand) -> set[Any]:
        """What an operand stands for in a field."""
        if isinstance(operand, Several):
            return set().union(*(self.values(name, field, one) for one in operand.operands))
        if isinstance(operand, Function):
            return self._called(name, field, operand)
        if isinstance(self._unresolved(field, operand), Empty):
            return set()
        text = str(operand)
        if field.kind == "date":
            self.moves |= PERIOD.fullmatch(text) is not None
            return {instant(text, self.zone, self.now, name)}
        if found := field.read(text):
            return found
        if field.kind == "issue" and not text.isdigit():
            raise JqlError(f"An issue with key '{text}' does not exist for field '{name}'.")
        what = "A value with ID" if text.isdigit() else "The value"
        raise JqlError(f"{what} '{text}' does not exist for the field '{name}'.")

    def _called(self, name: str, field: Field, call: Function) -> set[Any]:
        function = FUNCTIONS.get(call.name.lower())
        if function is None:
            raise JqlError(f"Unable to find JQL function '{call}'.")
        if function.kind != field.kind:
            raise JqlError(f"A value provided by the function '{call.name}' is invalid for the field '{name}'.")
        least, most = function.arguments
        if not least <= len(call.arguments) <= most:
            expected = str(least) if least == most else f"{least} to {most}"
            received = len(call.arguments)
            raise JqlError(f"Function '{call.name}' expected '{expected}' arguments but received '{received}'.")
        self.moves |= function.kind == "date"
        return function.gives(self, *call.arguments)

    def _unresolved(self, field: Field, operand: Operand) -> Operand:
        is_unresolved = field.kind == "resolution" and str(operand).lower() == "unresolved"
        return Empty() if is_unresolved else operand

    def _words(self, name: str, operand: Operand) -> list[list[str]]:
        """What a text must say: each term is a word, or words in a row; `*` and `?` stand for what is left out."""
        terms = re.findall(r'"([^"]*)"|(\S+)', str(operand).lower()) if isinstance(operand, Value) else []
        found = [words for quoted, word in terms if (words := re.findall(r"[\w*?]+", quoted or word))]
        if not found:
            raise JqlError(f"The field '{name}' does not support searching for '{operand}'.")
        return found

    # -- the fields

    def _fields(self) -> dict[str, Field]:
        """By each of their names in lower case."""
        known, values = self.company.fields, _of_value
        issue = Field("issue", ORDERED, lambda i: (i.id,), self.issues, _by_key, self._key_rank)
        user = partial(Field, "user", EQUAL, read=self.users)
        date = partial(Field, "date", ORDERED)
        number = partial(Field, "number", ORDERED, read=_number)
        length = partial(Field, "length", ORDERED, read=_length)
        text = partial(Field, "text", TEXT)
        people = {person.account_id: person.name for person in self.people}
        kinds = {kind.id: [kind.name, site.shown(kind.name, self.company.language)] for kind in site.TYPES.values()}
        statuses = {key: [state["name"]] for key, state in self.world.site["status"].items()}
        priorities = {key: [name] for key, name in PRIORITIES.items()}
        resolutions = {key: [n, site.shown(n, self.company.language)] for key, n in site.RESOLUTIONS.items()}
        categories = {
            key: [key, str(identity), name, site.shown(name, self.company.language)]
            for key, (identity, name, _) in CATEGORIES.items()
        }
        sprints = {int(key): [state["name"]] for key, state in self.world.site["sprint"].items()}
        components = {one.id: [one.name] for one in site.COMPONENTS}
        versions = {one.id: [one.name] for one in site.VERSIONS}
        teams = {name: [name, team_id(name)] for name in self.teams()}
        owner = Field("issue", EQUAL, _owner, self.issues)
        sprint = Field(
            "sprint", EQUAL, lambda i: i.values["sprints"], _named(sprints), lambda i: i.values["sprints"][-1:]
        )
        none: Callable[[Issue], tuple[Any, ...]] = lambda i: ()  # noqa: E731
        version = Field("version", ORDERED, none, _named(versions), none, lambda one: (None, int(one)))
        fields = {
            ("key", "issue", "issuekey"): issue,
            ("id",): replace(issue, position=_by_number),
            ("project",): Field("project", EQUAL, values("project"), self.projects, lambda i: (_project_order(i),)),
            ("issuetype", "type"): Field("type", EQUAL, values("type"), _named(kinds), _by_id("type")),
            ("status",): Field("status", EQUAL, values("status"), _named(statuses), _by_id("status")),
            ("statuscategory",): Field("category", EQUAL, self._category, _named(categories)),
            ("priority",): Field(
                "priority",
                ORDERED,
                values("priority"),
                _named(priorities),
                lambda i: (-int(i.values["priority"]),),
                lambda one: (None, -int(one)),
            ),
            ("resolution",): Field(
                "resolution", ORDERED, values("resolution"), _named(resolutions), _by_id("resolution")
            ),
            ("assignee",): user(of=values("assignee"), position=lambda i: _some(people.get(i.values["assignee"]))),
            ("reporter",): user(of=lambda i: (i.author,), position=lambda i: (people[i.author],)),
            ("creator",): user(of=lambda i: (i.author,), position=lambda i: (people[i.author],)),
            ("voter",): user(of=none),
            ("labels",): Field("label", EQUAL, lambda i: i.values["labels"], position=lambda i: i.values["labels"]),
            ("parent",): owner,
            ("sprint",): sprint,
            ("component",): Field("component", EQUAL, none, _named(components)),
            ("fixversion",): version,
            ("affectedversion",): version,
            ("created", "createddate"): date(of=lambda i: (i.created,), position=lambda i: (i.created,)),
            ("updated", "updateddate"): date(of=lambda i: (i.updated,), position=lambda i: (i.updated,)),
            ("resolved", "resolutiondate"): date(of=_resolved, position=_resolved),
            ("due", "duedate"): date(of=none, position=none),
            ("lastviewed",): date(of=none, position=none),
            ("statuscategorychangeddate",): date(
                of=lambda i: (i.category_since,), position=lambda i: (i.category_since,)
            ),
            ("timespent",): length(of=_spent),
            ("originalestimate", "timeoriginalestimate"): length(of=none),
            ("remainingestimate", "timeestimate"): length(of=none),
            ("workratio",): number(of=lambda i: (-1.0,)),
            ("votes",): number(of=lambda i: (0.0,)),
            ("watchers",): number(of=lambda i: (1.0,)),
            ("hierarchylevel",): number(of=lambda i: (float(site.TYPES[i.values["type"]].level),)),
            ("worklogauthor",): user(of=lambda i: {log.author for log in i.worklogs.values()}),
            ("worklogdate",): date(of=self._work_days),
            ("worklogcomment",): text(of=lambda i: [log.comment for log in i.worklogs.values()]),
            ("summary",): text(of=values("summary"), position=lambda i: (i.values["summary"],)),
            ("description",): text(of=_description),
            ("environment",): text(of=none),
            ("comment",): text(of=lambda i: [comment.text for comment in i.comments]),
            ("text",): text(
                of=lambda i: [i.values["summary"], *_description(i), *(comment.text for comment in i.comments)]
            ),
            ("attachments",): Field("attachment", frozenset({"is", "is not"}), none),
            ("category",): Field("project category", EQUAL, none, lambda text: set()),
            ("level",): Field("security level", EQUAL, none, lambda text: set()),
        }
        found = {name: field for names, field in fields.items() for name in names}
        custom = {
            known.sprint: sprint,
            known.team: Field("team", EQUAL, values("team"), _named(teams), lambda i: _some(i.values["team"])),
            known.epic_link: Field("issue", EQUAL, values("epic"), self.issues),
            known.points: number(of=self._points(False), position=self._points(False)),
            known.estimate: number(of=self._points(True), position=self._points(True)),
            known.rank: Field("rank", frozenset(), none, position=_by_number),
            known.old_team: Field("option", EQUAL, none, lambda text: set()),
            **dict.fromkeys(site.EMPTY_FIELDS, text(of=none)),
        }
        for key, title, _schema in site.field_list(known):
            if key in custom:
                for name in (f"cf[{key.rpartition('_')[2]}]", title, site.shown(title, self.company.language)):
                    found.setdefault(name.lower(), custom[key])
        return found

    def issues(self, text: str) -> set[int]:
        number = int(text) if text.isdigit() else self.world.by_key.get(text.upper())
        issue = None if number is None else self.world.issues.get(number)
        return set() if issue is None or issue.values["project"] in self.hidden else {issue.id}

    def projects(self, text: str) -> set[str]:
        """An archived project is known, though no search shows its issues."""
        states = self.world.site["project"]
        return {
            project.key
            for project in site.PROJECTS.values()
            if (state := states.get(project.id)) is not None
            and (project.key not in self.hidden or state["archived"])
            and not project.private
            and text.upper() in (project.id, project.key, state["key"], state["name"].upper())
        }

    def users(self, text: str) -> set[str]:
        """By account id, or by the name that is shown."""
        states = self.world.site["user"]
        return {
            person.account_id
            for person in self.people
            if text in (person.account_id, states[person.account_id]["name"])
        }

    def teams(self) -> set[str]:
        return {team for issue in self.world.issues.values() if (team := issue.values["team"]) is not None}

    def _category(self, issue: Issue) -> tuple[str]:
        state = self.world.site["status"].get(issue.values["status"])
        return (site.STATUSES[issue.values["status"]][1] if state is None else state["category"],)

    def _points(self, team_managed: bool) -> Callable[[Issue], tuple[float, ...]]:
        return lambda issue: (
            _some(issue.values["points"]) if site.PROJECTS[issue.values["project"]].team_managed is team_managed else ()
        )

    def _work_days(self, issue: Issue) -> set[int]:
        """The days on which work was begun, each by its first instant on the user's clock."""
        return {midnight(local_date(log.started, self.zone), self.zone) for log in issue.worklogs.values()}

    def _key_rank(self, issue_id: int) -> tuple[str, int]:
        project, _, number = self.world.issues[issue_id].key.rpartition("-")
        return project, int(number)


# -- values of an issue, values that a text names, and how the two are compared


def _some(value: Any) -> tuple[Any, ...]:
    return () if value is None else (value,)


def _of_value(name: str) -> Callable[[Issue], tuple[Any, ...]]:
    return lambda issue: () if issue.values[name] is None else (issue.values[name],)


def _spent(issue: Issue) -> tuple[int, ...]:
    return _some(sum(log.seconds * SECOND for log in issue.worklogs.values()) or None)


def _newest_sprint(issue: Issue) -> tuple[int, ...]:
    return tuple(issue.values["sprints"][-1:])


def _owner(issue: Issue) -> tuple[int, ...]:
    return _some(issue.values["parent"] or issue.values["epic"])


def _resolved(issue: Issue) -> tuple[int, ...]:
    return () if issue.values["resolution"] is None else (issue.resolved_at,)


def _description(issue: Issue) -> tuple[str, ...]:
    return tuple(text.removeprefix("plain:") for text in _of_value("description")(issue))


def _project_order(issue: Issue) -> int:
    return KEY_ORDER[issue.values["project"]]


def _by_number(issue: Issue) -> tuple[int]:
    return (issue.id,)


def _by_key(issue: Issue) -> tuple[int, int]:
    return _project_order(issue), int(issue.key.rpartition("-")[2])


def _by_id(name: str) -> Sorted:
    return lambda issue: [int(value) for value in _of_value(name)(issue)]


def _named(known: dict[Any, list[str]]) -> Callable[[str], set[Any]]:
    """Reads an id, or a name in any case; a name may be that of several."""
    return lambda text: {
        key for key, names in known.items() if text == str(key) or text.lower() in map(str.lower, names)
    }


def _number(text: str) -> set[float]:
    try:
        return {float(text)}
    except ValueError:
        return set()


def _length(text: str) -> set[int]:
    """A length of work such as `1d 4h`, in minutes where no unit is given."""
    if not re.fullmatch(r"(\d+[mhdw]?\s*)+", text):
        return set()
    return {sum(int(count) * WORKING[unit or "m"] for count, unit in re.findall(r"(\d+)([mhdw]?)", text))}


def _is_list(operand: Operand) -> bool:
    if isinstance(operand, Function):
        known = FUNCTIONS.get(operand.name.lower())
        return known is not None and known.gives_list
    return isinstance(operand, Several)


def _holds(field: Field, wanted: set[Any], with_empty: bool, is_negated: bool, issue: Issue) -> bool | None:
    own = set(field.of(issue))
    if not own:
        return with_empty is not is_negated if with_empty else None
    return bool(own & wanted) is not is_negated


def _compares(field: Field, compare: Callable[[Any, Any], bool], wanted: list[Any], issue: Issue) -> bool | None:
    own = [field.rank(value) for value in field.of(issue)]
    if not own:
        return None
    return any(a[0] == b[0] and compare(a[1], b[1]) for a in own for b in wanted)


def _says(field: Field, terms: list[list[str]], is_negated: bool, issue: Issue) -> bool | None:
    texts = [re.findall(r"\w+", text.lower()) for text in field.of(issue) if text]
    if not texts:
        return None
    return any(all(_in_a_row(words, term) for term in terms) for words in texts) is not is_negated


def _in_a_row(words: list[str], term: list[str]) -> bool:
    return any(
        all(fnmatchcase(word, pattern) for word, pattern in zip(words[at : at + len(term)], term, strict=True))
        for at in range(len(words) - len(term) + 1)
    )

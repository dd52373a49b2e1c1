"""What goes wrong on the way: a fault script says which request gets which fault, one table says what each fault does.

Belongs here: everything a network, a proxy or a vendor's bad day does to an answer, and the company changing while
somebody reads. Does not: what a vendor always does (sandbox/vendors).

A script is a list, in JSON or YAML:
  - {fault: status, path: search/jql, method: POST, nth: 2, count: 3, status: 429, retry_after: 1}
`path` is a regular expression found anywhere in the path, `query` one found in a value of the query string; `nth`
(from 1) the first matching request that is hit, `count` how many in a row (absent: one; `always`: all from there on),
`every` how far apart they are (absent: 1, each).
What else stands there is for the fault itself.
"""

from __future__ import annotations

import dataclasses
import inspect
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.faults import archives
from sandbox.faults.answers import RAW
from sandbox.faults.kinds import AFTER, BEFORE, Backend
from sandbox.transport import Call, Reply


def load(file: Path | str) -> list[dict[str, Any]]:
    """A fault script from a file; JSON is YAML too."""
    try:
        script = yaml.safe_load(Path(file).read_text("utf-8"))
    except yaml.YAMLError as error:
        raise ValueError(f"{file} is neither JSON nor YAML: {error}") from None
    if not isinstance(script, list):
        raise ValueError(f"{file}: a fault script is a list of rules")
    return script


def rules(script: Iterable[Mapping[str, Any]]) -> list[Rule]:
    return [Rule.read(given) for given in script]


@dataclass(slots=True)
class Rule:
    fault: str
    path: re.Pattern[str]
    query: re.Pattern[str] | None
    method: str | None
    source: str | None
    nth: int
    count: int | None
    every: int
    options: dict[str, Any] = dataclasses.field(default_factory=dict)
    seen: int = 0

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Rule:
        rest = dict(given)
        fault = str(rest.pop("fault", ""))
        if fault not in BEFORE and fault not in AFTER:
            raise ValueError(f"no fault is called {fault!r}; there are {', '.join(sorted({*BEFORE, *AFTER}))}")
        path, method, source = rest.pop("path", ""), rest.pop("method", None), rest.pop("source", None)
        nth, count, every = int(rest.pop("nth", 1)), rest.pop("count", 1), int(rest.pop("every", 1))
        asked = rest.pop("query", None)
        try:
            inspect.signature(BEFORE.get(fault) or AFTER[fault]).bind(None, None, **rest)
        except TypeError as problem:
            raise ValueError(f"the fault {fault!r} does not work like this: {problem}") from problem
        most, query = None if count == "always" else int(count), re.compile(asked) if asked else None
        return cls(fault, re.compile(path), query, method, source, nth, most, every, rest)

    def hits(self, call: Call) -> bool:
        if self.source not in (None, call.source) or self.method not in (None, call.method):
            return False
        if not self.path.search(call.path):
            return False
        values = (value for given in call.query.values() for value in given)
        if self.query is not None and not any(map(self.query.search, values)):
            return False
        self.seen += 1
        place, between = divmod(self.seen - self.nth, self.every)
        return place >= 0 and between == 0 and (self.count is None or place < self.count)

    def before(self, backend: Backend, call: Call) -> None:
        if self.fault in BEFORE:
            BEFORE[self.fault](backend, call, **self.options)

    def after(self, given: Reply, call: Call) -> Reply:
        if self.fault in AFTER:
            return AFTER[self.fault](given, call, **self.options)
        return given


__all__ = ["RAW", "Rule", "archives", "load", "rules"]

"""What was promised of epics and initiatives before work on them began, and when they were done.

The definitions:
- An item is an issue that is there now, that the company may see, and whose type stands above stories.
- Work on it begins with its own first step into progress, or with that of an item in it while it was not done; one that
  was begun elsewhere begins here when it comes. Of an item that nobody began it is when it was done.
- It is done since its last step into done, if it is done now.
- The promise is the last that was registered by then, of each metric of a product; one without a metric is of a day.
  A fix version promises its date. What was registered later is none; the last date that stood on the day before it was
  done is shown beside it.
- An item without a promise is there once.
Does not: what an effect was (planning/effects.py), what a cost is (epics.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from sandbox.company import Company
from sandbox.company.work import site
from sandbox.company.work.state import Issue
from sandbox.timestamps import ms, utc
from sandbox.truth.delivery import DeliveryFacts, spans

NONE, SOON = "NONE", timedelta(days=91)
Life = tuple[int | None, int | None]  # begun, done


class Roadmap:
    def __init__(self, company: Company, facts: DeliveryFacts) -> None:
        self.facts, self.today = facts, utc(facts.now).date()
        self.items = [one for one in facts.seen if site.TYPES[one.values["type"]].level > 0]
        self.lives: dict[int, Life] = {}
        for one in facts.seen:
            if site.TYPES[one.values["type"]].level == 0:
                begun, done = self.first(one, "indeterminate"), self.first(one, "done")
                self.lives[one.id] = begun, done
        for level in sorted({site.TYPES[one.values["type"]].level for one in self.items}):
            for one in self.items:
                if site.TYPES[one.values["type"]].level == level:
                    self.lives[one.id] = self.life(one)
        keys = {key: one for one in self.items for key in one.keys}
        self.promised: dict[int, list[dict[str, str]]] = defaultdict(list)
        self.named = 0
        self.rows_written = company.rows("promises", facts.now)
        for row in self.rows_written:
            if row["work_item"] in keys:
                self.promised[keys[row["work_item"]].id].append(row)
                self.named += 1
        dates = {one.id: one.released for one in site.VERSIONS}
        for one in self.items:
            for at, version in versions(one):
                written = f"{utc(at):%Y-%m-%dT%H:%M:%S.%fZ}"
                known = {"promise_id": f"version {version}", "date": dates[version], "registered_at": written}
                self.promised[one.id].append({"metric": "", "slice": "", "size": ""} | known)

    def steps(self, issue: Issue) -> list[tuple[int, str]]:
        return [(since, self.facts.category(status)) for since, _, status in spans(issue, "status")]

    def first(self, issue: Issue, category: str) -> int | None:
        return next((at for at, found in self.steps(issue) if found == category), None)

    def life(self, item: Issue) -> Life:
        steps = self.steps(item)
        done = None
        for (_, before), (at, after) in pairwise([(0, ""), *steps]):
            if after != "done":
                done = None
            elif before != "done":
                done = at
        began = [at for at in [self.first(item, "indeterminate"), *self.work_in(item)] if at is not None]
        return (min(began) if began else done), done

    def work_in(self, item: Issue) -> Iterable[int]:
        for other in self.facts.seen:
            begun, done = self.lives.get(other.id, (None, None))
            for since, until, above in spans(other, "epic") if begun is not None else ():
                if above == item.id and begun < until and (done is None or done > since):
                    yield max(begun, since)

    def coverage(self) -> dict[str, tuple[int, int]]:
        """Rows of promises.csv whose item there is."""
        return {"promise_item_coverage": (self.named, len(self.rows_written))}


def versions(item: Issue) -> Iterable[tuple[int, str]]:
    """Since when it is to be released in which version. The company's epics leave none, and no version's date moves:
    it would matter when that was read, and a truth knows nothing of loads."""
    for history in item.histories:
        for change in history.changes:
            if change.field == site.IN_VERSION:
                yield history.at, str(change.after[0])


def outcomes(known: Roadmap, costs: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of mart_roadmap_outcome; ``costs`` are those of mart_epic_cost."""
    spent: dict[str, Decimal] = defaultdict(Decimal)
    for row in costs:
        for item in {row["epic_id"], row["initiative_id"]}:
            spent[item] += Decimal(row["cost"])
    found = []
    for item in known.items:
        begun, done = known.lives[item.id]
        lines: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        for row in known.promised[item.id]:
            lines[row["metric"], row["slice"]].append(row)
        about = {
            "item_id": str(item.id),
            "item_key": item.key,
            "item_name": item.values["summary"],
            "item_level": "initiative" if site.TYPES[item.values["type"]].level > 1 else "epic",
            "is_complete": done is not None,
            "began_date": None if begun is None else known.facts.day(begun),
            "done_date": None if done is None else known.facts.day(done),
            "cost_to_date": str(spent[str(item.id)]) if str(item.id) in spent else None,
        }
        for rows in lines.values() or [[]]:
            found.append(about | promise(known, rows, begun, done))
    return found


def promise(known: Roadmap, rows: Sequence[Mapping[str, str]], begun: int | None, done: int | None) -> dict[str, Any]:
    ordered = sorted(rows, key=lambda row: (ms(row["registered_at"]), row["promise_id"]))
    in_time = [row for row in ordered if begun is None or ms(row["registered_at"]) <= begun]
    over = known.facts.day(done) if done is not None else None
    stood = [row for row in ordered if over is None or known.facts.day(ms(row["registered_at"])) < over]
    shown = in_time[-1] if in_time else ordered[0] if ordered else None
    due, latest = day(in_time[-1] if in_time else None), day(stood[-1] if stood else None)
    horizon = "later"
    if over:
        horizon = "done"
    elif begun is not None:
        horizon = "now"
    elif due and due <= known.today + SOON:
        horizon = "next"
    return {
        "promise_id": shown["promise_id"] if shown else NONE,
        "promise_reason": None if in_time else "registered_after_start" if ordered else "no_promise",
        "metric": (shown and shown["metric"]) or None,
        "promised_size": float(in_time[-1]["size"]) if in_time and in_time[-1]["size"] else None,
        "promised_date": due,
        "current_promised_date": latest,
        "horizon": horizon,
        "days_late": (over - due).days if over and due else None,
        "days_late_so_far": (known.today - due).days if not over and due and due < known.today else None,
        "days_late_against_current": (over - latest).days if over and latest else None,
    }


def day(row: Mapping[str, str] | None) -> date | None:
    return date.fromisoformat(row["date"]) if row and row["date"] else None

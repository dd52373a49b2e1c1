"""What working days were truly for: epic, initiative, key result, objective, and what they cost.

The definitions:
- Working days of people of engineering, product and design, contractors too, by share of full time: Monday to Friday
  without the holidays of their country. What somebody worked on in a period (effort.py, equal parts of items in
  progress) gets all of that person's days in a team and function, days of leave with them, largest remainders first.
- A rung is what stood there on the day: the epic of the item, the initiative (level 2) above the epic. What stands
  above an epic at its own level is none. Work in an initiative itself has no epic.
- The policy may say that initiatives which claim an epic by a link share its days equally with the parent, from the
  day of the link on, or always where that is not known.
- Key results are those of the epic itself where the company's file names it on the day, else those of the initiative. A
  row without days holds in the cycle of its key result. Rows without a share have equal parts of what the others leave;
  a rest that is nobody's is for no key result; more than the whole is brought down to it.
- The cost of an epic (epics.py) goes to teams and key results by the days of employees and interns.
- Of teams in which fewer than five people of these functions worked in a period, the rows are those of SMALL_TEAMS.
- Beside the row of a key result's own objective stands one, a roll-up, of each that it contributes to, once.
Does not: what of a day went into which item (effort.py), what epics cost (epics.py), links (dependencies.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from sandbox.timestamps import midnight
from sandbox.truth import goals, okr
from sandbox.truth.books import money
from sandbox.truth.delivery import held_before, spans
from sandbox.truth.dependencies import links
from sandbox.truth.effort import UNATTRIBUTED, Effort, largest_remainders
from sandbox.truth.epics import DEFAULT, EpicCosts
from sandbox.truth.headcount import worker_days
from sandbox.truth.maps import UNALLOCATED, UNMAPPED
from sandbox.truth.money import shared_out
from sandbox.truth.pay_shape import OVERHEAD
from sandbox.truth.standard import DEVELOPMENT

MILLION = 1_000_000
FEWEST, SMALL_TEAMS = 5, "SMALL_TEAMS"
Rungs = tuple[str, ...]
"""Epic, what stands above it, initiative that the days are for, key result."""
NO_RUNGS: Rungs = (UNATTRIBUTED, UNATTRIBUTED, UNATTRIBUTED, UNATTRIBUTED)
Person = tuple[str, str, str, str, bool]
"""Period, function, worker, team, and whether the person is one of the heads."""
Served = tuple[str, int | None, date, date]
"""Key result, given millionths, first day, day after the last."""
Cell = tuple[str, str, str, str, str, str]
"""Period, product, team, epic, initiative, key result."""


class Ladders:
    def __init__(self, known: EpicCosts) -> None:
        self.known, self.efforts = known, known.efforts
        self.company, self.now = known.company, known.now
        self.lives = {life.key_result_id: life for life in goals.lives(self.company, self.now, {})}
        self.served = self._served()
        self.claims: dict[int, list[tuple[date, int]]] = defaultdict(list)
        if self.company.policy.get("ladder_links") == "equal_split":
            self._claim()

    def _level(self, issue: int | str | None) -> int | None:
        found = self.efforts.issues.get(int(issue)) if issue and str(issue).isdecimal() else None
        return self.efforts.level(found) if found else None

    def _served(self) -> dict[str, list[Served]]:
        ids = {key: str(one.id) for one in self.efforts.issues.values() for key in one.keys}
        found: dict[str, list[Served]] = defaultdict(list)
        for row in self.company.rows("goal_links", self.now):
            life, item = self.lives.get(row["key_result_id"]), ids.get(row["work_item"])
            if life and item and (self._level(item) or 0) > 0:
                given = round(Fraction(row["share"]) * MILLION) if row["share"] else None
                days = goals.day_of(row["valid_from"], life.first), goals.day_of(row["valid_to"], life.end)
                found[item].append((life.key_result_id, given, *days))
        return found

    def _claim(self) -> None:
        for link in links(self.company, self.efforts.facts):
            by_level = {self._level(issue.id): issue.id for issue in (link.before, link.after)}
            if link.direction == "ladder" and by_level.keys() == {1, 2}:
                since = date.min if link.linked_at is None else self.efforts.facts.day(link.linked_at)
                self.claims[by_level[1]].append((since, by_level[2]))

    def coverage(self) -> dict[str, tuple[int, int]]:
        """Rows of goal_links.csv whose work and whose key result there are."""
        rows = self.company.rows("goal_links", self.now)
        levels = ((self._level(one.id) or 0, one) for one in self.efforts.issues.values())
        items = {key for level, one in levels if level > 0 for key in one.keys}
        known = [row["work_item"] in items and row["key_result_id"] in self.lives for row in rows]
        return {"goal_link_coverage": (sum(known), len(known))}

    # -- one day's work

    def place(self, row: Effort) -> tuple[str, str]:
        """The epic and what stands above it."""
        if row.item == UNATTRIBUTED:
            return UNATTRIBUTED, UNATTRIBUTED
        day, issue = row.worker.day, self.efforts.issues[int(str(row.item))]
        epic = self.efforts.epic(issue, day)
        if (self._level(epic) or 0) > 1:
            return UNMAPPED, str(epic)
        parent = self._parent(epic, day)
        is_none = parent is None or self._level(parent) in (-1, 0, 1)
        return str(epic or UNMAPPED), UNMAPPED if is_none else str(parent)

    def _parent(self, item: int | str | None, day: date) -> int | str | None:
        """What an issue is under at the end of a day."""
        issue = self.efforts.issues.get(int(item)) if item and str(item).isdecimal() else None
        end = midnight(date.fromordinal(day.toordinal() + 1), self.efforts.facts.zone)
        return held_before(spans(issue, "epic"), max(end, issue.created + 1)) if issue else None

    def nearest(self, initiative: str, day: date) -> dict[str, int]:
        """The shares of an initiative, or of the nearest above it that has any."""
        results = self.shares(initiative, day)
        while not results and (above := self._parent(initiative, day)) is not None:
            if (self._level(above) or 0) <= (self._level(initiative) or 0):
                break
            initiative = str(above)
            results = self.shares(initiative, day)
        return results

    def parts(self, place: tuple[str, str], day: date) -> dict[Rungs, int]:
        """Trillionths of a place's work by rungs."""
        epic, parent = place
        if epic == UNATTRIBUTED:
            return {NO_RUNGS: MILLION * MILLION}
        claimed = {str(who) for since, who in self.claims[int(epic)] if since <= day} if epic.isdecimal() else set()
        initiatives = {*claimed, *({parent} - {UNMAPPED})} or {UNMAPPED}
        found = {}
        for initiative, share in largest_remainders(dict.fromkeys(initiatives, 1)).items():
            results = self.shares(epic, day) or self.nearest(initiative, day)
            for name, part in results.items():
                found[epic, parent, initiative, name] = share * part
            if sum(results.values()) < MILLION:
                found[epic, parent, initiative, UNMAPPED] = share * (MILLION - sum(results.values()))
        return found

    def shares(self, item: str, day: date) -> dict[str, int]:
        """Millionths of an item's work by key result."""
        held: dict[str, int | None] = {}
        for name, given, first, after in self.served.get(item, ()):
            if first <= day < after:
                before = held.get(name)
                held[name] = before if given is None else max(given, before or 0)
        total = sum(given or 0 for given in held.values())
        left = [name for name, given in held.items() if given is None]
        weights = {
            name: Fraction(max(MILLION - total, 0), len(left)) if given is None else Fraction(given)
            for name, given in held.items()
        }
        whole = MILLION if left else min(total, MILLION)
        return {name: part for name, part in shared_out(whole, weights).items() if part} if held else {}

    # -- all of it

    @cached_property
    def worked(self) -> dict[Person, Counter[Rungs]]:
        found: dict[Person, Counter[Rungs]] = defaultdict(Counter)
        for row in self.efforts.rows:
            one = row.worker
            if row.model == DEFAULT and one.function.lower() in DEVELOPMENT:
                person = (one.period, one.function.lower(), one.worker_id, one.team_id, one.is_head)
                for rungs, part in self.parts(self.place(row), one.day).items():
                    found[person][rungs] += row.share * row.capacity * part
        return found

    def days(self) -> tuple[Counter[tuple[Cell, str]], Counter[tuple[Cell, str]]]:
        """Millionths of a day by cell and what stands above the epic: of everybody, and of heads."""
        whole, owed = Counter[Person](), defaultdict[Person, dict[str, Fraction]](dict)
        people: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one in worker_days(self.company, self.now):
            if one.is_working_day and one.share > 0 and one.function.lower() in DEVELOPMENT:
                people[one.period, one.team_id].add(one.worker_id)
                person = (one.period, one.function.lower(), one.worker_id, one.team_id, one.is_head)
                full, its = round(MILLION * Fraction(one.share)), owed[person]
                whole[person] += full
                for product, share in self.known.costs.pay.products(one.team_id, one.day).items():
                    its[product] = its.get(product, Fraction(0)) + full * round(share * MILLION)
        everybody, heads = Counter[tuple[Cell, str]](), Counter[tuple[Cell, str]]()
        parts = ((one, *part) for one, its in owed.items() for part in shared_out(whole[one], its).items())
        for person, product, amount in parts:
            period, _, _, team, is_head = person
            weights = {rungs: Fraction(weight) for rungs, weight in self.worked.get(person, Counter()).items()}
            name = UNALLOCATED if product == OVERHEAD else product
            shown = SMALL_TEAMS if len(people[period, team]) < FEWEST else team
            for rungs, part in shared_out(amount, weights or {NO_RUNGS: Fraction(1)}).items():
                epic, parent, initiative, result = rungs
                key = (period, name, shown, epic, initiative, result), parent
                everybody[key] += part
                heads[key] += part if is_head else 0
        return everybody, heads

    def cells(self) -> Iterator[tuple[Cell, int, int]]:
        """Millionths of a day and minor units."""
        everybody, heads = self.days()
        costs: Counter[tuple[str, str, str, str]] = Counter()
        for (model, period, product, place), amount in self.known.rows.items():
            if model == DEFAULT:
                costs[period, product, *self._rungs(place[0], place[1])] += amount
        weights: dict[tuple[str, ...], dict[tuple[str, ...], Fraction]] = defaultdict(dict)
        for ((period, product, team, epic, initiative, result), parent), days in heads.items():
            if days:
                weights[period, product, epic, parent][team, initiative, result] = Fraction(days)
        minor: Counter[Cell] = Counter()
        for (period, product, epic, parent), amount in costs.items():
            nobodys: tuple[str, ...] = (UNMAPPED, parent, UNATTRIBUTED if epic == UNATTRIBUTED else UNMAPPED)
            known = weights.get((period, product, epic, parent)) or {nobodys: Fraction(1)}
            for (team, *above), part in shared_out(amount, known).items():
                minor[period, product, team, epic, above[0], above[1]] += part
        day_sums: Counter[Cell] = Counter()
        for (cell, _), days in everybody.items():
            day_sums[cell] += days
        for cell in sorted({*day_sums, *minor}):
            if day_sums[cell] or minor[cell]:
                yield cell, day_sums[cell], minor[cell]

    def _rungs(self, epic: str, above: str) -> tuple[str, str]:
        if (self._level(epic) or 0) > 1:
            return UNMAPPED, epic
        return epic, UNMAPPED if self._level(above) in (-1, 0, 1) else above

    def aims(self, period: str) -> dict[str, list[tuple[str, bool]]]:
        """By key result its objective and those that it contributes to at the period's end, or today where that runs:
        those are roll-ups."""
        today = goals.today_of(self.now)
        day = min(today, next(one.last for one in self.company.periods if one.name == period))
        above: dict[str, set[str]] = defaultdict(set)
        for edge in okr.edges(self.company, self.now, today):
            if edge.since <= day < edge.until:
                above[edge.child].add(edge.parent)
        rows = goals.versions(self.company.rows("key_results", self.now))
        objectives = {row["id"] for row in self.company.rows("objectives", self.now)}
        found = {}
        for name, its in rows.items():
            reached, coming = set[str](), {name}
            while coming:
                reached |= coming
                coming = {parent for one in coming for parent in above[one]} - reached
            own = goals.on(its, today)["objective"]
            found[name] = [(one, one != own) for one in sorted(reached & objectives)]
        return found


def no_ladder(epic: str, initiative: str, result: str) -> str | None:
    if epic == UNATTRIBUTED:
        return "no_issue"
    if result != UNMAPPED:
        return None
    if initiative != UNMAPPED:
        return "initiative_without_key_result"
    return "no_epic" if epic == UNMAPPED else "epic_without_initiative"


def work_ladder(ladders: Ladders) -> list[dict[str, Any]]:
    """The rows of mart_work_ladder."""
    known = ladders.known
    costed = {period for _, period, *_ in known.rows}
    aims = dict[str, dict[str, list[tuple[str, bool]]]]()
    rows = []
    for (period, product, team, epic, initiative, result), days, minor in ladders.cells():
        if period not in aims:
            aims[period] = ladders.aims(period)
        figures: Mapping[str, Any] = {
            "fiscal_period": period,
            "product_id": product,
            "team_id": team,
            "epic_id": epic,
            "initiative_id": initiative,
            "key_result_id": result,
            "no_ladder_reason": no_ladder(epic, initiative, result),
            "effort_days": days / MILLION,
            "cost": money(minor) if period in costed else None,
            "epic_key": known.named(epic)[0],
            "currency": known.company.currency,
        }
        rows += [
            {**figures, "objective_id": objective, "is_rollup": is_rollup}
            for objective, is_rollup in aims[period].get(result, [(result, False)])
        ]
    return rows

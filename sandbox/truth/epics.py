"""What epics cost, and what of it each regime of capitalisation would capitalise, at standard rates.

The definitions:
- The lines of people (standard.py) of engineering, product and design, each product's amount by itself, go to what
  these people worked on (effort.py), under each model that knows items. Somebody's paid days of a period in a team and
  function, those without work with them, go to what they did on the working days of it, by full-time days; who did no
  day's work then, and every line of which nobody did, is UNATTRIBUTED. Billionths of a day of each person and work,
  half to even, are the weights by which the amount is shared, the largest remainders first.
- Of who logs no hours in a period the model worklogs says what equal_active_day says.
- The cost is that of equal_active_day, its range that of all models. What serves the whole company is UNALLOCATED here.
- A regime capitalises work on features of an epic from the day on which the last of its criteria is met, up to the day
  before the epic is ready for use or given up, the earlier one. What was worked before is never taken in.
- What is capitalised is amortised in equal parts from the fiscal period in which the epic is ready for use, that one
  whole, over as many periods as the policy has months (36): by the end of each what is due by then, half to even. In
  the period in which it is given up nothing is amortised and all is written off.
- Regime off capitalises nothing: what it lacks is a criterion.
Does not: what of a day went into what (effort.py), the lines themselves (standard.py).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from sandbox.company.work import site
from sandbox.timestamps import midnight
from sandbox.truth.books import money
from sandbox.truth.delivery import held_before, spans
from sandbox.truth.effort import UNATTRIBUTED, Effort, Efforts
from sandbox.truth.maps import UNALLOCATED, UNMAPPED
from sandbox.truth.money import shared_out
from sandbox.truth.pay_shape import OVERHEAD
from sandbox.truth.standard import DEVELOPMENT, Beside, StandardCosts

DEFAULT, WORKLOGS = "equal_active_day", "worklogs"
MODELS = (DEFAULT, "activity_weighted", "story_points", WORKLOGS)
CRITERIA = {
    "asc350_40_stage": {"preliminary_stage_complete", "authorised_and_funded", "probable_to_complete"},
    "asu_2025_06": {"authorised_and_funded", "no_significant_uncertainty"},
    "ias38": {"technical_feasibility", "intention", "ability_to_use", "future_benefits", "resources", "measurable"},
}
ENDS = (READY, ABANDONED) = ("ready_for_use", "abandoned")
OFF = "off"
CAPITALISED, WITHOUT, BEFORE, AFTER, OTHER = (
    *("capitalised", "criteria_not_met", "before_criteria", "after_use"),
    "no_development",
)
REASONS = {"without_criteria": WITHOUT, "before_criteria": BEFORE, "after_use": AFTER, "no_development": OTHER}
Place = tuple[str, ...]
"""Epic, initiative, work type and what each regime says."""
NOWHERE: Place = (*(UNATTRIBUTED,) * 3, *(WITHOUT,) * 3)
Person = tuple[str, str, str, str]
"""Period, function, worker and team."""


@dataclass(frozen=True, slots=True)
class Window:
    """When work on an epic is capitalised under a regime, and on whose word: by criterion (what ends it among them) the
    day on which it is met and who says so."""

    regime: str
    met: Mapping[str, tuple[date, str]]

    def day(self, criterion: str) -> date | None:
        return self.met[criterion][0] if criterion in self.met else None

    @property
    def missing(self) -> set[str]:
        return CRITERIA[self.regime] - self.met.keys()

    @property
    def begins(self) -> date | None:
        return None if self.missing else max(self.met[one][0] for one in CRITERIA[self.regime])

    def says(self, day: date, kind: str) -> str:
        begins, ends = self.begins, min((self.met[one][0] for one in ENDS if one in self.met), default=date.max)
        if begins is None:
            return WITHOUT
        if day < begins:
            return BEFORE
        if day >= ends:
            return AFTER
        return CAPITALISED if kind == "feature" else OTHER


class EpicCosts:
    def __init__(self, costs: StandardCosts) -> None:
        self.company, self.now, self.costs = costs.company, costs.now, costs
        self.efforts = Efforts(costs.company, costs.now)
        self.windows = self._windows()

    def _windows(self) -> dict[tuple[int, str], Window]:
        """By epic and regime. No epic of a made-up company has two rows of one criterion."""
        rows: dict[str, list[dict[str, str]]] = defaultdict(list)
        for row in self.company.rows("capex_criteria", self.now):
            rows[row["epic"]].append(row)
        found: dict[tuple[int, str], Window] = {}
        for issue in self.efforts.issues.values():
            known = [row for key in issue.keys for row in rows[key]] if self.efforts.level(issue) > 0 else []
            for regime in CRITERIA if known else ():
                own = [row for row in known if row["regime"] in (regime, "all")]
                met = {row["criterion"]: (date.fromisoformat(row["met_on"]), row["approver"]) for row in own}
                found[issue.id, regime] = Window(regime, met)
        return found

    def coverage(self) -> dict[str, tuple[int, int]]:
        """Rows of capex_criteria.csv whose epic there is."""
        issues = self.efforts.facts.world.issues.values()
        known = {key for issue in issues if self.efforts.level(issue) > 0 for key in issue.keys}
        rows = [row["epic"] in known for row in self.company.rows("capex_criteria", self.now)]
        return {"capex_epic_coverage": (sum(rows), len(rows))}

    # -- who did what

    def place(self, row: Effort) -> Place:
        if row.item == UNATTRIBUTED:
            return NOWHERE
        day, issue = row.worker.day, self.efforts.issues[int(str(row.item))]
        epic, kind = self.efforts.epic(issue, day), site.TYPES[issue.values["type"]].kind or UNMAPPED
        above = self.efforts.issues.get(epic) if epic else None
        end = midnight(date.fromordinal(day.toordinal() + 1), self.efforts.facts.zone)
        initiative = held_before(spans(above, "epic"), max(end, above.created + 1)) if above else None
        windows = [self.windows.get((epic, regime)) if epic else None for regime in CRITERIA]
        said = [window.says(day, kind) if window else WITHOUT for window in windows]
        return str(epic or UNMAPPED), str(initiative or UNMAPPED), kind, *said

    @cached_property
    def worked(self) -> dict[str, dict[Person, Counter[Place]]]:
        """By model and person, trillionths of full-time days."""
        found: dict[str, dict[Person, Counter[Place]]] = {model: defaultdict(Counter) for model in MODELS}
        logging = set()
        for row in self.efforts.rows:
            one = row.worker
            if row.model in MODELS and one.function.lower() in DEVELOPMENT:
                person = (one.period, one.function.lower(), one.worker_id, one.team_id)
                found[row.model][person][self.place(row)] += row.share * row.capacity
            if row.model == WORKLOGS and row.item != UNATTRIBUTED:
                logging.add((one.worker_id, one.period))
        found[WORKLOGS] = {
            person: found[WORKLOGS if (person[2], person[0]) in logging else DEFAULT][person]
            for person in found[DEFAULT]
        }
        return found

    @cached_property
    def rows(self) -> dict[tuple[str, str, str, Place], int]:
        """By model, period, product and place."""
        found: Counter[tuple[str, str, str, Place]] = Counter()
        for period in self.costs.postings.periods:
            lines = {name: line for name, (_, line) in self.costs.people(period).items() if name in DEVELOPMENT}
            paid: dict[tuple[str, str], Counter[Person]] = defaultdict(Counter)
            for one in self.costs.pay.days[period.name]:
                function = one.function.lower()
                person = (period.name, function, one.worker_id, one.team_id)
                for product, share in self.costs.pay.products(one.team_id, one.day).items():
                    paid[function, product][person] += round(one.paid_thousandths * share * 1_000_000)
            for model in MODELS:
                for function, amounts in lines.items():
                    for product, amount in amounts.items():
                        weights = self._weights(self.worked[model], paid[function, product])
                        for place, part in shared_out(amount, weights or {NOWHERE: Fraction(1)}).items():
                            name = UNALLOCATED if product == OVERHEAD else product
                            found[model, period.name, name, place] += part
        return {key: amount for key, amount in found.items() if amount}

    def _weights(self, worked: Mapping[Person, Counter[Place]], paid: Counter[Person]) -> dict[Place, Fraction]:
        found: Counter[Place] = Counter()
        for person, days in paid.items():
            work = worked.get(person, {})
            whole = sum(work.values())
            for place, part in work.items() if whole else [(NOWHERE, 1)]:
                found[place] += round(Fraction(days * part, whole or 1))
        return {place: Fraction(weight) for place, weight in found.items() if weight}

    # -- what stands on the balance sheet

    def assets(self) -> Iterator[tuple[tuple[str, str, str, str], dict[str, int]]]:
        """By regime, period, product and epic, the lines of the roll-forward."""
        names = [period.name for period in self.costs.postings.periods]
        added: dict[tuple[str, str, str], Counter[str]] = defaultdict(Counter)
        for (model, name, product, place), amount in self.rows.items():
            for number, regime in enumerate(CRITERIA):
                if model == DEFAULT and place[3 + number] == CAPITALISED:
                    added[regime, product, place[0]][name] += amount
        life = int(self.company.policy.get("capex_life_months", "36"))
        for (regime, product, epic), amounts in added.items():
            window = self.windows[int(epic), regime]
            ready, gone = self._period(window.day(READY)), self._period(window.day(ABANDONED))
            cost = due = closing = 0
            for number, name in enumerate(names):
                opening, addition = closing, amounts[name]
                cost += addition
                is_gone = gone is not None and number >= gone
                months = 0 if ready is None else min(max(number - ready + 1, 0), life)
                amortised = 0 if is_gone else round(Fraction(cost * months, life)) - due
                due += amortised
                impaired = opening + addition if is_gone else 0
                closing = opening + addition - amortised - impaired
                if opening or addition:
                    lines = {"capitalised": addition, "opening": opening, "amortisation": amortised}
                    yield (regime, name, product, epic), lines | {"impairment": impaired, "closing": closing}

    def _period(self, day: date | None) -> int | None:
        """The number of the period of a day, of those that have begun."""
        periods = self.costs.postings.periods
        return next((number for number, one in enumerate(periods) if day and day <= one.last), None)

    # -- names

    def named(self, epic: str) -> tuple[str | None, str]:
        if epic in (UNMAPPED, UNATTRIBUTED):
            return None, epic.capitalize()
        issue = self.efforts.facts.world.issues.get(int(epic))
        is_visible = issue is not None and issue.id in self.efforts.issues
        return issue.key if issue else None, str(issue.values["summary"]) if issue and is_visible else "Not visible"


def epic_costs(known: EpicCosts) -> list[dict[str, Any]]:
    """The rows of mart_epic_cost."""
    sums: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    for (model, period, product, place), amount in known.rows.items():
        sums[(period, product, *place[:3])][model] += amount
    about, to_date, so_far = Beside(known.company, known.now), dict[tuple[str, str], int](), Counter[str]()
    for period in known.costs.postings.periods:
        for key, amounts in sums.items():
            so_far[key[2]] += amounts[DEFAULT] if key[0] == period.name else 0
        to_date |= {(period.name, epic): amount for epic, amount in so_far.items()}
    names = ("fiscal_period", "product_id", "epic_id", "initiative_id", "work_type")
    rows = []
    for key, amounts in sums.items():
        low, high = (pick(MODELS, key=lambda model: amounts[model]) for pick in (min, max))
        rows.append(
            dict(zip(names, key, strict=True))
            | {"cost": money(amounts[DEFAULT]), "cost_low": money(amounts[low]), "cost_high": money(amounts[high])}
            | {"cost_low_model": low, "cost_high_model": high, "epic_cost_to_date": money(to_date[key[0], key[2]])}
            | dict(zip(("epic_key", "epic_name"), known.named(key[2]), strict=True))
            | about.of(key[0], key[1])
        )
    return rows


def capex_opex(known: EpicCosts) -> list[dict[str, Any]]:
    """The rows of mart_capex_opex."""
    sums: dict[tuple[str, str, str, str], Counter[str]] = defaultdict(Counter)
    for (model, period, product, place), amount in known.rows.items():
        for regime, said in zip((OFF, *CRITERIA), (WITHOUT, *place[3:]), strict=True):
            if model == DEFAULT:
                lines = sums[period, regime, product, place[0]]
                lines["cost"] += amount
                lines[said] += amount if said != CAPITALISED else 0
    for (regime, period, product, epic), rolled in known.assets():
        sums[period, regime, product, epic].update(rolled)
    about, chosen = Beside(known.company, known.now), known.company.policy.get("capex_regime", OFF)
    names = ("fiscal_period", "regime", "product_id", "epic_id")
    rows = []
    for key, lines in sums.items():
        row = dict(zip(names, key, strict=True)) | {
            name: money(lines[name])
            for name in ("cost", "capitalised", "opening", "amortisation", "impairment", "closing")
        }
        row |= {f"expensed_{name}": money(lines[said]) for name, said in REASONS.items()}
        row |= {"expensed": money(lines["cost"] - lines["capitalised"]), "is_chosen": key[1] == chosen}
        row |= {"is_rollup": key[1] != chosen} | about.of(key[0], key[2])
        rows.append(row | _evidence(known, key[1], key[3]))
    return rows


def _evidence(known: EpicCosts, regime: str, epic: str) -> dict[str, Any]:
    window = known.windows.get((int(epic), regime)) if epic.isdecimal() else None
    said = sorted((day, what, who) for what, (day, who) in window.met.items()) if window else []
    if window is None:
        names = ("capitalised_from_date", "ready_for_use_date", "abandoned_date", "evidence", "missing_criteria")
        return dict.fromkeys(names, None)
    return {
        "capitalised_from_date": window.begins,
        "ready_for_use_date": window.day(READY),
        "abandoned_date": window.day(ABANDONED),
        "evidence": "; ".join(f"{what} {day} by {who}" for day, what, who in said) or None,
        "missing_criteria": ", ".join(sorted(window.missing)) or None,
    }


def capitalised(known: EpicCosts) -> Counter[tuple[str, str]]:
    """By period and product, under the regime that finance has picked."""
    found: Counter[tuple[str, str]] = Counter()
    chosen = known.company.policy.get("capex_regime", OFF)
    for (regime, period, product, _), lines in known.assets():
        if regime == chosen:
            found[period, product] += lines["capitalised"]
    return found

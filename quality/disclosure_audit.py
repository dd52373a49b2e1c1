"""What all published figures together tell of one person's pay, by linear programming.

Belongs here: what a published figure says, as bounds on a sum over people's pay; the lowest and the highest pay that
all of them leave possible for each person; findings where the two are too close. Does not: the rules of one group
(disclosure), what a finding holds back (orchestration).

The audit assumes the worst of a reader, who knows who works when, where and for how long, that pay is constant between
a person's changes of pay, the rates, what the books post beside a pay, other cost to within a tenth, and what a
largest colleague earns. It takes no publisher's word for it: a figure about people that is not exactly days x standard
rates counts as their pay. Pay itself stands in no message and in no repr. Floats are the solver's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from statistics import median

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_array

from quality.disclosure import PROTECTED_PERCENT, steps_beside

YEAR_THOUSANDTHS = 365_000
OTHER_COST_KNOWN_WITHIN = 0.1
HIGHEST = 10
"""In largest pays: nobody would believe more of anybody. It keeps every program bounded."""
OPTIONS = {"presolve": False}
"""The programs are small and many: 8 ms each of 500 people instead of 18."""
BEYOND = PROTECTED_PERCENT / 100 + 0.01
"""What a pay must be able to differ by to be plainly hidden."""
NEAREST = 30
SLACK = 1e-6
"""Relative; a finding is not missed, nor a figure called wrong, for the solver's last digits."""

Regime = tuple[str, int]
"""A person and the number of a span of constant yearly pay."""
Unknown = Regime | str
"""A regime's yearly pay, or the name of an amount of other cost."""


@dataclass(frozen=True, slots=True)
class Work:
    """Paid days, in thousandths, of one person in one period, function and team, under one regime of pay."""

    person_id: str
    regime: int
    fiscal_year: str
    fiscal_period: str
    statement_group: str
    function: str
    team_id: str
    thousandths: int
    worth: float = 1.0
    """Of a unit of the regime's pay in this period: pay in another currency moves with its rate."""


@dataclass(frozen=True, slots=True)
class Told:
    """A published figure: its cell, and between which bounds it puts a sum over unknowns."""

    cell: str
    terms: Mapping[Unknown, float]
    low: float = field(repr=False)
    high: float = field(repr=False)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of one person's yearly pay in one regime, or of what a fiscal year of several regimes comes to."""

    person_id: str
    scope: str
    low: float = field(repr=False)
    high: float = field(repr=False)
    pay: float = field(repr=False)
    cells: tuple[str, ...]

    @property
    def is_found(self) -> bool:
        near = PROTECTED_PERCENT / 100 + SLACK
        return self.low >= (1 - near) * self.pay and self.high <= (1 + near) * self.pay

    @property
    def message(self) -> str:
        return (
            f"The pay of {self.person_id} ({self.scope}) can be told too closely from: {'; '.join(self.cells)}. "
            "Show these cells together with others, or not at all."
        )


class ContradictionError(Exception):
    """A published figure that the pay on record does not make: the audit can judge nothing that rests on it."""


def _terms(work: Iterable[Work]) -> dict[Unknown, float]:
    terms: dict[Unknown, float] = {}
    for one in work:
        key = (one.person_id, one.regime)
        terms[key] = terms.get(key, 0.0) + one.thousandths * one.worth / YEAR_THOUSANDTHS
    return terms


def pay_told(cell: str, work: Sequence[Work], amount: float, rounding: float) -> Told:
    """The pay of some people's work, known to within ``rounding`` either way: a team's payroll, or an average times
    heads. A payroll is rounded once a payslip, by half a minor unit."""
    return Told(cell, _terms(work), amount - rounding, amount + rounding)


def total_told(cell: str, work: Sequence[Work], amount: float, other: str, posted: float) -> Told:
    """What a total of the ledger leaves after all that is published line by line: other cost of that name, and pay with
    what the books ``posted`` for each unit of it (the employer's part)."""
    slips = len({(one.person_id, one.fiscal_period) for one in work})
    pay = {key: share * posted for key, share in _terms(work).items()}
    return Told(cell, {**pay, other: 1.0}, amount - slips / 2, amount + slips / 2)


def rate_told(cell: str, work: Sequence[Work], rate: Decimal) -> Told:
    """The work that a standard rate is made of: its mean pay of a day is nearer to this step than to the next."""
    below, above = steps_beside(rate)
    days = sum(one.thousandths for one in work) / 1000
    low, high = float(below * rate) ** 0.5, float(above * rate) ** 0.5
    return Told(cell, _terms(work), low * days, high * days)


def people_told(
    cell: str, shared: Sequence[tuple[Work, int]], amount: int, rates: Mapping[tuple[str, str], Decimal]
) -> Told | None:
    """A published figure about people's work and their products' shares in it, in millionths. Days at the rates of
    their fiscal year and function tell the rates and nothing else, work without a rate is not in it; any other amount
    is taken for pay."""
    priced = [(one, share) for one, share in shared if (one.fiscal_year, one.function) in rates]
    # each period, group and function is one line, and each line's amount is rounded
    lines: dict[tuple[str, str, str], Decimal] = {}
    for one, share in priced:
        line = (one.fiscal_period, one.statement_group, one.function)
        rate = rates[one.fiscal_year, one.function]
        lines[line] = lines.get(line, Decimal(0)) + one.thousandths * share * rate / 10**9
    if amount == sum(line.quantize(Decimal(1), ROUND_HALF_EVEN) for line in lines.values()):
        return None
    terms: dict[Unknown, float] = {}
    for one, share in shared:
        key = (one.person_id, one.regime)
        terms[key] = terms.get(key, 0.0) + one.thousandths * share / 10**6 / YEAR_THOUSANDTHS
    return Told(cell, terms, amount - len(shared) / 2, amount + len(shared) / 2)


def _targets(work: Iterable[Work]) -> list[tuple[str, str, dict[Unknown, float]]]:
    """Each regime's pay, and each fiscal year of a person that has several."""
    regimes: dict[Regime, None] = {}
    years: dict[tuple[str, str], list[Work]] = {}
    for one in work:
        regimes[one.person_id, one.regime] = None
        years.setdefault((one.person_id, one.fiscal_year), []).append(one)
    targets: list[tuple[str, str, dict[Unknown, float]]] = []
    for person, regime in regimes:
        targets.append((person, f"pay {regime}", {(person, regime): 1.0}))
    for (person, year), rows in years.items():
        if len(terms := _terms(rows)) > 1:
            targets.append((person, f"in {year}", terms))
    return targets


def _colleagues(told: Iterable[Told], pay: Mapping[Regime, int]) -> dict[str, str]:
    """For each person the one with the largest pay of those in the figure about the fewest people: what that colleague
    knows of their own pay narrows the person's most."""
    largest: dict[str, int] = {}
    for (person, _), minor in pay.items():
        largest[person] = max(largest.get(person, 0), minor)
    colleagues: dict[str, str] = {}
    figures = [sorted({key[0] for key in one.terms if isinstance(key, tuple)}, key=largest.__getitem__) for one in told]
    for figure in sorted((figure for figure in figures if len(figure) > 1), key=len):
        for person in figure:
            colleagues.setdefault(person, figure[-2] if person == figure[-1] else figure[-1])
    return colleagues


@dataclass(frozen=True, slots=True)
class _Problem:
    """All figures as one linear program: ``matrix`` x pay and other cost is at most ``limits``, each unknown within
    ``box``, all in units of ``unit``; ``truth`` is a solution."""

    told: Sequence[Told]
    unit: float
    at: Mapping[Unknown, int]
    truth: np.ndarray
    box: np.ndarray
    matrix: csr_array
    limits: np.ndarray
    colleagues: Mapping[str, str]
    columns: Mapping[str, Sequence[int]]
    """The unknowns of each person."""


def _problem(
    told: Sequence[Told], pay: Mapping[Regime, int], other: Mapping[str, int], known_within: float | None
) -> _Problem:
    truth: dict[Unknown, float] = {}
    truth.update(pay)
    truth.update(other)
    for one in told:
        true = sum(share * truth[key] for key, share in one.terms.items())
        slack = SLACK * max(abs(one.low), abs(one.high), 1.0)
        if not one.low - slack <= true <= one.high + slack:
            raise ContradictionError(
                f"{one.cell}: the pay and other cost on record do not make this figure. Build the cost marts again "
                "from one state of the restricted database, and audit what that publishes."
            )
    # one is the median pay, so that the solver's tolerances mean the same in every currency
    unit = float(median([minor for minor in pay.values() if minor > 0] or [1]))
    at = {key: column for column, key in enumerate(truth)}
    within = 1.0 if known_within is None else known_within
    box = np.empty((len(at), 2))
    box[:] = (0, HIGHEST * max(pay.values(), default=0) / unit)
    for name, amount in other.items():
        low, high = sorted((amount * (1 - within), amount * (1 + within)))
        box[at[name]] = (low / unit, np.inf if known_within is None else high / unit)
    columns: dict[str, list[int]] = {}
    for key, column in at.items():
        if isinstance(key, tuple):
            columns.setdefault(key[0], []).append(column)
    known = np.array([truth[key] / unit for key in at])
    return _Problem(told, unit, at, known, box, *_program(told, at, unit), _colleagues(told, pay), columns)


def _goal(problem: _Problem, terms: Mapping[Unknown, float]) -> np.ndarray:
    goal = np.zeros(len(problem.at))
    for key, share in terms.items():
        goal[problem.at[key]] = share
    return goal


def _bounds(
    problem: _Problem, target: tuple[str, str, Mapping[Unknown, float]], among: np.ndarray | None = None
) -> Bounds:
    """Of one person's pay. Where only the unknowns ``among`` are unknown and all others are as they are, a reader knows
    more, and the bounds can only be closer."""
    person, scope, terms = target
    box, goal, matrix, limits = problem.box.copy(), _goal(problem, terms), problem.matrix, problem.limits
    colleague = problem.columns.get(problem.colleagues.get(person, ""), [])
    box[colleague] = problem.truth[colleague][:, None]
    true = float(goal @ problem.truth)
    if among is not None:
        rest = np.setdiff1d(np.arange(len(goal)), among)
        limits = limits - matrix[:, rest] @ problem.truth[rest]
        matrix = matrix[:, among]
        rows = np.flatnonzero(np.diff(matrix.indptr))
        matrix, limits, box, goal = matrix[rows], limits[rows] + SLACK, box[among], goal[among]
    ends = []
    cells: set[str] = set()
    for sign in (1, -1):
        solved = linprog(sign * goal, A_ub=matrix, b_ub=limits, bounds=box, options=OPTIONS)
        if solved.status:
            raise RuntimeError(f"The bounds of {person} ({scope}) were not found: {solved.message}")
        ends.append(sign * solved.fun * problem.unit)
        if among is None:
            held = np.flatnonzero(np.abs(solved.ineqlin.marginals) > SLACK).tolist()
            cells |= {problem.told[row // 2].cell for row in held}
    return Bounds(person, scope, ends[0], ends[1], true * problem.unit, tuple(sorted(cells)))


def audit(
    told: Sequence[Told],
    work: Sequence[Work],
    pay: Mapping[Regime, int],
    other: Mapping[str, int],
    known_within: float | None = OTHER_COST_KNOWN_WITHIN,
) -> list[Bounds]:
    """The bounds of everybody who is paid. ``pay`` is yearly, in minor units; ``other`` is the true other cost by name;
    where it is not known to within anything, a reader knows only that it is no less than 0."""
    problem = _problem(told, pay, other, known_within)
    return [_bounds(problem, target) for target in _paid_targets(problem, work)]


def found(
    told: Sequence[Told],
    work: Sequence[Work],
    pay: Mapping[Regime, int],
    other: Mapping[str, int],
    known_within: float | None = OTHER_COST_KNOWN_WITHIN,
) -> list[Bounds]:
    """Whose pay all figures tell too closely: what ``audit`` finds, without solving for people who are plainly hidden.

    Hidden is whose pay could be so much higher, or lower, with nothing else changed but other cost; or with the pay of
    the people nearest to them changed too. Only the others take programs of everybody's pay.
    """
    problem = _problem(told, pay, other, known_within)
    targets = _paid_targets(problem, work)
    left = [target for target, is_hidden in zip(targets, _hidden(problem, targets), strict=True) if not is_hidden]
    close = [target for target in left if _bounds(problem, target, _near(problem, target)).is_found]
    return [bounds for bounds in (_bounds(problem, target) for target in close) if bounds.is_found]


def _paid_targets(problem: _Problem, work: Iterable[Work]) -> list[tuple[str, str, dict[Unknown, float]]]:
    return [one for one in _targets(work) if sum(problem.truth[problem.at[key]] * of for key, of in one[2].items()) > 0]


def _hidden(problem: _Problem, targets: Sequence[tuple[str, str, Mapping[Unknown, float]]]) -> np.ndarray:
    """For each target whether all its pay could be higher, or all of it lower, by more than what is protected."""
    if not targets or not problem.told:
        return np.ones(len(targets), dtype=bool)
    rows, columns, values = [], [], []
    for number, (_, _, terms) in enumerate(targets):
        for key in terms:
            rows.append(problem.at[key])
            columns.append(number)
            values.append(BEYOND * problem.truth[problem.at[key]])
    moved = problem.matrix @ csr_array((values, (rows, columns)), shape=(len(problem.at), len(targets)))
    # Other cost that stands in several figures can't give way in one of them alone.
    names = [column for key, column in problem.at.items() if isinstance(key, str)]
    alone = np.zeros(len(problem.at), dtype=bool)
    alone[names] = np.bincount(problem.matrix.indices, minlength=len(problem.at))[names] <= 2
    least = np.where(alone, problem.box[:, 0] - problem.truth, 0.0)
    most = np.where(alone, problem.box[:, 1] - problem.truth, 0.0)
    gives = problem.matrix.maximum(0) @ least + problem.matrix.minimum(0) @ np.where(np.isinf(most), 1e9, most)
    room = problem.limits - problem.matrix @ problem.truth - gives
    moved = moved.tocoo()
    blocked = np.zeros((2, len(targets)), dtype=bool)
    for place, sign in enumerate((1, -1)):
        blocked[place, moved.col[sign * moved.data > room[moved.row]]] = True
    return np.logical_not(blocked.all(axis=0))


def _near(problem: _Problem, target: tuple[str, str, Mapping[Unknown, float]]) -> np.ndarray:
    """The unknowns of a person, of other cost, and of the people who share most figures with the person."""
    own = problem.columns[target[0]]
    shared = problem.matrix[:, own]
    rows = np.flatnonzero(np.diff(shared.indptr))
    together = np.bincount(problem.matrix[rows].indices, minlength=len(problem.at))
    nearest = sorted(problem.columns, key=lambda one: -int(together[problem.columns[one]].sum()))[: NEAREST + 1]
    people = {column for one in (*nearest, target[0]) for column in problem.columns[one]}
    names = {column for key, column in problem.at.items() if isinstance(key, str)}
    return np.array(sorted(people | names))


def _program(told: Sequence[Told], at: Mapping[Unknown, int], unit: float) -> tuple[csr_array, np.ndarray]:
    """Two rows for each figure, at most its high and at least its low, both divided by its largest share."""
    rows, columns, values = [], [], []
    limits = np.empty(2 * len(told))
    for number, one in enumerate(told):
        scale = max(one.terms.values(), default=0.0) or 1.0
        limits[2 * number] = one.high / scale / unit
        limits[2 * number + 1] = -one.low / scale / unit
        for key, share in one.terms.items():
            rows += [2 * number, 2 * number + 1]
            columns += [at[key]] * 2
            values += [share / scale, -share / scale]
    return csr_array((values, (rows, columns)), shape=(2 * len(told), len(at))), limits


def findings(bounds: Iterable[Bounds]) -> list[str]:
    return [one.message for one in bounds if one.is_found]

"""Where a key result will end: P10, P50, P90 and the probability of success, learned from the company's past cycles.

A path is progress over the share of the key result's life that is over. The model of all paths is one normal
distribution over POINTS points in time, the last of which is the graded end:
- mean and covariance are those of the company's past paths, drawn towards a walk with a slope while they are few;
- the shape that is expected of a key result is the mean path, drawn towards that of its own line (the same goal in past
  cycles) by how much alike the cycles of one line were (``likeness``: the intraclass correlation); the better its own
  shape is known, the more of its spread is a matter of size;
- the forecast is the end given the path so far. Check-ins may be at any times, weekly or monthly.
That alone is as sure as its assumptions. So each past key result is forecast at the same age by a model that has not
seen it (nor its cycle, from WHOLE_CYCLES cycles on), and the miss, in units of its own spread, is applied to the
running one (CV+: Barber, Candès, Ramdas, Tibshirani 2021). Of many misses those count whose paths were most alike. All
that is said of a key result, quantiles and probability, is read off these draws.

Belongs here: one key result. Does not: what belongs to one objective (objectives.py), labels and pace (mart_okr),
where the paths come from.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

POINTS = 12
GRID = np.arange(1, POINTS + 1) / POINTS
PRIOR = 0.5 * np.minimum.outer(GRID, GRID) + 0.5 * np.outer(GRID, GRID)
PRIOR_PATHS = 12
"""As many paths the prior covariance weighs."""
PRIOR_REPEATS = 6
"""As many repeated cycles of lines weigh against their likeness."""
SIZE = 0.6
"""The share of spread that is a matter of size where the own line's shape is known for sure."""
NOISE = 0.01
"""The variance of one check-in, in units of that of the end: grading may still move it."""
WHOLE_CYCLES = 4
"""From as many cycles on, those who are calibrated on are forecast without their whole cycle; below, one by one."""
FOLDS = 24
NEAREST = 30
PER_ROOT = 3
"""At least NEAREST misses, and PER_ROOT times the root of their number, are applied: those of the paths most alike."""
ENOUGH_CYCLES = 4
ENOUGH = 9
"""An 80 % interval has 10 % on each side, and the smallest of n misses is exceeded with n/(n+1): 9 are needed."""
LIMITS = (-1.0, 3.0)
"""Progress, in units of what success asks, is learned and forecast within these: a target that is next to the start
makes a progress of 50, and one such key result would widen the forecasts of all."""
AGES = 26
"""Ages are rounded to a 26th of a life, a week of half a year, so that key results of one age share a calibration."""
TWO_VALUED = ("binary", "stay-above", "stay-below")


@dataclass(frozen=True, slots=True)
class Path:
    """A key result: check-ins as progress at shares of its life, in order of time; one after its end is at 1.

    ``line``: the goal that it repeats, the same in each cycle. ``succeeds_at``: the progress that is success (0.7 for a
    stretch goal). ``end``: the graded progress, None while it runs. ``age``: the share of its life that is over.
    """

    key_result_id: str
    cycle: str
    line: str
    times: Sequence[float]
    values: Sequence[float]
    succeeds_at: float | None = 1.0
    end: float | None = None
    age: float = 1.0
    kind: str = "increase"


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is said of a running key result. Progress is as in its path; what is not known is None, and why.

    ``expected``: progress by now after the learned shape. ``usual_pace``: what key results like it still did from here,
    per whole life. ``draws``: where it may end, each as likely as the other.
    """

    key_result_id: str
    cycles: int
    learned_from: int
    reason: str
    p_hit: float | None = None
    p10: float | None = None
    p50: float | None = None
    p90: float | None = None
    expected: float | None = None
    usual_pace: float | None = None
    draws: Array = field(default_factory=lambda: np.empty(0), repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of many paths when each has a certain age: rows of observations on the model's points."""

    points: Array  # rows x POINTS+1 x POINTS: each observation as a mix of points; the last one is the last check-in
    seen: NDArray[np.bool_]  # rows x POINTS+1
    values: Array  # rows x POINTS+1
    recent: Array  # rows: gained over about the last third of the life


class Paths:
    """Paths as arrays, in units of what success asks of each."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.aims = np.array([path.succeeds_at or 1.0 for path in paths])
        self.lines = np.array([path.line for path in paths])
        self.cycles = np.array([path.cycle for path in paths])
        self.ages = np.array([path.age for path in paths])
        most = max((len(path.times) for path in paths), default=0)
        self.times = np.full((len(paths), most + 1), np.inf)
        self.values = np.zeros((len(paths), most + 1))
        self.times[:, 0] = 0.0  # progress begins at 0
        self.on_grid = np.zeros((len(paths), POINTS))
        for row, path in enumerate(paths):
            times, values = np.asarray(path.times, float), limited(np.asarray(path.values, float) / self.aims[row])
            until = len(times) + 1
            self.times[row, 1:until], self.values[row, 1:until] = times, values
            self.on_grid[row] = np.interp(GRID, self.times[row, :until], self.values[row, :until])

    def known(self, ages: Array) -> Known:
        rows = np.arange(len(self.aims))
        at = (self.times <= ages[:, None] + 1e-9).sum(1) - 1
        last = np.clip(self.times[rows, at], 0.0, 1.0)
        earlier = last[:, None] - 1e-9 > GRID
        points = np.zeros((len(rows), POINTS + 1, POINTS))
        points[:, :POINTS] = np.eye(POINTS) * earlier[:, :, None]
        after = np.maximum(np.ceil(last * POINTS - 1e-9).astype(int) - 1, 0)
        share = last * POINTS - after  # of the way from the point before to the one after
        points[rows, POINTS, after] = share
        inner = after > 0
        points[rows[inner], POINTS, after[inner] - 1] = 1 - share[inner]
        back = np.floor(last * POINTS + 1e-9).astype(int) - POINTS // 3 - 1
        before = np.where(back >= 0, self.on_grid[rows, np.maximum(back, 0)], 0.0)
        value = self.values[rows, at]
        return Known(points, np.c_[earlier, last > 0], np.c_[self.on_grid, value], value - before)


class History:
    """The key results of past cycles, graded, that follow a path."""

    def __init__(self, past: Sequence[Path]) -> None:
        graded = [path for path in past if path.end is not None and path.succeeds_at and path.kind not in TWO_VALUED]
        ordered = sorted(graded, key=lambda path: (path.cycle, path.key_result_id))
        self.paths = Paths(ordered)
        self.ends = limited(np.array([path.end for path in ordered], float) / self.paths.aims)
        self.cycle_names, self.cycle = np.unique(self.paths.cycles, return_inverse=True)
        self.size = len(ordered)
        self._calibrated: dict[float, tuple[Array, Array, Known]] = {}

    @cached_property
    def whole(self) -> Array:
        """The full paths on the grid; their last point is the graded end."""
        found = np.empty((self.size, POINTS))
        for row, (times, values) in enumerate(zip(self.paths.times, self.paths.values, strict=True)):
            before = times < 1 - 1e-6
            found[row] = np.interp(GRID, np.append(times[before], 1.0), np.append(values[before], self.ends[row]))
        return found

    @cached_property
    def fold(self) -> NDArray[np.int_]:
        """Who is left out together."""
        if len(self.cycle_names) >= WHOLE_CYCLES:
            return self.cycle
        return np.arange(self.size) % min(self.size, FOLDS)

    @cached_property
    def kept(self) -> Array:
        """Folds x past key results: 1 where the model that leaves the fold out has seen it."""
        return np.where(self.fold == np.arange(self.fold.max() + 1)[:, None], 0.0, 1.0)

    @cached_property
    def likeness(self) -> float:
        """How much alike the cycles of one line are: 0 not more than any two key results, 1 the same. One-way ANOVA."""
        _, line, counts = np.unique(self.paths.lines, return_inverse=True, return_counts=True)
        repeats = len(line) - len(counts)
        total = self.whole.var(0, ddof=1).sum()
        if not repeats or not total:
            return 0.0
        sums = np.zeros((len(counts), POINTS))
        np.add.at(sums, line, self.whole)
        within = ((self.whole - (sums / counts[:, None])[line]) ** 2).sum() / repeats
        return float(np.clip(1 - within / total, 0, 0.95) * repeats / (repeats + PRIOR_REPEATS))

    @cached_property
    def models(self) -> tuple[Array, Array]:
        """Of each fold left out: mean and covariance of paths."""
        n = self.kept.sum(1)[:, None, None]
        mean = self.kept @ self.whole / n[:, :, 0]
        products = (self.whole[:, :, None] * self.whole[:, None, :]).reshape(self.size, -1)
        spread = (self.kept @ products).reshape(-1, POINTS, POINTS) - n * mean[:, :, None] * mean[:, None, :]
        free = np.maximum(n - 1, 1)
        scale = np.trace(spread, axis1=1, axis2=2)[:, None, None] / np.trace(PRIOR) / free
        return mean, (PRIOR_PATHS * scale * PRIOR + spread) / (PRIOR_PATHS + free) * (1 + 1 / n)

    @cached_property
    def by_line(self) -> tuple[dict[str, int], Array, Array]:
        """Of each fold left out and line: the number of its past key results and the sum of their paths. And places."""
        names, line = np.unique(self.paths.lines, return_inverse=True)
        counts, sums = np.zeros((len(names) + 1, len(self.kept))), np.zeros((len(names) + 1, len(self.kept), POINTS))
        np.add.at(counts, line, self.kept.T)
        np.add.at(sums, line, self.kept.T[:, :, None] * self.whole[:, None, :])
        return {name: place for place, name in enumerate(names)}, counts, sums

    def shapes(self, lines: NDArray[np.str_], fold: NDArray[np.int_]) -> tuple[Array, Array]:
        """Of each row: the path that is expected of it, and how much of it is its own line's. Rows x POINTS, rows."""
        places, counts, sums = self.by_line
        line = np.array([places.get(name, len(places)) for name in lines])
        cycles = counts[line, fold]
        share = cycles * self.likeness / (1 + np.maximum(cycles - 1, 0) * self.likeness)
        own = sums[line, fold] / np.maximum(cycles, 1)[:, None]
        mean = self.models[0][fold]
        return mean + share[:, None] * (own - mean), share

    def ends_of(self, known: Known, lines: NDArray[np.str_], fold: NDArray[np.int_]) -> tuple[Array, Array]:
        """Expected end and its standard deviation, of each row by the model that leaves out its fold."""
        expected, share = self.shapes(lines, fold)
        spread = self.models[1][fold] * (1 - self.likeness * share)[:, None, None]
        end = spread[:, -1, -1]
        form = expected * np.sign(expected[:, -1:]) / np.maximum(np.abs(expected[:, -1:]), 0.2)
        sized = (SIZE * share)[:, None, None]
        spread = (1 - sized) * spread + sized * end[:, None, None] * form[:, :, None] * form[:, None, :]
        end, noise = spread[:, -1, -1], NOISE * spread[:, -1, -1] + 1e-6
        seen = known.points @ spread
        system = seen @ known.points.transpose(0, 2, 1)
        system += np.eye(POINTS + 1) * np.where(known.seen, noise[:, None], 1.0)[:, :, None]
        news = np.where(known.seen, known.values - np.einsum("rij,rj->ri", known.points, expected), 0.0)
        to_end = np.where(known.seen, seen[:, :, -1], 0.0)
        weights = np.linalg.solve(system, to_end[:, :, None])[:, :, 0]
        deviation = np.sqrt(np.maximum(end - (weights * to_end).sum(1), 0.0) + noise)
        return expected[:, -1] + (weights * news).sum(1), deviation

    def calibrated(self, age: float) -> tuple[Array, Array, Known]:
        """Expected ends of all past key results at an age, each by a model that has not seen it; their misses."""
        if age not in self._calibrated:
            known = self.paths.known(np.full(self.size, age))
            expected, deviation = self.ends_of(known, self.paths.lines, self.fold)
            self._calibrated[age] = expected, (self.ends - expected) / deviation, known
        return self._calibrated[age]

    def draws(self, running: Paths, age: float) -> Array:
        """Where key results of about one age may end: rows x misses, in units of what success asks."""
        folds = len(self.kept)
        known, rows = running.known(running.ages), len(running.aims)
        each = Known(
            np.repeat(known.points, folds, 0),
            np.repeat(known.seen, folds, 0),
            np.repeat(known.values, folds, 0),
            np.repeat(known.recent, folds, 0),
        )
        fold = np.tile(np.arange(folds), rows)
        found = self.ends_of(each, np.repeat(running.lines, folds), fold)
        expected, deviation = (part.reshape(rows, folds)[:, self.fold] for part in found)
        past_expected, misses, past = self.calibrated(age)
        draws = expected + deviation * misses
        count = min(self.size, max(NEAREST, int(PER_ROOT * np.sqrt(self.size))))
        if count < self.size:
            far = np.zeros_like(draws)
            last = slice(POINTS, POINTS + 1)
            for theirs, its in (
                (past_expected, expected),
                (past.values[:, POINTS], known.values[:, last]),
                (past.recent, known.recent[:, None]),
            ):
                far += ((its - theirs) / (theirs.std() + 1e-9)) ** 2
            draws = np.take_along_axis(draws, np.argpartition(far, count - 1, axis=1)[:, :count], 1)
        return np.sort(limited(draws), axis=1)

    def ranks(self, age: float) -> Array:
        """How high the miss of each past key result is among all, between 0 and 1."""
        misses = self.calibrated(rounded(age))[1]
        return (misses.argsort(kind="stable").argsort(kind="stable") + 0.5) / self.size


def limited(progress: Array) -> Array:
    return np.clip(progress, *LIMITS)


def rounded(age: float) -> float:
    return round(age * AGES) / AGES


def quantiles(draws: Array, levels: Sequence[float]) -> Array:
    """Of n draws the (n+1)·level-th smallest, in between by a straight line: those of the conformal promise."""
    found: Array = np.quantile(draws, levels, axis=-1, method="weibull")
    return found


def forecast(past: Sequence[Path], running: Sequence[Path]) -> list[Forecast]:
    """Of each running key result, in their order. Only graded key results are learned from."""
    history = History(past)
    return forecasts(history, past, running)


def forecasts(history: History, past: Sequence[Path], running: Sequence[Path]) -> list[Forecast]:
    found: dict[int, Forecast] = {}
    by_age: dict[float, list[int]] = {}
    for index, path in enumerate(running):
        if path.succeeds_at is None:
            found[index] = unknown(history, path, "no_target")
        elif path.kind in TWO_VALUED:
            found[index] = counted(past, path)
        elif history.size < ENOUGH:
            found[index] = unknown(history, path, "insufficient_history")
        else:
            by_age.setdefault(rounded(path.age), []).append(index)
    for age, indexes in by_age.items():
        paths = [running[index] for index in indexes]
        rows = Paths(paths)
        folds = np.tile(np.arange(len(history.kept)), len(paths))
        shapes, _ = history.shapes(np.repeat(rows.lines, len(history.kept)), folds)
        shapes = shapes.reshape(len(paths), -1, POINTS).mean(1) * rows.aims[:, None]
        draws = history.draws(rows, age) * rows.aims[:, None]
        middle = quantiles(draws, (0.1, 0.5, 0.9)).T
        for row, (index, path) in enumerate(zip(indexes, paths, strict=True)):
            found[index] = described(history, path, draws[row], middle[row], shapes[row])
    return [found[index] for index in range(len(running))]


def unknown(history: History, path: Path, reason: str) -> Forecast:
    return Forecast(path.key_result_id, len(history.cycle_names), history.size, reason)


def described(history: History, path: Path, draws: Array, middle: Array, shape: Array) -> Forecast:
    aim = path.succeeds_at or 1.0
    p10, p50, p90 = (float(value) for value in middle)
    p_hit = float(((draws >= aim).sum() + 0.5) / (len(draws) + 1))
    expected = float(np.interp(path.age, np.append(0.0, GRID), np.append(0.0, shape)))
    progress = path.values[-1] if len(path.values) else None
    cycles = len(history.cycle_names)
    reason = "no_value" if progress is None else "insufficient_history" if cycles < ENOUGH_CYCLES else ""
    return Forecast(
        path.key_result_id,
        cycles,
        history.size,
        reason,
        p_hit=p_hit,
        p10=p10,
        p50=p50,
        p90=p90,
        expected=expected,
        usual_pace=(float(shape[-1]) - expected) / (1 - path.age) if path.age < 1 else None,
        draws=draws,
    )


def counted(past: Sequence[Path], path: Path) -> Forecast:
    """Of what is only reached or not: how many of its kind that were as it is now, at its age, ended as a success."""
    alike = [one for one in past if one.kind == path.kind and one.end is not None]
    cycles = len({one.cycle for one in alike})
    now = state(path, path.age)
    same = [one for one in alike if state(one, path.age) == now]
    p_hit = (sum((one.end or 0.0) >= 1 for one in same) + 1) / (len(same) + 2)
    reason = "no_value" if now is None else "insufficient_history" if cycles < ENOUGH_CYCLES else ""
    return Forecast(path.key_result_id, cycles, len(same), reason, p_hit=p_hit)


def state(path: Path, age: float) -> bool | None:
    """Whether it was reached at the last check-in by an age; None before the first."""
    seen = [value for time, value in zip(path.times, path.values, strict=True) if time <= age + 1e-9]
    return seen[-1] >= 1 if seen else None

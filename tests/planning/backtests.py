"""Forecasts held against what came of them, on made-up companies and teams: for tests, and for benchmarks/forecasts.py.

Rolling origin: of each company the first h cycles are known, those of the next one run and are forecast at a quarter, a
half and three quarters of their life. Nothing of a later day is seen.
Belongs here: the scores and the rules to beat. Does not: what is good enough.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np

from planning import delivery
from planning.delivery import Tried
from planning.key_results import Array, History, Path, forecasts
from planning.objectives import outlook
from tests.planning.made_up_paths import LINES, ORIGINS, SHAPES, company
from tests.planning.made_up_teams import team

ABOUT = ("company", "age", "shape", "monthly", "late")
COLUMNS = (*ABOUT, "p10", "p90", "end", "aim", "p_hit", "hit", "linear_pace", "trend", "share")


def key_results(
    seed: int,
    companies: int,
    histories: Sequence[int],
    shapes: tuple[str, ...] = SHAPES,
    together: float = 0.0,
    lines: int = LINES,
) -> dict[int, dict[str, Array]]:
    """By length of history: the COLUMNS of all forecasts."""
    found: dict[int, list[tuple[float, ...]]] = {history: [] for history in histories}
    for number in range(companies):
        made = company([seed, number], max(histories) + 1, shapes, together, lines)
        for cycles in histories:
            past = [one.path for one in made if one.cycle < cycles]
            running = [one for one in made if one.cycle == cycles]
            history = History(past)
            reached = (sum((path.end or 0) >= (path.succeeds_at or 1) for path in past) + 1) / (len(past) + 2)
            for age in ORIGINS:
                paths = [one.at(age) for one in running]
                for one, path, said in zip(running, paths, forecasts(history, past, paths), strict=True):
                    end, aim = float(one.path.end or 0), float(one.path.succeeds_at or 1)
                    assert said.p10 is not None
                    assert said.p90 is not None
                    assert said.p_hit is not None
                    about = (number, age, shapes.index(one.shape), one.is_monthly, one.is_late)
                    scores = (said.p10, said.p90, end, aim, said.p_hit, float(end >= aim))
                    found[cycles].append((*about, *scores, linear_pace(path), trend(path), reached))
    return {cycles: dict(zip(COLUMNS, np.array(rows, float).T, strict=True)) for cycles, rows in found.items()}


def linear_pace(path: Path) -> float:
    """UpRaise: on track from 95 % of the ideal line on, behind below 75 %, read as a probability."""
    if not path.times:
        return 0.5
    ratio = path.values[-1] / ((path.succeeds_at or 1) * path.times[-1])
    return 1.0 if ratio >= 0.95 else 0.5 if ratio >= 0.75 else 0.0


def trend(path: Path) -> float:
    """The last value goes on as steeply as it came: reached or not."""
    return float(path.values[-1] / path.times[-1] >= (path.succeeds_at or 1)) if path.times else 0.5


def covered(rows: Mapping[str, Array]) -> Array:
    inside: Array = ((rows["p10"] <= rows["end"]) & (rows["end"] <= rows["p90"])).astype(float)
    return inside


def brier(rows: Mapping[str, Array], column: str = "p_hit") -> float:
    return float(((rows[column] - rows["hit"]) ** 2).mean())


def reliability(said: Array, came: Array, bins: int = 10) -> list[tuple[float, float, int]]:
    """By tenths of what was said: mean of what was said, of what came, and how many."""
    place = np.minimum((said * bins).astype(int), bins - 1)
    used = [place == number for number in range(bins) if (place == number).any()]
    return [(float(said[one].mean()), float(came[one].mean()), int(one.sum())) for one in used]


def calibration_error(rows: Mapping[str, Array]) -> float:
    bins = reliability(rows["p_hit"], rows["hit"])
    return sum(abs(said - came) * count for said, came, count in bins) / len(rows["hit"])


def interval_score(rows: Mapping[str, Array]) -> float:
    """Width, and ten times what lies outside: endless intervals do not win it (Gneiting and Raftery 2007)."""
    low, high, end = rows["p10"], rows["p90"], rows["end"]
    return float((high - low + 10 * (np.maximum(low - end, 0) + np.maximum(end - high, 0))).mean())


def by_company(rows: Mapping[str, Array], values: Array) -> tuple[float, float]:
    """A mean and its standard error, where forecasts of one company share their luck."""
    means = np.array([values[rows["company"] == number].mean() for number in np.unique(rows["company"])])
    return float(values.mean()), float(means.std(ddof=1) / np.sqrt(len(means)))


def objectives(seed: int, companies: int, cycles: int, together: float, members: int = 3) -> dict[str, Array]:
    """Of objectives at half time: P(all), the product of the single probabilities, and whether all were reached."""
    rows = []
    for number in range(companies):
        made = company([seed, number], cycles + 1, SHAPES, together)
        past = [one.path for one in made if one.cycle < cycles]
        running = [one for one in made if one.cycle == cycles]
        history = History(past)
        for start in range(0, len(running), members):
            group = running[start : start + members]
            paths = [one.at(0.5) for one in group]
            said = forecasts(history, past, paths)
            joint = outlook(history, paths, said, [1.0] * len(group), seed=number)
            assert joint is not None
            assert joint.p_all is not None
            product = float(np.prod([one.p_hit for one in said if one.p_hit is not None]))
            came = all((one.path.end or 0) >= (one.path.succeeds_at or 1) for one in group)
            rows.append((number, joint.p_all, product, joint.lowest, joint.highest, float(came)))
    return dict(zip(("company", "p_hit", "product", "lowest", "highest", "hit"), np.array(rows).T, strict=True))


def epics(seed: int, count: int, weeks: int, runs: int = 1000) -> Iterator[Tried]:
    """Epics of as many made-up teams, forecast from ``weeks`` weeks of history; without those that get no date."""
    first, number = date(2026, 1, 5), 0
    while count:
        made = team([seed, weeks, number], weeks)
        number += 1
        said = delivery.forecast([made.epic], made.history, first, made.closed, seed=number, runs=runs)[0]
        if said.reason:
            continue
        shares = np.r_[0.0, np.cumsum(delivery.open_shares(first, delivery.HORIZON + 1, made.closed))]
        count -= 1
        yield Tried({level: float(shares[n or 0]) for level, n in said.weeks.items()}, float(shares[made.took]))


def held(finished: Sequence[Tried], widening: Mapping[float, float] | None = None) -> dict[float, float]:
    """By level: how often an epic was done by the week that was said."""
    factors = widening or {}
    return {
        level: float(np.mean([one.took <= one.said[level] * factors.get(level, 1.0) + 1e-9 for one in finished]))
        for level in delivery.LEVELS
    }

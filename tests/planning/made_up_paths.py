"""Key results of made-up companies: what backtests of forecasts are run on.

Belongs here: shapes, noise, late starts, weekly and monthly check-ins, shocks that the key results of a cycle share.
Does not: forecasts. Nothing of it is known to planning/.

A company has LINES goals. A goal repeats in each cycle with its own shape and ambition, or (REPEATED) is another one
each time. Progress is size x shape + a wandering error; the end is graded with an error of its own. The shape "step"
was left out while the forecast was developed.
"""

from dataclasses import dataclass

import numpy as np

from planning.key_results import Path

SHAPES = ("linear", "front", "back", "seasonal")
UNSEEN = "step"
LINES = 12
REPEATED = 0.6
ORIGINS = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Made:
    """A key result, whole: what a forecast may not see is its end and the check-ins after its age."""

    cycle: int
    shape: str
    is_monthly: bool
    is_late: bool
    path: Path

    def at(self, age: float) -> Path:
        path = self.path
        seen = [(time, value) for time, value in zip(path.times, path.values, strict=True) if time <= age]
        times, values = zip(*seen, strict=True) if seen else ((), ())
        return Path(path.key_result_id, path.cycle, path.line, times, values, path.succeeds_at, None, age)


def shaped(shape: str, times: np.ndarray, bend: float) -> np.ndarray:
    """Progress from 0 to 1 over a life; ``bend``, 1.2 to 4.5, says how much it differs from a line."""
    if shape == "front":
        return 1 - (1 - times) ** bend
    if shape == "back":
        return times**bend
    if shape == "seasonal":
        return times + 0.07 * bend * np.sin(2 * np.pi * times) * (-1 if bend > 2.75 else 1)
    if shape == "step":
        return 0.1 * times + 0.9 * (times >= 0.2 + 0.28 * (bend - 1.5))
    return times


def company(
    seed: list[int], cycles: int, shapes: tuple[str, ...] = SHAPES, together: float = 0.0, lines: int = LINES
) -> list[Made]:
    """``together``: the correlation of the sizes of one cycle's key results."""
    rng = np.random.default_rng(seed)

    def goal() -> tuple[str, float, float]:
        return shapes[rng.integers(len(shapes))], rng.uniform(1.5, 4), rng.normal(0, 0.15)

    goals = [goal() for _ in range(lines)]
    repeated = rng.random(lines) < REPEATED
    aims = np.where(rng.random(lines) < 0.7, 1.0, 0.7)
    often = np.where(rng.random(lines) < 0.6, 13, 3)  # weekly or monthly
    found = []
    for cycle in range(cycles):
        shared = rng.normal()
        for line in range(lines):
            shape, bend, ambition = goals[line] if repeated[line] else goal()
            luck = np.sqrt(together) * shared + np.sqrt(1 - together) * rng.normal()
            size = aims[line] * (1 + ambition + 0.25 * luck)
            begins = rng.uniform(0.2, 0.5) if rng.random() < 0.1 else 0.0  # of the cycle; a life begins there
            count = max(2, round(often[line] * (1 - begins)))
            times = np.arange(1, count + 1) / count - 0.3 / count * rng.random()
            error = wandering(rng, count)
            bend = float(np.clip(bend + rng.normal(0, 0.3), 1.2, 4.5))
            values = size * shaped(shape, times, bend) + error
            end = size * shaped(shape, np.ones(1), bend)[0] + error[-1] + rng.normal(0, 0.02)
            kept = rng.random(count) > 0.1  # some check-ins are forgotten
            name = f"L{line:03d}" if repeated[line] else f"L{line:03d}-{cycle:02d}"
            path = Path(
                f"C{cycle:02d}-{line:03d}",
                f"C{cycle:02d}",
                name,
                tuple(times[kept]),
                tuple(values[kept]),
                float(aims[line]),
                float(end),
            )
            found.append(Made(cycle, shape, bool(often[line] == 3), begins > 0, path))
    return found


def wandering(rng: np.random.Generator, count: int) -> np.ndarray:
    keeps = 0.8 if count > 5 else 0.3
    error = rng.normal(0, 0.03, count)
    for index in range(1, count):
        error[index] += keeps * error[index - 1]
    return error

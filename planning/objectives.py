"""Whether an objective will be reached, though its key results rise and fall together.

Belongs here: key results of one objective joined: past cycles are drawn whole, so that what moved together then moves
together now. Does not: the key results one by one (key_results.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from planning.key_results import Array, Forecast, History, Path, quantiles

DRAWS = 5_000


@dataclass(frozen=True, slots=True)
class Outlook:
    """``p_all``: all key results succeed; ``lowest`` and ``highest``: what it can be whatever they have in common.

    ``p10``, ``p50``, ``p90``: of the score, the mean of progress clipped to 0…1 by the weights. ``reason``: that of
    one of the key results.
    """

    lowest: float
    highest: float
    p_all: float | None
    p10: float | None
    p50: float | None
    p90: float | None
    reason: str = ""


def outlook(
    history: History, running: Sequence[Path], forecasts: Sequence[Forecast], weights: Sequence[float], seed: int = 0
) -> Outlook | None:
    """None where nothing is known of one of the key results, or there is none."""
    chances = [one.p_hit for one in forecasts if one.p_hit is not None]
    if not chances or len(chances) < len(forecasts):
        return None
    lowest, highest = max(0.0, sum(chances) - len(chances) + 1), min(chances)
    reasons = {one.reason for one in forecasts if one.reason}
    if not history.size or "insufficient_history" in reasons:
        return Outlook(lowest, highest, None, None, None, None, "insufficient_history")
    ends = together(history, running, forecasts, np.random.default_rng(seed))
    aims = np.array([path.succeeds_at for path in running], float)
    p_all = float((ends >= aims).all(1).mean())
    p10 = p50 = p90 = None
    if sum(weights):
        scores = np.clip(ends, 0, 1) @ (np.asarray(weights, float) / sum(weights))
        p10, p50, p90 = (float(value) for value in quantiles(scores, (0.1, 0.5, 0.9)))
    return Outlook(lowest, highest, min(max(p_all, lowest), highest), p10, p50, p90, min(reasons, default=""))


def together(
    history: History, running: Sequence[Path], forecasts: Sequence[Forecast], rng: np.random.Generator
) -> Array:
    """DRAWS x key results: ends, each as its own forecast has it, and joined as the misses of one past cycle were.

    A past cycle is drawn, then of it as many key results as there are running ones, each once where it has enough. How
    high the miss of each was says how high the running one's draw is.
    """
    ends = np.empty((DRAWS, len(running)))
    drawn = history.cycle[rng.integers(history.size, size=DRAWS)]
    ranks = [history.ranks(path.age) for path in running]
    for cycle in np.unique(drawn):
        rows, members = np.flatnonzero(drawn == cycle), np.flatnonzero(history.cycle == cycle)
        enough = np.tile(members, -(-len(running) // len(members)))
        order = rng.permuted(np.tile(enough, (len(rows), 1)), axis=1)
        for column, one in enumerate(forecasts):
            level = ranks[column][order[:, column]]
            if len(one.draws):
                ends[rows, column] = one.draws[(level * len(one.draws)).astype(int)]
            else:  # reached or not
                ends[rows, column] = level >= 1 - (one.p_hit or 0.0)
    return ends

"""Made-up launches with an effect that is known, for the estimates of planning/effects.py.

Belongs here: accounts' weekly use, as counted events, with everything that makes an effect look larger or smaller than
it is. Does not: any estimate.
"""

from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from planning.effects import Panel


@dataclass(frozen=True, slots=True)
class World:
    """What disturbs: ``season`` and ``growth`` of all accounts, larger accounts exposed first (``by_size``), accounts
    that come and go (``leaving``), one wave or several, ``drift`` a week by which those who get it grew anyway (before
    and after), and ``spike``: they take it in the weeks in which they use most."""

    season: float = 0.15
    growth: float = 0.003
    by_size: float = 0.0
    leaving: float = 0.0
    waves: int = 1
    everybody: bool = False
    drift: float = 0.0
    spike: float = 0.0


EFFECTS = (0.0, 0.05, 0.2)
CLEAN = {
    "quiet": World(season=0, growth=0),
    "season and growth": World(season=0.3, growth=0.008),
    "larger accounts first": World(by_size=1.0),
    "accounts leave": World(leaving=0.004),
    "three waves": World(waves=3),
    "in waves to everybody": World(waves=4, everybody=True),
    "all of it": World(season=0.3, growth=0.006, by_size=0.7, leaving=0.003, waves=3),
}
CONFOUNDED = {
    "adopters grew 0.5 % a week": World(drift=0.005),
    "adopters grew 1 % a week": World(drift=0.01),
    "adopters grew 2 % a week": World(drift=0.02, waves=3),
    "adopters took it at their peak": World(spike=0.5),
}


def launch(world: World, effect: float, seed: str) -> Panel:
    """Of 80 to 300 unequal accounts, over 26 to 52 weeks before and 8 to 16 weeks after the first of them had it."""
    draws = np.random.default_rng(Random(seed).getrandbits(64))
    accounts, before, after = draws.integers(80, 301), draws.integers(26, 53), draws.integers(8, 17)
    weeks = int(before + after)
    time = np.arange(weeks)
    size = np.log(30) + draws.normal(0, 1.1, accounts)
    chance = 1 / (1 + np.exp(-(world.by_size * (size - size.mean()) + draws.logistic(0, 1, accounts))))
    share = 1.0 if world.everybody else draws.uniform(0.25, 0.6)
    exposed = chance >= np.quantile(chance, 1 - share)
    wave = draws.integers(0, world.waves, accounts)
    apart = max(2, after // (world.waves + 1))
    since = np.where(exposed, before + wave * apart, weeks).astype(np.int64)
    together = (
        world.season * np.sin(2 * np.pi * (time + draws.integers(52)) / 52)
        + world.growth * time
        + draws.normal(0, 0.05, weeks)
    )
    own = persistent(draws, accounts, weeks, 0.25, 0.6) + draws.normal(0, 0.002, (accounts, 1)) * time
    has = time >= since[:, None]
    drift = world.drift * exposed[:, None] * time
    near = world.spike * exposed[:, None] * np.exp(-np.abs(time - since[:, None]) / 3)
    felt = np.log1p(effect) * draws.normal(1, 0.3, (accounts, 1)) * has
    level = np.exp(size[:, None] + together + own + drift + near + felt)
    gone = draws.geometric(world.leaving, accounts) if world.leaving else np.full(accounts, weeks)
    counted = draws.poisson(level * draws.gamma(20, 1 / 20, level.shape))
    return Panel(np.where(time < gone[:, None], counted, 0).astype(float), since, is_relative=True)


def persistent(
    draws: np.random.Generator, accounts: int, weeks: int, spread: float, memory: float
) -> NDArray[np.float64]:
    """Noise that a week has in common with the week before."""
    found = np.empty((accounts, weeks))
    found[:, 0] = draws.normal(0, spread, accounts)
    for week in range(1, weeks):
        found[:, week] = memory * found[:, week - 1] + draws.normal(0, spread * np.sqrt(1 - memory**2), accounts)
    return found

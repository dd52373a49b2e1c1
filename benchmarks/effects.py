"""Does the estimate of a launch's effect say what was planted, and say nothing where it can't know?

Made-up launches (tests/planning/made_up_launches.py), each with its own accounts, sizes, noise, season and growth, and
an effect of 0, 5 or 20 %. Clean are those in which nothing but the launch sets the groups apart; confounded those in
which accounts took it because they were growing, or when they used most. Of each world and effect LAUNCHES are
estimated; errors are binomial standard errors. A false positive is an interval without 0 where 0 was planted.
Run: ``python -m benchmarks.effects`` (about three minutes). Writes benchmarks/results/effects.json.
"""

from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np

from benchmarks.results import write
from planning.effects import Effect, estimate
from tests.planning.made_up_launches import CLEAN, CONFOUNDED, EFFECTS, launch

LAUNCHES = 300
Judged = tuple[float, Effect]


def share(found: Sequence[bool]) -> dict[str, Any]:
    came = float(np.mean(found)) if found else 0.0
    return {
        "share": round(came, 3),
        "n": len(found),
        "error": round((came * (1 - came) / max(1, len(found))) ** 0.5, 3),
    }


def says_so(one: Effect) -> bool:
    """Whether the interval excludes that nothing happened."""
    return one.low is not None and one.high is not None and not one.low <= 0 <= one.high


def covers(planted: float, one: Effect) -> bool:
    return one.low is not None and one.high is not None and one.low <= planted <= one.high


def judged(rows: Sequence[Judged]) -> dict[str, Any]:
    known = [(planted, one) for planted, one in rows if one.effect is not None]
    off = [(one.effect or 0) - planted for planted, one in known]
    return {
        "identifiable": share([one.effect is not None for _, one in rows]),
        "covered": share([covers(planted, one) for planted, one in known]),
        "says that there is an effect": share([says_so(one) for _, one in known]),
        "mean error": round(float(np.mean(off)), 4) if off else None,
    }


def pooled(rows: dict[tuple[str, float], list[Judged]]) -> dict[str, Any]:
    def of(names: Sequence[str], *effects: float) -> list[Judged]:
        return [one for (name, effect), found in rows.items() if name in names and effect in effects for one in found]

    def known(found: list[Judged]) -> list[Judged]:
        return [(planted, one) for planted, one in found if one.effect is not None]

    clean, growing = list(CLEAN), [name for name in CONFOUNDED if "grew" in name]
    everything = [*clean, *CONFOUNDED]
    nothing, some = known(of(everything, 0.0)), known(of(everything, *EFFECTS))
    return {
        "false positives, of identifiable launches": share([says_so(one) for _, one in nothing]),
        "false positives, of all launches": share([says_so(one) for _, one in of(everything, 0.0)]),
        "false positives, of identifiable clean launches": share([says_so(one) for _, one in known(of(clean, 0.0))]),
        "covered, of identifiable launches": share([covers(*one) for one in some]),
        "covered, of identifiable clean launches": share([covers(*one) for one in known(of(clean, *EFFECTS))]),
        "+20 % found, of identifiable clean launches": share([says_so(one) for _, one in known(of(clean, 0.2))]),
        "clean launches that are identifiable": share([one.effect is not None for _, one in of(clean, *EFFECTS)]),
        "refused where adopters were already growing": share([one.effect is None for _, one in of(growing, *EFFECTS)]),
    }


def main() -> None:
    rows: dict[tuple[str, float], list[Judged]] = {}
    for (name, world), effect in product({**CLEAN, **CONFOUNDED}.items(), EFFECTS):
        rows[name, effect] = [
            (effect, estimate(launch(world, effect, f"{name} {effect} {number}"))) for number in range(LAUNCHES)
        ]
    each = {f"{name}, {100 * effect:.0f} %": judged(found) for (name, effect), found in rows.items()}
    write("effects", pooled(rows) | each)


if __name__ == "__main__":
    main()

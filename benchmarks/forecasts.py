"""Are forecasts of key results, objectives and epics as sure as they say, and better than rules of thumb?

Backtests on made-up companies (tests/planning/backtests.py), by rolling origin:
- key results: coverage of the 80 % interval, calibration error, Brier score and interval score at each length of
  history from 1 to 12 cycles, in three worlds: the four shapes that were known when the forecast was developed; with a
  fifth that was not; and with key results that rise and fall together by a correlation of 0.5. Beside them the linear
  pace (D17), the last trend and the share of past cycles that was reached. A world has COMPANIES companies with 12 key
  results a cycle, each calibrated on its own past: at h cycles 1,200·h key results are calibrated on, 1,200 others are
  forecast. One more company has 1,000 key results a cycle;
- objectives of three key results: the joint probability against the product;
- epics: how often dates of P50, P85 and P95 hold, as drawn and widened by 1,000 other epics.

Errors are standard errors of the mean over companies, which share their luck.
Run: ``python -m benchmarks.forecasts`` (about five minutes). Writes benchmarks/results/forecasts.json.
"""

from typing import Any

from benchmarks.results import write
from planning import delivery
from planning.key_results import Array
from tests.planning import backtests
from tests.planning.made_up_paths import SHAPES, UNSEEN

COMPANIES = 100
ALL = (*SHAPES, UNSEEN)
WORLDS: dict[str, tuple[int, tuple[str, ...], float]] = {
    "four shapes": (101, SHAPES, 0.0),
    "and one unseen": (102, ALL, 0.0),
    "together 0.5": (103, ALL, 0.5),
}
RULES = ("linear_pace", "trend", "share")
EPICS = 1000


def judged(rows: dict[str, Array], shapes: tuple[str, ...]) -> dict[str, Any]:
    inside = backtests.covered(rows)
    share, error = backtests.by_company(rows, inside) if len(set(rows["company"])) > 1 else (float(inside.mean()), 0.0)
    return {
        "forecasts": len(inside),
        "coverage": round(share, 3),
        "coverage_error": round(error, 3),
        "coverage_by_shape": {
            shape: round(float(inside[rows["shape"] == number].mean()), 2) for number, shape in enumerate(shapes)
        },
        "coverage_by_age": {str(age): round(float(inside[rows["age"] == age].mean()), 2) for age in (0.25, 0.5, 0.75)},
        **{
            f"coverage_{name}": round(float(inside[rows[column] == value].mean()), 2)
            for name, column, value in (("weekly", "monthly", 0), ("monthly", "monthly", 1), ("late", "late", 1))
        },
        "interval_score": round(backtests.interval_score(rows), 3),
        "calibration_error": round(backtests.calibration_error(rows), 3),
        "brier": round(backtests.brier(rows), 3),
        **{f"brier_{rule}": round(backtests.brier(rows, rule), 3) for rule in RULES},
    }


def key_results() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for world, (seed, shapes, together) in WORLDS.items():
        scored = backtests.key_results(seed, COMPANIES, range(1, 13), shapes, together)
        for cycles, rows in scored.items():
            found[f"{world}, {cycles} cycles"] = judged(rows, shapes)
        bins = backtests.reliability(scored[8]["p_hit"], scored[8]["hit"])
        found[f"{world}, reliability at 8 cycles"] = [[round(said, 2), round(came, 2), n] for said, came, n in bins]
    large = backtests.key_results(104, 1, (1, 4, 8), ALL, lines=1000)
    return found | {f"one large company, {cycles} cycles": judged(rows, ALL) for cycles, rows in large.items()}


def objectives() -> dict[str, Any]:
    found = {}
    for together in (0.0, 0.5):
        rows = backtests.objectives(105, 2 * COMPANIES, 8, together)
        found[f"objectives of three, together {together}"] = {
            "objectives": len(rows["hit"]),
            "came": round(float(rows["hit"].mean()), 3),
            "said": round(float(rows["p_hit"].mean()), 3),
            "product": round(float(rows["product"].mean()), 3),
            "brier": round(backtests.brier(rows), 3),
            "brier_product": round(backtests.brier(rows, "product"), 3),
        }
    return found


def epics() -> dict[str, Any]:
    found = {}
    for weeks in (6, 13, 26, 52):
        learned, tested = (list(backtests.epics(seed, EPICS, weeks)) for seed in (106, 107))
        factors = delivery.widening(learned)
        found[f"epics, {weeks} weeks of history"] = {
            "as drawn": {f"P{100 * level:.0f}": round(share, 3) for level, share in backtests.held(tested).items()},
            "widened": {
                f"P{100 * level:.0f}": round(share, 3) for level, share in backtests.held(tested, factors).items()
            },
            "widening": {f"P{100 * level:.0f}": round(factor, 2) for level, factor in (factors or {}).items()},
        }
    return found


def main() -> None:
    write("forecasts", key_results() | objectives() | epics())


if __name__ == "__main__":
    main()

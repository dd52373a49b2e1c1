"""`make torture`: prints one line a figure and keeps those of each part in benchmarks/results/torture_<part>.json.

Belongs here: how often and with which seeds. Does not: what is proven (the modules beside).
"""

import argparse
import os
import random
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

from benchmarks.results import write
from ingestion.sources import SOURCES
from tests.end_to_end.claims import CLAIMS, paged_differences, played
from tests.ingestion.sources.test_wrong_bodies import BODIES
from tests.serving.storm import storm
from tests.torture import control_mutations, mutations, proof_mutations
from tests.torture.bodies import taken_for_right
from tests.torture.clients.catalogue import CLIENTS
from tests.torture.clients.compare import compared
from tests.torture.disclosure import attacked
from tests.torture.disk import ROOM, filled
from tests.torture.kills import one_round
from tests.torture.off import without
from tests.torture.restore import restored

RED = (
    "kill_differences",
    "off_differences",
    "truth_differences",
    "storm_errors",
    "storm_torn",
    "mutations_let_through",
    "proof_survived",
    "rules_unseen_by_controls",
    "client_differences",
    "disk_differences",
    "restore_differences",
    "disclosed",
    "bodies_taken_for_right",
    "what_ifs_disclosed",
)
"""Figures that are empty or 0 where everything is exact."""
PAGES = {1: 1, 2: 7, 3: 1, 4: 7, 5: 1}
"""Page sizes by company."""
COMPANIES = (1, 3, 4, 5)
"""Played always, beside those of `make test`; how many others is asked for."""


def killed(rounds: int, each: int, seed: int) -> dict[str, object]:
    """``each`` kills in every phase per round, in random order; every round ends with a clean run. As many rounds go on
    at a time as there are cores."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        done = list(pool.map(one_round, [each] * rounds, range(seed, seed + rounds)))
    kills = sum((one.kills for one in done), Counter[str]())
    return {
        "kills": sum(kills.values()),
        "kills_by_phase": dict(kills),
        "kills_while_landing": dict(sum((one.landing for one in done), Counter[str]())),
        "kill_reconnects": sum(one.reconnected for one in done),
        "kill_restatements": sum(one.restated for one in done),
        "kill_rounds": rounds,
        "kill_seeds": [seed, seed + rounds - 1],
        "kill_differences": [problem for one in done for problem in one.differences],
    }


def true_companies(seeds: Sequence[int]) -> dict[str, object]:
    """Every seed played in a random number of runs with a random page size, against the truth."""
    problems: list[str] = []
    values = 0
    for seed, page_cap in PAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            found = paged_differences(Path(folder) / "home", seed, page_cap)
        problems += [f"seed {seed}, pages of {page_cap}: {problem}" for problem in found]
    for seed in seeds:
        rng = random.Random(seed)
        runs, page_cap = rng.randint(1, 8), rng.choice((3, 7, 20, 100))
        with (
            tempfile.TemporaryDirectory() as folder,
            played(Path(folder) / "home", seed, runs, builds=rng.randint(1, runs), page_cap=page_cap) as company,
        ):
            problems += [f"seed {seed}, {claim}: {one}" for claim, find in CLAIMS.items() for one in find(company)]
            values += company.values_compared
    return {"truth_seeds": len(seeds), "truth_values_compared": values, "truth_differences": problems}


def read(publishes: int, readers: int = 3) -> dict[str, object]:
    """Readers that open, ask and close without pause while one snapshot after the other is published."""
    with tempfile.TemporaryDirectory() as folder:
        reading = storm(Path(folder), publishes=publishes, readers=readers)
    return {"publishes": publishes, "readers": readers, **{f"storm_{name}": n for name, n in asdict(reading).items()}}


def switched_off(seed: int) -> dict[str, object]:
    """Each source in turn is one that the company does not have."""
    problems: list[str] = []
    for source in SOURCES:
        with tempfile.TemporaryDirectory() as folder:
            found = without(source, Path(folder) / "home", seed)
        problems += [f"{source}: {problem}" for problem in found]
        print(f"without {source}: {found or 'the rest runs'}", flush=True)
    return {"off_sources": len(SOURCES), "off_differences": problems}


def mutated() -> dict[str, object]:
    """Each known mistake is made in a copy of the tree and must turn its test red; without a rule its control must."""
    with tempfile.TemporaryDirectory() as folder:
        found = mutations.let_through(Path(folder), mutations.MUTATIONS)
    with tempfile.TemporaryDirectory() as folder:
        unseen = control_mutations.unseen(Path(folder))
    return {
        "mutations": len(mutations.MUTATIONS),
        "mutations_let_through": found,
        "rules": len(control_mutations.RULES),
        "rules_unseen_by_controls": unseen,
    }


def spoilt(seed: int) -> dict[str, object]:
    """Mistakes in what landed of a company's books and people and in what models made, on its own warehouse."""
    with tempfile.TemporaryDirectory() as folder, played(Path(folder) / "home", seed, runs=1) as company:
        return proof_mutations.survived(company.home, Path(folder))


def full_disks(times: int, seed: int) -> dict[str, object]:
    """Each phase meets a full disk so many times; needs root, who alone may mount the small disks."""
    done = {phase: filled(phase, times, seed) for phase in ROOM}
    return {
        "disk_full": {phase: len(one.room) for phase, one in done.items()},
        "disk_room_mb": {phase: one.room for phase, one in done.items()},
        "disk_runs_that_had_room": sum(one.had_room for one in done.values()),
        "disk_seed": seed,
        "disk_differences": [problem for one in done.values() for problem in one.differences],
    }


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument(
        "parts",
        nargs="*",
        metavar="PART",
        help="clients, mutations, proof, bodies, storm, truth, disclosure, disk, restore, off, kills; all unless named",
    )
    asked.add_argument("--rounds", type=int, default=10, help="of six kills each")
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--publishes", type=int, default=200)
    chosen = asked.parse_args()
    parts: dict[str, Callable[[], dict[str, object]]] = {
        "clients": lambda: compared(CLIENTS),
        "mutations": mutated,
        "bodies": lambda: {"bodies": len(BODIES), "bodies_taken_for_right": taken_for_right()},
        "proof": lambda: spoilt(1),
        "storm": lambda: read(chosen.publishes),
        "truth": lambda: true_companies([*COMPANIES, *range(101, 101 + chosen.seeds)]),
        "disclosure": lambda: attacked(200),
        "disk": lambda: full_disks(2, seed=301),
        "restore": lambda: restored(302, while_running=2),
        "off": lambda: switched_off(3),
        "kills": lambda: killed(chosen.rounds, each=1, seed=201),
    }
    if unknown := set(chosen.parts) - set(parts):
        asked.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    red = []
    for name in chosen.parts or parts:
        begun = time.monotonic()
        figures = parts[name]()
        figures["minutes"] = round((time.monotonic() - begun) / 60, 1)
        write(f"torture_{name}", figures)
        red += [figure for figure in RED if figures.get(figure)]
    print(f"red: {', '.join(red)}" if red else "all exact", flush=True)
    return bool(red)


if __name__ == "__main__":
    raise SystemExit(main())

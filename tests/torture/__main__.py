"""`make torture`: prints one line a figure and keeps those of each part in benchmarks/results/torture_<part>.json.

Belongs here: how often and with which seeds. Does not: what is proven (the modules beside).
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from multiprocessing import get_context
from pathlib import Path

import duckdb

import registry
from benchmarks.results import write
from ingestion import sql
from ingestion.sources import SOURCES
from serving.board import packs
from serving.published import COMPANY
from tests.end_to_end.claims import CLAIMS, paged_differences, played
from tests.end_to_end.play import LAST_DAY
from tests.environment import without_settings
from tests.in_process_dbt import parsed_home
from tests.ingestion.sources.test_wrong_bodies import BODIES
from tests.metricflow import LISTED, Compared, Metrics
from tests.metricflow import compared as compared_metrics
from tests.serving.storm import storm
from tests.serving.zombies import late, points
from tests.torture import (
    alterations,
    check_mutations,
    control_mutations,
    domains,
    expectation_mutations,
    mutations,
    proof_mutations,
    registry_mutations,
)
from tests.torture.bodies import taken_for_right
from tests.torture.clients.catalogue import CLIENTS
from tests.torture.clients.compare import compared
from tests.torture.clocks import flipped
from tests.torture.disclosure import attacked
from tests.torture.disk import ROOM, filled
from tests.torture.explain import explained
from tests.torture.interruptions import at_once, interrupted
from tests.torture.kills import one_round
from tests.torture.off import without
from tests.torture.restore import restored
from tests.torture.workers import killed as workers_killed

RED = (
    "kill_differences",
    "worker_differences",
    "interruptions_differences",
    "two_runs_differences",
    "off_differences",
    "truth_differences",
    "storm_errors",
    "storm_torn",
    "mutations_let_through",
    "proof_survived",
    "rules_unseen_by_controls",
    "expectation_alarms",
    "client_differences",
    "checks_survived",
    "domains_differences",
    "zombies_that_published",
    "disk_differences",
    "restore_differences",
    "disclosed",
    "bodies_taken_for_right",
    "what_ifs_disclosed",
    "clock_differences",
    "verify_untouched_red",
    "verify_unseen",
    "explain_differences",
    "metricflow_differences",
)
"""Figures that are empty or 0 where everything is exact."""
PAGES = {1: 1, 2: 7, 3: 1, 4: 7, 5: 1}
"""Page sizes by company."""
COMPANIES = (1, 3, 4, 5)
"""Played always and to their end, beside those of `make test`; how many others is asked for."""
FEWEST_DAYS = 200
"""Before them a company has hardly a row of most marts."""
FEW = ": only "
"""How claims say that a mart is hardly there, as some are in the middle of a company's story."""


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


def workers(kills: int, seed: int) -> dict[str, object]:
    """Run workers of Dagster's daemon killed at random times; the last run killed is one in place of another."""
    with tempfile.TemporaryDirectory() as folder:
        done = workers_killed(Path(folder) / "home", kills, seed)
    return {"worker_seed": seed, **{f"worker_{name}": value for name, value in asdict(done).items()}}


def ended(rounds: int, seed: int) -> dict[str, object]:
    """Interruptions in ``rounds`` homes, ten in each, as many at a time as there are cores."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        done = list(pool.map(interrupted, range(seed, seed + rounds), [10] * rounds))
    seconds = sorted(second for one in done for second in one.seconds)
    return {
        "interruptions": sum(sum(one.interrupted.values()) for one in done),
        "interruptions_by_command": dict(sum((one.interrupted for one in done), Counter[str]())),
        "interruptions_too_late": sum(one.too_late for one in done),
        "interruptions_runs_met": dict(sum((one.met for one in done), Counter[str]())),
        "interruptions_seconds_to_end": {"median": seconds[len(seconds) // 2], "most": seconds[-1]} if seconds else {},
        "interruptions_seeds": [seed, seed + rounds - 1],
        "interruptions_differences": [f"seed {one.seed}: {problem}" for one in done for problem in one.differences],
    }


def beside_each_other(rounds: int, seed: int) -> dict[str, object]:
    """Two runs of one home at once, in ``rounds`` homes, 25 times in each, every fifth of them with something new; as
    many homes at a time as there are cores."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        done = list(pool.map(at_once, range(seed, seed + rounds), [25] * rounds, [5] * rounds))
    return {
        "two_runs": sum(sum(one.interrupted.values()) for one in done),
        "two_runs_exit_codes": dict(sum((one.interrupted for one in done), Counter[str]())),
        "two_runs_seeds": [seed, seed + rounds - 1],
        "two_runs_differences": [f"seed {one.seed}: {problem}" for one in done for problem in one.differences],
    }


def true_companies(seeds: Sequence[int]) -> dict[str, object]:
    """Every seed played in a random number of runs with a random page size, and all but the first to a random day: what
    is true at the end of a company's story need not be true in the middle of it."""
    problems: list[str] = []
    values = 0
    for seed, page_cap in PAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            found = paged_differences(Path(folder) / "home", seed, page_cap)
        problems += [f"seed {seed}, pages of {page_cap}: {problem}" for problem in found]
    for seed in seeds:
        rng = random.Random(seed)
        runs, page_cap = rng.randint(1, 8), rng.choice((3, 7, 20, 100))
        builds, last = rng.randint(1, runs), None if seed in COMPANIES else rng.randint(FEWEST_DAYS, LAST_DAY)
        with (
            tempfile.TemporaryDirectory() as folder,
            played(Path(folder) / "home", seed, runs, builds=builds, page_cap=page_cap, last=last) as company,
        ):
            where = f"seed {seed} until {company.now}"
            found = [f"{claim}: {one}" for claim, find in CLAIMS.items() for one in find(company)]
            problems += [f"{where}, {one}" for one in found if not (last and FEW in one)]
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


def ran(home: Path, seed: int, scale: str) -> Path:
    """A made-up company after `prodops run`."""
    command = [sys.executable, "-m", "cli.main", "run", "--seed", str(seed)]
    settings = {"PRODOPS_HOME": str(parsed_home(home)), "PRODOPS_SCALE": scale}
    subprocess.run(command, env={**without_settings(), **settings}, check=True, stdout=subprocess.DEVNULL)
    return home


def broken(seed: int, scale: str) -> dict[str, object]:
    """Each check is broken by one mistake; then, of the same company, one in each domain by a run, and each source."""
    with tempfile.TemporaryDirectory() as folder:
        home = ran(Path(folder) / "home", seed, scale)
        copies = Path(folder) / "copies"
        copies.mkdir()
        copied = check_mutations.Copied(home, copies)
        found = list(map(copied.outcome, copied.tests))
        copied.connection.close()
        found += expectation_mutations.expectations_mutated(home, copies)
        spare = Path(shutil.copytree(home, Path(folder) / "spare", symlinks=True))
        found += registry_mutations.proofs_mutated(spare)
        figures = check_mutations.summed(found)
        return {**figures, **domains.red_in_turn(home, seed, scale), "checks_of": f"seed {seed}, {scale}"}


def reread(number: int, seed: int) -> dict[str, object]:
    """So many files of a company's pack with one digit changed, and all of them as they were made."""
    with tempfile.TemporaryDirectory() as folder:
        home = ran(Path(folder) / "home", seed, "tiny")
        (pack,) = [path for path, said in packs.written(home) if said["audience"] == COMPANY]
        scratch = Path(folder) / "altered"
        scratch.mkdir()
        return {**alterations.altered(pack, home, scratch, number), "verify_of": f"seed {seed}, tiny"}


def restated(seed: int, scale: str) -> dict[str, object]:
    """Restatements planted after a pack, alone and together, and what is said of their causes."""
    with tempfile.TemporaryDirectory() as folder:
        found = explained(ran(Path(folder) / "home", seed, scale))
    return {
        "explain_figures_made_again": found.made_again,
        "explain_sets_of_causes": found.sets,
        "explain_shares": found.shares,
        "explain_of": f"seed {seed}, {scale}",
        "explain_differences": found.differences,
    }


def overtaken() -> dict[str, object]:
    """A publish is stopped at each point, loses its lease to another one and goes on."""
    with tempfile.TemporaryDirectory() as folder:
        last = points(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        return {"zombies": last - 1, "zombies_that_published": late(Path(folder), range(1, last))}


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


def unexpected(seeds: Sequence[int], loads: int) -> dict[str, object]:
    """Companies without a mistake that load one time after the other: whatever is red is a false alarm."""
    looked, red = 0, []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            number, found = expectation_mutations.alarms(Path(folder) / "home", seed, loads)
        looked, red = looked + number, red + found
        print(f"seed {seed}: {number} looked for, {found or 'none red'}", flush=True)
    return {"expectation_seeds": [*seeds], "expectations_looked_for": looked, "expectation_alarms": red}


def answered(seeds: Sequence[int]) -> dict[str, object]:
    """MetricFlow is asked for every registered metric of these companies: by its mart's whole key, by the date and by
    nothing."""
    found: list[Compared] = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder, played(Path(folder) / "home", seed, runs=1) as company:
            manifest = parsed_home(Path(folder) / "parsed") / "dbt" / "semantic_manifest.json"
            with duckdb.connect() as connection:
                warehouse = sql.text(str(company.home / "warehouse.duckdb"))
                connection.execute(f"attach {warehouse} as warehouse (read_only); set TimeZone = 'UTC'")
                found += compared_metrics(connection, Metrics(connection, manifest), registry.metrics())
    kinds = {one.metric: one.kind for one in found}
    differing = {one.metric: one.differing for one in found if one.differing}
    return {
        "metricflow_seeds": [*seeds],
        "metricflow_registered": sum(1 for _ in registry.metrics().published()),
        "metricflow_expressed": len(kinds),
        "metricflow_equal": len(kinds.keys() - differing.keys()),
        "metricflow_listed": {
            reason: sorted(metric for metric, kind in kinds.items() if kind == listed)
            for listed, reason in LISTED.items()
        },
        "metricflow_listed_number": sum(kind in LISTED for kind in kinds.values()),
        "metricflow_figures_compared": sum(one.figures for one in found),
        "metricflow_differences": [f"{metric} {one}" for metric, some in differing.items() for one in some[:3]],
    }


def main() -> int:
    parts: dict[str, Callable[[], dict[str, object]]] = {
        "clients": lambda: compared(CLIENTS),
        "mutations": mutated,
        "expectations": lambda: unexpected(range(1, 11), loads=3),
        "bodies": lambda: {"bodies": len(BODIES), "bodies_taken_for_right": taken_for_right()},
        "proof": lambda: spoilt(1),
        "checks": lambda: broken(1, "tiny"),
        "metricflow": lambda: answered([1, 2]),
        "verify": lambda: reread(200, seed=1),
        "storm": lambda: read(chosen.publishes),
        "zombies": overtaken,
        "truth": lambda: true_companies([*COMPANIES, *range(101, 101 + chosen.seeds)]),
        "disclosure": lambda: attacked(200),
        "clocks": lambda: flipped([1, 2, 3]),
        "explain": lambda: restated(1, "tiny"),
        "disk": lambda: full_disks(2, seed=301),
        "restore": lambda: restored(302, while_running=2),
        "off": lambda: switched_off(3),
        "workers": lambda: workers(8, seed=1),
        "interruptions": lambda: ended(rounds=2, seed=301),
        "two": lambda: beside_each_other(rounds=2, seed=311),
        "kills": lambda: killed(chosen.rounds, each=1, seed=201),
    }
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=10, help="of six kills each")
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--publishes", type=int, default=200)
    asked.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(parts)}; all of them unless named")
    chosen = asked.parse_args()
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

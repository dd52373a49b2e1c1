"""prodops sandbox …: the made-up company on the command line.

Belongs here: reading options, printing. Does not: the company, its vendors, its truth, comparing (sandbox).
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from cli.ports import refuse_taken
from cli.screen import Table, err, note, out, print_table
from ingestion import clock
from ingestion.errors import SettingsError
from orchestration import deployment
from sandbox import faults as faulty
from sandbox import files, server, vendors
from sandbox import truth as true
from sandbox.company import SCALES, Company
from sandbox.company import cases as labelled
from sandbox.compare import compare as compared
from sandbox.truth.figures import figures
from serving.published import Snapshot, current


def serve(seed: int, port: int, scale: str, now: str | None, faults: str | None) -> None:
    """The vendors' APIs until interrupted; prints the settings that point a run to them."""
    refuse_taken(port)
    application = server.app(_company(seed, scale), now=_now(now), faults=_faults(faults))

    def announce(url: str) -> None:
        for name, value in vendors.settings(url).items():
            out().print(f"{name}={value}", markup=False)

    server.serve(application, port, announce)


def truth(seed: int, scale: str, now: str | None) -> None:
    """Its true figures as JSON: the marts by name, and under `figures` what no mart publishes yet."""
    made_up, at = _with_truth(seed, scale), _now(now)
    marts = true.truth(made_up, at)
    out().print(json.dumps({**marts, "figures": figures(made_up, at, marts)}, default=str), markup=False)


def compare(seed: int | None, form: str) -> int:
    """Every published figure against the truth; 1 on any difference."""
    settled = deployment.settle(seed)
    if settled.seed is None:
        raise SettingsError("PRODOPS_HOME", "holds a real company's data; only a made-up one has a truth")
    served = current(settled.home)
    if served is None:
        raise SettingsError(f"PRODOPS_HOME={settled.home}", "nothing is published there yet; run prodops run")
    report = compared(
        true.truth(_with_truth(settled.seed, settled.scale), served.manifest["published_at"]), published(served)
    )
    columns = ("mart", "rows", "compared", "suppressed", "differing", "largest_difference")
    table = Table("marts", "what is published, compared with the truth", columns)
    for mart in report.marts:
        table.add((mart.mart, mart.rows, mart.compared, mart.suppressed, mart.differing, mart.largest))
        for example in mart.examples:
            err().print(f"{mart.mart}: {example}", markup=False)
    print_table(table, form)
    if changed := files.edited(deployment.made_up_files(settled.home)):
        note(f"{', '.join(changed)} were edited, of which the truth knows nothing; prodops sandbox reset restores them")
    return 0 if report.equal else 1


def reset(seed: int | None) -> None:
    """Writes the company's files anew, whatever was edited."""
    settled = deployment.settle(seed)
    if settled.seed is None:
        raise SettingsError("PRODOPS_HOME", "holds a real company's data; its files are its own")
    folder = deployment.made_up_files(settled.home)
    changed = files.edited(folder)
    files.write(_company(settled.seed, settled.scale), folder, clock.iso(clock.now()), again=True)
    out().print(f"restored in {folder}: {', '.join(changed) or 'nothing was edited'}", markup=False)


def published(served: Snapshot) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """The rows of every published mart, by column name."""
    rows = {}
    for mart in served.manifest["marts"]:
        with served.connect(mart) as marts:
            found = marts.execute(f'select * from "{mart}"')
            names = [column[0] for column in found.description]
            rows[mart] = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return rows


def cases(form: str) -> None:
    """Its labelled edge cases."""
    table = Table("cases", "edge cases", ("case", "keys", "explanation"), ("case", "keys", "what is odd"), words=3)
    for case in labelled():
        table.add((case.name, ", ".join(case.keys), case.explanation))
    print_table(table, form)


def _faults(file: str | None) -> list[dict[str, Any]]:
    try:
        script = faulty.load(file) if file else []
        faulty.rules(script)
    except ValueError as error:
        raise SettingsError(f"--faults {file}", " ".join(str(error).split())) from None
    return script


def _with_truth(seed: int, scale: str) -> Company:
    if scale == "large":
        raise SettingsError("--scale", "large is drawn day by day and never held: it is served, and has no truth")
    return _company(seed, scale)


def _company(seed: int, scale: str) -> Company:
    if scale not in SCALES:
        raise SettingsError("--scale", f"{scale!r} is none of {', '.join(SCALES)}")
    return Company(seed, scale)


def _now(now: str | None) -> str:
    if now:
        try:
            clock.parse(now)
        except SettingsError as error:
            raise SettingsError(f"--now {now}", error.hint) from None
    return now or os.environ.get("PRODOPS_NOW") or deployment.SANDBOX_NOW

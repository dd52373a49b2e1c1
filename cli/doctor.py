"""prodops doctor: what is set up, what is missing, how to fix it.

Belongs here: looking. Does not: changing anything but making the home.
"""

import re
import shutil
import stat
import sys
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby

from cli import last_run
from cli.screen import out
from ingestion.manifests import read_manifest, zone_of
from ingestion.sources import SOURCES, Finding, Source
from orchestration import deployment
from orchestration.deployment import Deployment
from serving.published import current, status

ENOUGH_BYTES = 2 * 2**30


def examine(seed: int | None) -> int:
    """Prints every finding; 2 when something must be fixed."""
    settled = deployment.settle(seed)
    findings = list(house(settled))
    findings += last_run.left(settled.home)
    _print(findings)
    with deployment.sources_reachable(settled):
        for source in SOURCES.values():
            findings += _examined(source)
    wrong = sum(not finding.ok for finding in findings)
    out().print(f"{wrong} to fix; each line above that begins with FIX says how" if wrong else "nothing to fix")
    return 2 if wrong else 0


def _examined(source: Source) -> list[Finding]:
    """Prints what there is to say of a source; a source that is off is nothing to fix."""
    landed = _landed(source)
    out().print(f"{source.name}{f', landed last at {landed:%Y-%m-%d %H:%M} UTC' if landed else ', nothing landed yet'}")
    if not source.is_configured():
        # without settings a check gets no further than to name them
        missing = source.check()[0]
        out().print(f"  off   to switch it on: {missing.what}: {missing.hint}", markup=False)
        _print_suffering(source, [])
        return []
    findings = source.check()
    _print(findings, "  ")
    wrong = [finding.what for finding in findings if not finding.ok]
    if wrong:
        _print_suffering(source, wrong)
    return findings


def _print(findings: Sequence[Finding], indent: str = "") -> None:
    """One line each; what was just read and is well shares one."""
    for is_plain, several in groupby(
        findings, lambda one: one.ok and re.fullmatch(r"read [\w.]+", one.what) is not None
    ):
        found = list(several)
        if is_plain:
            out().print(
                f"{indent}ok    read {', '.join(one.what.removeprefix('read ') for one in found)}", markup=False
            )
            continue
        for one in found:
            mark = "note " if one.is_note else "ok   " if one.ok else "FIX  "
            hint = f": {one.hint}" if one.is_note or not one.ok else ""
            out().print(f"{indent}{mark} {one.what}{hint}", markup=False)


def _print_suffering(source: Source, wrong: Collection[str]) -> None:
    """Names the marts that are built from what can't be read: of the streams that are named, or of all."""
    from orchestration.manifest import marts_behind  # dbt and Dagster take two seconds to import

    streams = {stream.name for stream in source.streams}
    named = [streams & set(re.findall(r"\w+", what)) for what in wrong]
    broken = set.union(*named) if named and all(named) else streams
    marts = marts_behind(source.name, broken)
    reported = f"these marts are without {'it' if broken == streams else ', '.join(sorted(broken))}: {', '.join(marts)}"
    out().print(f"        {reported if marts else 'no mart is built from it'}", markup=False)


def _landed(source: Source) -> datetime | None:
    """When something was loaded last."""
    manifests = [read_manifest(zone_of(stream), source.name, stream.name) for stream in source.streams]
    loads = [manifest.load_ids[-1] for manifest in manifests if manifest and manifest.load_ids]
    return datetime.fromtimestamp(float(max(loads)), UTC) if loads else None


def house(settled: Deployment) -> Iterator[Finding]:
    """What does not depend on a source."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding((3, 11) <= sys.version_info[:2] < (3, 13), f"python {version}", "3.11 or 3.12 is needed")
    yield Finding(True, f"company {settled.described} in {settled.home}")
    mode = stat.S_IMODE(settled.home.stat().st_mode)
    yield Finding(mode == 0o700, f"home is for its owner alone ({mode:o})", f"chmod 700 {settled.home}")
    kept = settled.home / "restricted"
    shown = [path for path in (kept, *kept.rglob("*")) if path.lstat().st_mode & 0o077]
    yield Finding(not shown, "restricted/ is for its owner alone", f"{len(shown)} in it are not; chmod -R go= {kept}")
    free = shutil.disk_usage(settled.home).free
    yield Finding(
        free > ENOUGH_BYTES, f"{free / 2**30:.0f} GiB free", "2 GiB are needed" if free < ENOUGH_BYTES else ""
    )
    warehouse = settled.home / "warehouse.duckdb"
    yield Finding(True, f"warehouse {'is built' if warehouse.exists() else 'is not built yet: prodops run'}")
    served, mark = current(settled.home), status(settled.home)
    if served is None:
        yield Finding(True, "nothing is published yet: prodops run")
    else:
        yield Finding(not mark.is_stale, f"served: {served.snapshot_id}", mark.reason or "")

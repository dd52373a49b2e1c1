"""prodops doctor: what is set up, what is missing, how to fix it.

Belongs here: looking. Does not: changing anything but making the home.
"""

import shutil
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace

from ingestion.sources import SOURCES, Finding
from orchestration import company
from orchestration.company import Company
from orchestration.show import out
from serving.published import current, status

ENOUGH_BYTES = 2 * 2**30


def examine(seed: int | None) -> int:
    """Prints every finding; 2 when something must be fixed."""
    settled = company.settle(seed)
    findings = list(house(settled))
    with company.sources_reachable(settled):
        for source in SOURCES.values():
            if source.is_configured():
                findings.extend(replace(finding, what=f"{source.name}: {finding.what}") for finding in source.check())
            else:
                findings.append(Finding(True, f"{source.name}: off, it has no settings"))
    for finding in findings:
        mark = "ok  " if finding.ok else "FIX "
        out().print(f"{mark}{finding.what}{'' if finding.ok else f': {finding.hint}'}", markup=False)
    return 0 if all(finding.ok for finding in findings) else 2


def house(settled: Company) -> Iterator[Finding]:
    """What does not depend on a source."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield Finding((3, 11) <= sys.version_info[:2] < (3, 13), f"python {version}", "3.11 or 3.12 is needed")
    yield Finding(True, f"company {settled.name} in {settled.home}")
    mode = stat.S_IMODE(settled.home.stat().st_mode)
    yield Finding(mode == 0o700, f"home is for its owner alone ({mode:o})", f"chmod 700 {settled.home}")
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

"""Each source switched off in turn: the rest runs, and somebody says what is missing.

Belongs here: a run of a company that has all vendors but one, and what must hold afterwards. Does not: which ones
(callers).
"""

import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ingestion.sources import SOURCES
from ingestion.sources.fx.load import OWN_RATES
from sandbox import files
from serving.published import current
from tests.environment import without_settings
from tests.torture.kills import LAST, Site


def without(source: str, home: Path, seed: int) -> list[str]:
    """Everything that is not as it should be after a run without the source."""
    with Site(home, seed).served() as site:
        its = ("PRODOPS_COMPANY",) if source == "files" else (f"SOURCES__{source.upper()}__",)
        site.settings = {name: value for name, value in site.settings.items() if not name.startswith(its)}
        now = LAST.isoformat().replace("+00:00", "Z")
        if source == "fx":
            # rates among the company's own files are a source too; what somebody removed stays away
            files.write(site.reported.company, site.company, now)
            (site.company / OWN_RATES).unlink()
        code, said = site.run(now).ended()
        examined = doctor({**site.settings, "PRODOPS_NOW": now})
    # contracts in other currencies wait for their rates, and the run says so
    problems = [] if code == (2 if source == "fx" else 0) else [f"the run ended with {code}: {said[-2000:]}"]
    problems += [f"{name} landed nothing" for name in SOURCES if name != source and not has_landed(home, name)]
    problems += [f"{source} landed"] if has_landed(home, source) else []
    problems += [] if current(home) else ["nothing is published"]
    reported = re.search(
        rf"^{source}\b[^\n]*\n +off +to switch it on: [^\n]*(?:SOURCES__|PRODOPS_)[^\n]*\n[^\n]*\bmart", examined, re.M
    )
    problems += [] if reported else [f"the doctor does not say how to switch it on and what suffers: {examined}"]
    return problems


def has_landed(home: Path, source: str) -> bool:
    return any((home / "landing" / source / "_dlt_loads").glob("*"))


def doctor(settings: Mapping[str, str]) -> str:
    command = [sys.executable, "-m", "cli.main", "doctor"]
    done = subprocess.run(command, env={**without_settings(), **settings}, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr

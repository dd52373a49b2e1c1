"""Which code is running, as fingerprints of files.

Belongs here: what decides whether something made earlier is still what this code would make. Does not: what was made
(built.py, serving).
"""

import hashlib
from collections.abc import Iterable
from importlib.metadata import version as installed
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "dbt_project"
PLANNING = ROOT / "planning"
ROOMS = ("ingestion", "dbt_project", "planning", "quality", "registry", "serving")
"""That decide what is in a snapshot."""
ENGINES = ("dbt-core", "dbt-duckdb", "duckdb")


def fingerprint(folder: Path) -> str:
    """Of a folder's code, and of the engines that run it."""
    suffixes = (".sql", ".yml", ".csv", ".md", ".py")
    return _hash(folder, (path for path in folder.rglob("*") if path.is_file() and path.suffix in suffixes))


def engine() -> str:
    """Of what bears on every model and on none in particular: the engines, their settings, the project's."""
    return _hash(PROJECT, (PROJECT / name for name in ("dbt_project.yml", "profiles.yml")))


def code_version() -> str:
    """Which code made a snapshot: the version and a hash over the rooms that decide what is in it."""
    prints = [fingerprint(ROOT / room) for room in ROOMS]
    return f"{installed('prodops')}+{hashlib.sha256(''.join(prints).encode()).hexdigest()[:12]}"


def _hash(folder: Path, paths: Iterable[Path]) -> str:
    digest = hashlib.sha256(" ".join(map(installed, ENGINES)).encode())
    for path in sorted(paths):
        digest.update(str(path.relative_to(folder)).encode() + path.read_bytes())
    return digest.hexdigest()

"""The company's own files, as its product operations people would keep them.

Belongs here: writing them, and leaving alone what a person edited. Does not: what stands in them (sandbox/company:
structure.py, planning.py, goals.py, costing.py, calendar.py and others).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import yaml

from sandbox.company import Company
from sandbox.company.goals import LISTS
from sandbox.company.structure import HEADERS

WRITTEN = ".written.json"
"""In the folder: what was written last of each file, so that it shows which ones a person edited since."""


def write(company: Company, folder: Path | str, now: int | str, *, again: bool = False) -> list[Path]:
    """Writes every file as it stands at an instant. One that has not changed is left alone, and so is one that a person
    edited or removed, unless all are to be written ``again``."""
    texts = {f"{name}.csv": _csv(name, company.rows(name, now)) for name in HEADERS}
    texts |= {"policy.yml": _yaml(company.policy), "fiscal_calendar.yml": _yaml(company.calendar.settings)}
    lists = {name: [_entry(row) for row in company.rows(stream, now)] for stream, (name, _) in LISTS.items()}
    texts["okrs.yml"] = yaml.safe_dump(lists, sort_keys=False, allow_unicode=True)
    if rules := company.allocation_rules(now):
        texts["allocation_rules.yml"] = yaml.safe_dump({"versions": rules}, sort_keys=False, allow_unicode=True)
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    kept = set() if again else set(edited(root))
    for name, text in texts.items():
        if name not in kept and not ((root / name).exists() and (root / name).read_bytes() == text.encode()):
            (root / name).write_bytes(text.encode())
    written = _written(root) | {name: _hash(text.encode()) for name, text in texts.items() if name not in kept}
    (root / WRITTEN).write_text(json.dumps(written, indent=1))
    return [root / name for name in texts]


def edited(folder: Path) -> list[str]:
    """The files that are no longer as they were written, or no longer there."""
    return [
        name
        for name, hashed in _written(folder).items()
        if not (folder / name).exists() or _hash((folder / name).read_bytes()) != hashed
    ]


def _written(folder: Path) -> dict[str, str]:
    file = folder / WRITTEN
    return dict(json.loads(file.read_text())) if file.exists() else {}


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _yaml(values: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in values.items())


def _entry(row: dict[str, str]) -> dict[str, str]:
    """What is empty is left out, as people do."""
    return {name: value for name, value in row.items() if value}


def _csv(name: str, rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADERS[name], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()

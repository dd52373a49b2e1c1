"""The company's own files, as its product operations people would keep them.

Belongs here: writing them. Does not: what stands in them (sandbox/company: structure.py, planning.py, goals.py,
calendar.py and others).
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

import yaml

from sandbox.company import Company
from sandbox.company.goals import LISTS
from sandbox.company.structure import HEADERS


def write(company: Company, folder: Path | str, now: int | str) -> list[Path]:
    """Writes every file as it stands at an instant; a file that has not changed is left alone."""
    texts = {f"{name}.csv": _csv(name, company.rows(name, now)) for name in HEADERS}
    texts |= {"policy.yml": _yaml(company.policy), "fiscal_calendar.yml": _yaml(company.calendar.settings)}
    lists = {name: [_entry(row) for row in company.rows(stream, now)] for stream, (name, _) in LISTS.items()}
    texts["okrs.yml"] = yaml.safe_dump(lists, sort_keys=False, allow_unicode=True)
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        if not (root / name).exists() or (root / name).read_bytes() != text.encode():
            (root / name).write_bytes(text.encode())
    return [root / name for name in texts]


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

"""The company's own files, as its product operations people would keep them.

Here belongs writing them. Not here: what stands in them (sandbox/company/structure.py).
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from sandbox.company import Company
from sandbox.company.structure import HEADERS


def write(company: Company, folder: Path | str, now: int | str) -> list[Path]:
    """Writes every file as it stands at an instant; a file that has not changed is left alone."""
    texts = {f"{name}.csv": _csv(name, company.rows(name, now)) for name in HEADERS}
    texts["policy.yml"] = "".join(f"{name}: {value}\n" for name, value in company.policy.items())
    root = Path(folder)
    root.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        if not (root / name).exists() or (root / name).read_bytes() != text.encode():
            (root / name).write_bytes(text.encode())
    return [root / name for name in texts]


def _csv(name: str, rows: list[dict[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADERS[name], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()

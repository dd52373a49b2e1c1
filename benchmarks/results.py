"""Where measured figures are kept: benchmarks/results/<name>.json, with the versions they were measured on."""

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"
LIBRARIES = ("dagster", "dbt-core", "dbt-duckdb", "dlt", "duckdb", "numpy", "pyarrow", "scipy")


def write(name: str, figures: dict[str, Any]) -> None:
    """Prints one line a figure and keeps them all."""
    for key, value in figures.items():
        print(f"{name} {key}: {json.dumps(value)}", flush=True)
    about = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        **{library: version(library) for library in LIBRARIES},
    }
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps({**figures, "about": about}, indent=2) + "\n")

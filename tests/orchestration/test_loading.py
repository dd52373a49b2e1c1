"""A command that only lands has nothing to do with dbt."""

import os
import subprocess
import sys
from pathlib import Path

from tests.environment import without_settings

LOAD = """
import sys
from cli.main import main
if __name__ == "__main__":
    try:
        main(["load", "fx"])
    finally:
        imported = {name.partition(".")[0] for name in sys.modules}
        print("imported:", *sorted(imported & {"dagster", "dagster_dbt", "dbt"}))
"""


def test_a_load_neither_imports_dbt_nor_parses_its_project(tmp_path: Path) -> None:
    (tmp_path / "load.py").write_text(LOAD)
    done = subprocess.run(
        [sys.executable, str(tmp_path / "load.py")],
        env={
            **without_settings(),
            "PRODOPS_HOME": str(tmp_path / "home"),
            "PRODOPS_SCALE": "tiny",
            "PYTHONPATH": os.getcwd(),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "fx/rates" in done.stdout
    assert done.stdout.splitlines()[-1] == "imported: dagster"
    assert not (tmp_path / "home/dbt/manifest.json").exists()

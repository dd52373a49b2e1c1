"""Set-up: what `make` does before anything is installed."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("version", ["(3, 10, 9)", "(3, 13, 0)"])
def test_a_python_that_the_locked_packages_do_not_know_is_refused_before_anything_is_installed(
    tmp_path: Path, version: str
) -> None:
    """A failure here costs a person minutes of set-up that ends in an error of a compiler."""
    (tmp_path / "requirements").mkdir()
    for name in ("Makefile", "pyproject.toml", "requirements/lock.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    other = tmp_path / "python-other"
    # the real interpreter, but for its version
    other.write_text(f'#!/bin/sh\nexec python3 -c "import sys; sys.version_info = {version}; $2"\n')
    other.chmod(0o755)
    done = subprocess.run(
        ["make", "--no-print-directory", "run", f"PYTHON={other}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stdout.splitlines()[:1] == [
        f'python 3.11 or 3.12 is needed, and "{other}" is another; install one, or name it: '
        "make run PYTHON=/path/to/python3.12"
    ]
    assert not (tmp_path / ".venv").exists()

"""Commands that are typed in another folder than the project's: the same company, or a refusal."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion import home
from ingestion.home import PROJECT, company_folder
from ingestion.settings import dotenv
from orchestration import deployment
from tests.environment import without_settings


def test_settings_home_and_company_files_are_the_projects_wherever_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure here gives a person a second, empty company because of the folder they were in."""
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    project.mkdir()
    elsewhere.mkdir()
    (elsewhere / ".env").write_text("PRODOPS_HOME=wrong\n")
    (project / ".env").write_text(
        "PRODOPS_HOME=mine\nPRODOPS_LANDING=zone\nPRODOPS_COMPANY=own\nSOURCES__STRIPE__API_KEY=rk_test_1\n"
    )
    (project / ".env").chmod(0o600)
    monkeypatch.setattr(home, "PROJECT", project)
    monkeypatch.delenv("PRODOPS_ENV_FILE")
    monkeypatch.chdir(elsewhere)
    settled = deployment.settle()
    assert (settled.name, settled.home) == ("company", project / "mine")
    assert (home.home(), home.landing_url()) == (project / "mine", str(project / "zone"))
    assert (dotenv(), company_folder()) == (project / ".env", project / "own")
    assert [path.name for path in elsewhere.iterdir()] == [".env"]


def test_a_command_that_is_typed_elsewhere_is_about_the_same_home(tmp_path: Path) -> None:
    settings, elsewhere = tmp_path / "settings.env", tmp_path / "elsewhere"
    settings.write_text(f"PRODOPS_HOME={tmp_path / 'home'}\n")
    elsewhere.mkdir()
    refusals = {
        subprocess.run(
            [sys.executable, "-m", "cli.main", "mapping"],
            env={**without_settings(), "PRODOPS_ENV_FILE": str(settings), "PYTHONPATH": str(PROJECT)},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        ).stderr
        for folder in (PROJECT, elsewhere, os.sep)
    }
    assert refusals == {
        "note: figures of sandbox-1 (a made-up company)\n"
        f"error: setting {tmp_path}/home/warehouse.duckdb: the warehouse is not built yet: prodops run\n"
    }
    assert list(elsewhere.iterdir()) == []

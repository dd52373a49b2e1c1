"""Settings of the house in ``.env``."""

import os
from pathlib import Path

import pytest

from ingestion import home
from orchestration.deployment import read_dotenv, settle


def test_of_a_dotenv_file_the_environment_gets_the_house_s_own_settings_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PRODOPS_SCALE", "PRODOPS_LANDING", "SOURCES__JIRA__API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PRODOPS_HOME", "set already")
    lines = ["PRODOPS_SCALE='tiny'", "PRODOPS_LANDING=", "PRODOPS_HOME=other", "SOURCES__JIRA__API_TOKEN=secret"]
    (tmp_path / ".env").write_text("\n".join(lines))
    read_dotenv(tmp_path / ".env")
    assert (os.environ.pop("PRODOPS_SCALE"), os.environ["PRODOPS_HOME"]) == ("tiny", "set already")
    assert "PRODOPS_LANDING" not in os.environ
    assert "SOURCES__JIRA__API_TOKEN" not in os.environ


@pytest.mark.parametrize(("given", "kept"), [("zone", "{here}/zone"), ("memory://zone", "memory://zone")])
def test_a_landing_folder_is_the_same_for_commands_that_work_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, kept: str
) -> None:
    monkeypatch.setattr(home, "PROJECT", tmp_path)
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PRODOPS_LANDING", given)
    settle()
    assert os.environ["PRODOPS_LANDING"] == kept.format(here=tmp_path)

"""Loads of several sources at once, by real processes against the made-up company."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path

import pytest

from ingestion.errors import SettingsError, SourceError
from ingestion.landing import Landed
from ingestion.side_by_side import KILLED, Loads
from ingestion.sources import LoadOptions
from sandbox import files, vendors
from sandbox.company import Company
from sandbox.server import Sandbox, app, serve_in_thread
from tests.torture.processes import descendants, is_alive

NOW = "2026-10-15T06:00:00Z"
ALL = {"fx": LoadOptions(), "jira": LoadOptions(), "files": LoadOptions()}


@pytest.fixture
def sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    made_up = Company(1, "tiny")
    application = app(made_up, now=NOW)
    files.write(made_up, tmp_path / "company", NOW)
    with serve_in_thread(application) as url:
        settings = vendors.settings(url, tmp_path / "company")
        settings |= {"PRODOPS_HOME": str(tmp_path / "home"), "PRODOPS_COMPANY": str(tmp_path / "company")}
        for name, value in {**settings, "PRODOPS_NOW": NOW}.items():
            monkeypatch.setenv(name, value)
        yield application


def test_all_land_and_each_is_reported_of_its_own(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    reported: dict[str, list[Landed]] = {name: [] for name in ALL}
    with Loads() as loads:
        loads.begin(ALL)
        assert {process.name for process in active_children()} == {"fx", "jira"}, "as many as there are cores"
        for name in reversed(ALL):
            loads.begin(ALL)
            loads.follow(name, reported[name].append)
    for name, landed in reported.items():
        assert {part.source for part in landed} == {name}
        assert sum(part.landed for part in landed) > 50


def test_an_error_keeps_its_kind_and_stops_no_other(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__JIRA__API_TOKEN", "wrong")
    monkeypatch.setenv("SOURCES__FX__PATH", "/nowhere.csv")
    with Loads() as loads:
        loads.begin(ALL)
        with pytest.raises(SettingsError, match="SOURCES__FX__PATH"):
            loads.follow("fx", lambda _: None)
        with pytest.raises(Exception, match="401") as refused:
            loads.follow("jira", lambda _: None)
        assert refused.value.exit_code == SourceError.exit_code  # type: ignore[attr-defined]
        loads.follow("files", lambda _: None)


def test_a_load_that_dies_is_named_and_nobody_waits_for_it(sandbox: Sandbox) -> None:
    with Loads() as loads:
        loads.begin(ALL)
        (jira,) = (process for process in active_children() if process.name == "jira")
        os.kill(jira.pid or 0, signal.SIGKILL)
        with pytest.raises(SourceError, match=r"jira\.load: the load ended by signal 9"):
            loads.follow("jira", lambda _: None)
        loads.follow("files", lambda _: None)


def test_a_load_writes_nothing_into_the_output_of_its_command_and_leaves_control_c_to_it(sandbox: Sandbox) -> None:
    with Loads() as loads:
        loads.begin({"jira": LoadOptions()})
        (jira,) = active_children()
        deadline = time.monotonic() + 20
        while os.readlink(f"/proc/{jira.pid}/fd/1") != os.devnull and time.monotonic() < deadline:
            time.sleep(0.01)
        assert os.readlink(f"/proc/{jira.pid}/fd/1") == os.devnull
        os.kill(jira.pid or 0, signal.SIGINT)
        loads.follow("jira", lambda _: None)


def test_what_is_still_under_way_ends_with_the_context(sandbox: Sandbox) -> None:
    with Loads() as loads:
        loads.begin(ALL)
        assert active_children()
    assert not active_children()


def test_a_load_to_which_nobody_listens_any_more_ends_without_a_word(sandbox: Sandbox) -> None:
    """A failure here is a traceback on the screen of a person who interrupts a run."""
    with Loads() as loads:
        loads.begin({"files": LoadOptions()})
        (process,) = active_children()
        loads._loads["files"].reported.close()
        process.join(60)
        assert process.exitcode == KILLED


def test_loads_end_with_a_run_that_is_killed(sandbox: Sandbox) -> None:
    waits = (
        "from ingestion.side_by_side import Loads; from ingestion.sources import LoadOptions; import time\n"
        "with Loads() as loads: loads.begin({'jira': LoadOptions()}); print('begun', flush=True); time.sleep(60)"
    )
    run = subprocess.Popen([sys.executable, "-c", waits], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "begun\n"
    deadline = time.monotonic() + 20
    while not (begun := descendants(run.pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert begun
    run.kill()
    run.wait()
    while any(map(is_alive, begun)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(map(is_alive, begun))

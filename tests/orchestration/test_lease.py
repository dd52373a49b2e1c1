"""One writer per home: a second one is shown who holds it, and a kill frees it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest

from ingestion import lease
from ingestion.errors import LeaseError, SettingsError
from ingestion.sources import print_load
from orchestration import steps
from orchestration.warehouse import files
from tests.orchestration.conftest import prodops
from tests.runbook import drill

HOLD = """
import sys, time
from pathlib import Path
from ingestion import lease
with lease.hold(Path(sys.argv[1]), "prodops run", name=sys.argv[2]):
    print("held", flush=True)
    time.sleep(60)
"""
OPEN = """
import sys, time, duckdb
connection = duckdb.connect(sys.argv[1])
print("open", flush=True)
time.sleep(float(sys.argv[2]))
"""
PARENT = """
import subprocess, sys, time
child = "import os, sys, time; from orchestration.dbt_child import end_with; end_with(int(sys.argv[1]))"
import os
print(subprocess.Popen([sys.executable, "-c", child, str(os.getpid())]).pid, flush=True)
time.sleep(60)
"""


@contextmanager
def process(code: str, *arguments: str) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A process that has said its first line."""
    with subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            yield started, started.stdout.readline().strip()
        finally:
            started.kill()


def test_a_second_run_refuses_and_a_kill_frees(tmp_path: Path) -> None:
    with process(HOLD, str(tmp_path), "lease") as (holder, _):
        reported = prodops(tmp_path, "build")
        drill("LeaseError", reported.exit_code, reported.stderr)
        assert f"prodops run (process {holder.pid}" in reported.stderr
        assert len(reported.stderr.splitlines()) == 1
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with lease.hold(tmp_path, "prodops build"):
            assert f"process {os.getpid()}" in lease.holder(tmp_path / "lease")


def test_a_second_daemon_refuses(tmp_path: Path) -> None:
    """Two of them would start each run twice."""
    with process(HOLD, str(tmp_path), "ui") as (holder, _):
        reported = prodops(tmp_path, "service", "daemon")
        assert reported.exit_code == 4
        assert f"(process {holder.pid}" in reported.stderr


def test_a_source_that_is_run_alone_takes_the_lease_of_the_home_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rates = tmp_path / "rates.csv"
    rates.write_text("date,currency,rate\n2026-01-02,USD,1.1\n")
    monkeypatch.setenv("SOURCES__FX__PATH", str(rates))
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path / "home"))
    with process(HOLD, str(tmp_path / "home"), "lease") as (holder, _):
        assert print_load("fx") == 4
        reported = capsys.readouterr()
        assert f"prodops run (process {holder.pid}" in reported.err
        assert reported.out == ""
    assert print_load("fx") == 0
    assert "python -m ingestion.sources fx (process" in lease.holder(tmp_path / "home" / "lease")


def test_inside_one_process_it_is_held_once(tmp_path: Path) -> None:
    with lease.hold(tmp_path, "prodops run"), lease.hold(tmp_path, "dbt build"):
        assert "prodops run" in lease.holder(tmp_path / "lease")
    with process(HOLD, str(tmp_path), "lease") as (_, said):
        assert said == "held", "given back by the outer one"


def test_a_warehouse_that_is_still_open_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warehouse = tmp_path / "warehouse.duckdb"
    with process(OPEN, str(warehouse), "0.5"):
        steps.wait_for_warehouse(warehouse)
    monkeypatch.setattr(steps, "ORPHAN_SECONDS", 0.3)
    with process(OPEN, str(warehouse), "60") as (holder, _), pytest.raises(LeaseError, match=str(holder.pid)):
        steps.wait_for_warehouse(warehouse)


@pytest.mark.parametrize("damage", ["header", "block", "half"])
def test_a_damaged_warehouse_is_put_aside(tmp_path: Path, damage: str) -> None:
    """It holds nothing that landing does not: nobody should have to repair it."""
    warehouse = tmp_path / "warehouse.duckdb"
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("create table t as select range as i, hash(range) as h from range(500000)")
    content = bytearray(warehouse.read_bytes())
    if damage == "half":
        content = content[: len(content) // 2]
    else:
        start = 0 if damage == "header" else 4096
        content[start : start + 4096] = b"x" * 4096
    warehouse.write_bytes(content)
    assert "the warehouse was damaged and is built again" in (steps.wait_for_warehouse(warehouse) or "")
    assert not warehouse.exists()


def test_damage_of_what_is_restricted_costs_both_files(tmp_path: Path) -> None:
    """Each knows which loads the other has built."""
    warehouse, people = files(tmp_path / "warehouse.duckdb")
    people.parent.mkdir()
    duckdb.connect(str(warehouse)).close()
    people.write_bytes(b"x" * 8192)
    assert "the warehouse was damaged and is built again" in (steps.wait_for_warehouse(warehouse) or "")
    assert not warehouse.exists()
    assert not people.exists()


def test_a_warehouse_that_can_not_be_opened_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "warehouse.duckdb").mkdir()
    with pytest.raises(SettingsError, match="can't be opened"):
        steps.wait_for_warehouse(tmp_path / "warehouse.duckdb")


def test_dbt_ends_with_its_parent() -> None:
    with process(PARENT) as (parent, child):
        time.sleep(1.0)
        os.kill(int(child), 0)  # raises when it is not there
        parent.kill()
        parent.wait()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and Path(f"/proc/{child}").exists():
            time.sleep(0.05)
        with pytest.raises(ProcessLookupError):
            os.kill(int(child), 0)

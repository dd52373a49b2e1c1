"""prodops ui and sandbox serve: a port or a time that can't be had is refused at once, in one line."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli import ui
from tests.orchestration.conftest import prodops

STUBBORN = (
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; print(1, flush=True); time.sleep(60)'])\n"
    "time.sleep(60)\n"
)


@pytest.fixture
def busy() -> Iterator[int]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


def test_a_busy_port_is_refused_before_anything_begins(busy: int, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for command in (["ui"], ["sandbox", "serve"]):
        reported = prodops(home, *command, "--port", str(busy))
        assert (reported.exit_code, reported.stdout) == (2, "")
        refusal = f"error: setting --port {busy}: another program listens there; end it, or name another port:"
        assert reported.stderr == f"{refusal} --port {busy + 1}\n"
    assert not (home / "sandbox" / "clock").exists(), "a clock that began to go"


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--port", "http"], "'http' is no whole number from 0 to 65535"),
        (["--port", "65536"], "'65536' is no whole number from 0 to 65535"),
        (["--now", "yesterday"], "setting --now yesterday: give an instant with its zone, like 2026-10-15T06:00:00Z"),
        (["--now", "2026-10-15T06:00"], "setting --now 2026-10-15T06:00: give an instant with its zone"),
        (["--faults", "{script}"], "setting --faults {script}: no fault is called 'flood'; there are advance,"),
    ],
)
def test_what_the_vendors_can_not_be_served_with_is_one_line(tmp_path: Path, options: list[str], named: str) -> None:
    script = tmp_path / "faults.yml"
    script.write_text("- {fault: flood}\n")
    words = [option.format(script=script) for option in options]
    reported = prodops(tmp_path, "sandbox", "serve", "--scale", "tiny", *words)
    assert (reported.exit_code, reported.stdout) == (2, "")
    assert named.format(script=script) in reported.stderr
    assert len(reported.stderr.splitlines()) == 1


def test_whatever_does_not_end_with_the_ui_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that a daemon started would go on, and the next UI could not have its port."""
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    monkeypatch.setattr(ui, "END_SECONDS", 0.5)
    monkeypatch.setattr(ui, "ENDING", ())  # this process goes on
    services = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, process_group=0)
    assert services.stdout is not None
    assert services.stdout.readline() == b"1\n"
    began = time.monotonic()
    ui.end(services)
    assert not services.stdout.read(), "the child holds the pipe open as long as it lives"
    assert time.monotonic() - began < 5

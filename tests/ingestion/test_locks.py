"""The lock on a file: whose it is, and that it is the kernel's."""

import errno
import fcntl
import subprocess
import sys
from pathlib import Path

import pytest

from ingestion.errors import LeaseError
from ingestion.locks import locked

HOLD = """
import sys, time
from pathlib import Path
from ingestion.locks import locked
with locked(Path(sys.argv[1])):
    Path(sys.argv[1]).write_text("whose it is")
    print("held", flush=True)
    time.sleep(60)
"""


def test_who_is_refused_changes_nothing_and_a_kill_frees(tmp_path: Path) -> None:
    path = tmp_path / "a" / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        for wait_seconds in (0.0, 0.3):
            with pytest.raises(LeaseError, match="not now"), locked(path, "not now", wait_seconds):
                pass
            assert path.read_text() == "whose it is"
        holder.kill()
        with locked(path, wait_seconds=None):
            assert path.stat().st_mode & 0o077 == 0


def test_inside_one_process_it_is_held_once(tmp_path: Path) -> None:
    with locked(tmp_path / "lock"), pytest.raises(LeaseError), locked(tmp_path / "lock"):
        pass
    with locked(tmp_path / "lock"):
        pass


def test_a_file_system_without_locks_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: int) -> None:
        raise OSError(errno.ENOSYS, "no flock here")

    monkeypatch.setattr(fcntl, "flock", missing)
    with pytest.raises(OSError, match="no flock here"), locked(tmp_path / "lock"):
        pass

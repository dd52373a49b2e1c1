"""Where Dagster keeps its state: in the home, or in a PostgreSQL database that is named."""

import grp
import os
import pwd
import shutil
import socket
import stat
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml

from orchestration import state
from tests.orchestration.conftest import prodops

ADDRESS = "postgresql://prodops@127.0.0.1:{port}/dagster"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://db/dagster", "must be an address like postgresql://prodops@db.example.com/dagster"),
        ("postgresql://prodops:secret-canary@db/dagster", "holds a password; put that into ~/.pgpass (chmod 600)"),
    ],
)
def test_an_address_that_is_none_or_holds_a_password_is_refused(tmp_path: Path, address: str, said: str) -> None:
    refused = prodops(tmp_path / "home", "build", PRODOPS_DAGSTER_POSTGRES=address)
    assert refused.exit_code == 2
    assert refused.stderr.startswith(f"error: setting PRODOPS_DAGSTER_POSTGRES: {said}")
    assert "canary" not in refused.output
    assert not (tmp_path / "home").exists(), "nothing is made of a home whose settings are wrong"


def test_the_settings_of_files_are_left_out_where_a_database_is_named_and_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(state.SETTING, "postgresql:///dagster")
    state.write_settings(tmp_path)
    written = tmp_path / "dagster.yaml"
    found, own = yaml.safe_load(written.read_text()), yaml.safe_load(state.SETTINGS.read_text())
    assert found.pop("storage") == {"postgres": {"postgres_url": "postgresql+psycopg2:///dagster"}}
    assert found == {name: value for name, value in own.items() if name not in state.OF_FILES}
    assert set(state.OF_FILES) <= own.keys()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    monkeypatch.delenv(state.SETTING)
    state.write_settings(tmp_path)
    assert written.read_text() == state.SETTINGS.read_text()


@pytest.fixture
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database of its own in a PostgreSQL server of its own."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if os.geteuid() or not programs or find_spec("dagster_postgres") is None:
        pytest.skip("needs root, an installed PostgreSQL and the packages of requirements/postgres.txt")
    owner, group = pwd.getpwnam("postgres").pw_uid, grp.getgrnam("postgres").gr_gid
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    os.chown(folder, owner, group)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [programs[-1] / program, *arguments], user=owner, group=group, check=True, stdout=subprocess.DEVNULL
        )

    data, to = str(folder / "data"), ("-h", "127.0.0.1", "-p", str(port), "-U", "postgres")
    run("initdb", "-D", data, "-A", "trust", "-U", "postgres")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    run("pg_ctl", "-D", data, "-l", f"{folder}/log", "-o", options, "-w", "start")
    try:
        run("createuser", *to, "prodops")
        run("createdb", *to, "--owner", "prodops", "dagster")
        yield ADDRESS.format(port=port)
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)


def test_a_run_is_in_the_database_that_is_named_and_not_in_the_home(database: str, tmp_path: Path) -> None:
    done = prodops(tmp_path, "load", "fx", PRODOPS_DAGSTER_POSTGRES=database)
    assert done.exit_code == 0, done.output
    assert [path.name for path in (tmp_path / "dagster").rglob("*") if path.is_file()] == ["dagster.yaml"]
    gone = prodops(tmp_path, "load", "fx", PRODOPS_DAGSTER_POSTGRES=ADDRESS.format(port=1))
    assert gone.exit_code == 2
    assert "Dagster's database can't be used: connection to server" in gone.stderr.splitlines()[-1]

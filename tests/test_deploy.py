"""What production is made of: units, the proxy in front of the UI, the backup."""

import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from cli.main import main
from ingestion.landing import Batch, Landing, Record
from ingestion.manifests import Stream, completed_loads, zones_of
from tests.ingestion.file_packages import written_by

DEPLOY = Path(__file__).parents[1] / "deploy"
STREAMS = [Stream("staff", "", "id"), Stream("teams", "", "id"), Stream("pay", "", "id", is_restricted=True)]
"""Of two zones, each with its markers."""
LOADS = """
from tests.test_deploy import land_without_end
land_without_end()
"""


def needs(program: str) -> str:
    found = shutil.which(program, path="/usr/bin:/bin:/usr/sbin:/sbin")
    if not found:
        pytest.skip(f"{program} is not installed")
    return found


@pytest.mark.parametrize("unit", sorted(DEPLOY.glob("systemd/*")), ids=lambda path: path.stem)
def test_a_unit_starts_a_command_that_there_is_and_keeps_its_files_to_itself(unit: Path) -> None:
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(unit.read_text())
    service = read["Service"]
    program, *typed = shlex.split(service["ExecStart"])
    assert program == f"{service['WorkingDirectory']}/.venv/bin/prodops"
    found: click.Command = main
    with click.Context(main) as context:
        while isinstance(found, click.Group):
            found = found.get_command(context, typed.pop(0))  # type: ignore[assignment]
    found.make_context("prodops", list(typed))  # raises for an option that it does not have
    assert service["UMask"] == "0077"


def test_the_proxy_asks_for_a_name_wherever_it_leads_and_nginx_can_read_it(tmp_path: Path) -> None:
    conf = (DEPLOY / "nginx" / "prodops.conf").read_text()
    servers = conf.split("\nserver {")[1:]
    assert len(servers) == conf.count("proxy_pass http://127.0.0.1:3") == 2
    for server in servers:
        assert re.search(r"^    auth_basic_user_file \S+;$", server, re.M), "anybody could start runs"
    nginx, openssl = needs("nginx"), needs("openssl")
    key, certificate = tmp_path / "prodops.key", tmp_path / "prodops.crt"
    new = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=prodops.example.com"]
    subprocess.run([openssl, *new, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    (tmp_path / "prodops.conf").write_text(conf.replace("/etc/nginx", str(tmp_path)))
    shutil.copy(DEPLOY / "nginx" / "prodops.proxy", tmp_path)
    whole = f"pid {tmp_path}/pid; events {{}} http {{ access_log off; include {tmp_path}/prodops.conf; }}"
    (tmp_path / "nginx.conf").write_text(whole)
    checked = [nginx, "-t", "-e", tmp_path / "errors", "-c", tmp_path / "nginx.conf"]
    subprocess.run(checked, check=True, capture_output=True)


def land(number: int) -> None:
    """One package of each zone, whose streams have as many records as there were loads."""
    with Landing("hr", STREAMS) as landing:
        landing.land_together(
            [Batch(one.name, [Record(f"{one.name}{number}", "{}", datetime.now(UTC))], str(number)) for one in STREAMS]
        )


def land_without_end() -> None:
    with written_by("files"):
        number = 0
        while True:
            land(number := number + 1)
            print(number, flush=True)


def test_a_backup_that_is_taken_while_loads_go_on_holds_every_load_that_counts_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure here is found when it is needed: a marker without its files is a load that is never read again."""
    needs("rsync")
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path / "home"))
    found = []
    with subprocess.Popen([sys.executable, "-c", LOADS], stdout=subprocess.PIPE, text=True) as loading:
        assert loading.stdout is not None
        loading.stdout.readline()
        pack = Path("board") / "FY26-Q2" / "company" / "board.json"
        (tmp_path / "home" / pack).parent.mkdir(parents=True)
        (tmp_path / "home" / pack).touch()
        for turn in range(4):
            copy = tmp_path / f"copy{turn}"
            subprocess.run([DEPLOY / "backup.sh", tmp_path / "home", copy], check=True)
            found.append(copy)
        is_loading = loading.poll() is None
        loading.kill()
    assert is_loading, "nothing went on while it was copied"
    for copy in found:
        assert (copy / pack).exists()
        monkeypatch.setenv("PRODOPS_HOME", str(copy))
        with written_by("files"):
            for zone, streams in zones_of(STREAMS):
                loads = completed_loads(zone, "hr")
                with Landing("hr", STREAMS) as landing:
                    assert {len(landing.alive(stream.name)) for stream in streams} == {len(loads)}, copy
                    number = landing.through(streams[0].name)
            land(int(number or 0) + 1000)
            with Landing("hr", STREAMS) as landing:
                assert len(landing.alive("staff")) > 1, "a copy goes on from where it was"
    assert len(completed_loads(zone, "hr")) > 4

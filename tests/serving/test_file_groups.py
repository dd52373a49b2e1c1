"""Files for readers: a group of the operating system reads what is published and nothing else of a home.

A process of another user tries each file for real; only root may start one. A failure here shows a person's pay to
people who may read marts, or keeps the marts from them.
"""

import grp
import json
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from ingestion.errors import SettingsError
from ingestion.home import PEOPLE
from serving import readers
from serving.publish import mark_stale, publish
from serving.published import admit_readers, current
from tests.orchestration.conftest import prodops
from tests.serving.test_audiences import FILE, INFO, NOW, edition
from tests.serving.test_audiences import warehouse as warehouse

NOBODY = 65534
STAFF, FINANCE = (grp.getgrnam(name) for name in ("users", "games"))
SETTING = f"{STAFF.gr_name}, revenue_owners={FINANCE.gr_name}"
CLOSED = ("landing/hr/staff.parquet", "restricted/landing/hr/pay.parquet", PEOPLE, "warehouse.duckdb")

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may start a process of another user")


@pytest.fixture
def home(warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home with a warehouse, where others may come as far as its door; pytest's own folders let nobody pass."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o711)
    made = folder / "home"
    os.umask(0o077)
    for name in CLOSED:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text("pay-canary")
    for name in ("warehouse.duckdb", PEOPLE):
        shutil.copyfile(warehouse, made / name)
    monkeypatch.setenv(readers.SETTING, SETTING)
    admit_readers(made)
    yield made
    shutil.rmtree(folder)


def seen_by(groups: list[int], read: Callable[[], object]) -> object:
    """What a process of nobody, in these groups, gets."""
    receive, send = os.pipe()
    if not (child := os.fork()):
        os.setgroups(groups)
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            found = read()
        except Exception as error:  # noqa: BLE001 - whatever it meets is the answer
            found = type(error).__name__
        os.write(send, json.dumps(found).encode())
        os._exit(0)
    os.close(send)
    with os.fdopen(receive) as answer:
        found = json.load(answer)
    os.waitpid(child, 0)
    return found


def rows(file: Path, table: str) -> Callable[[], object]:
    def read() -> object:
        with duckdb.connect(str(file), read_only=True) as marts:
            return marts.execute(f"select count(*) from {table}").fetchall()[0][0]

    return read


@needs_root
def test_a_group_reads_what_is_published_and_nothing_else_of_the_home(home: Path) -> None:
    made = publish(home, home / "warehouse.duckdb", edition())
    mark_stale(home, "a check is red", NOW)
    marts, own = made.marts_file, made.folder / FILE
    parquet = made.folder / "parquet" / "mart_arr" / "mart_arr.parquet"
    staff, finance, others = [STAFF.gr_gid], [STAFF.gr_gid, FINANCE.gr_gid], []
    assert seen_by(staff, rows(home / "published/current/marts.duckdb", "mart_arr")) == 3
    assert seen_by(staff, rows(made.folder / "audiences/apps.duckdb", "mart_arr")) == 1
    assert seen_by(staff, lambda: len(parquet.read_bytes()) > 100) is True
    assert seen_by(staff, lambda: json.loads((home / "published/STATUS.json").read_text())["is_stale"]) is True
    assert seen_by(staff, lambda: json.loads((made.folder / "manifest.json").read_text())["company"]) == "company"
    assert seen_by(others, rows(marts, "mart_arr")) == "IOException"
    assert seen_by(staff, rows(own, "mart_customer")) == "IOException", "customers are for the owners of revenue"
    assert seen_by(finance, rows(own, "mart_customer")) == 1
    for name in CLOSED:
        assert seen_by(finance, (home / name).read_bytes) == "PermissionError", name
    assert seen_by(finance, lambda: os.listdir(home)) == "PermissionError"


@needs_root
def test_what_was_published_before_is_given_to_the_group_and_taken_from_it_by_the_setting_alone(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who takes the setting away must not wait for something new to publish."""
    monkeypatch.delenv(readers.SETTING)
    admit_readers(home)
    made = publish(home, home / "warehouse.duckdb", edition())
    assert {stat.S_IMODE(path.stat().st_mode) for path in made.folder.rglob("*") if path.is_file()} == {0o600}
    read = rows(home / "published/current/marts.duckdb", "mart_arr")
    assert seen_by([STAFF.gr_gid], read) == "IOException"
    monkeypatch.setenv(readers.SETTING, STAFF.gr_name)
    admit_readers(home)
    assert seen_by([STAFF.gr_gid], read) == 3
    served = current(home)
    assert served is not None
    assert stat.S_IMODE((served.folder / FILE).stat().st_mode) == 0o600, "no group is named for this audience"
    monkeypatch.delenv(readers.SETTING)
    admit_readers(home)
    assert seen_by([STAFF.gr_gid], read) == "IOException"


@needs_root
def test_files_and_folders_have_the_modes_that_the_page_promises_whatever_the_umask(home: Path) -> None:
    os.umask(0)
    made = publish(home, home / "warehouse.duckdb", edition())
    found = {(path.is_dir(), path.stat().st_gid, stat.S_IMODE(path.stat().st_mode)) for path in made.folder.rglob("*")}
    assert found == {(True, STAFF.gr_gid, 0o750), (False, STAFF.gr_gid, 0o640), (False, FINANCE.gr_gid, 0o640)}
    assert stat.S_IMODE(home.stat().st_mode) == 0o710
    assert INFO["mart_customer"].audience == "revenue_owners"


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("no-such-group", "there is no group 'no-such-group' on this machine; run: groupadd no-such-group"),
        (f"revenue_owners={FINANCE.gr_name}", "name first the group that may read what is for everyone"),
        (f"{STAFF.gr_name},", "there is no group '' on this machine"),
    ],
)
def test_a_setting_that_names_no_group_is_refused_in_a_line_before_anything_is_written(
    tmp_path: Path, setting: str, said: str
) -> None:
    refused = prodops(tmp_path / "home", "run", PRODOPS_PUBLISHED_GROUP=setting)
    assert refused.exit_code == 2
    assert refused.stderr.startswith(f"error: setting PRODOPS_PUBLISHED_GROUP={setting}: {said}")
    assert len(refused.stderr.splitlines()) == 1


@needs_root
def test_a_home_that_the_group_can_not_come_to_is_refused(tmp_path: Path) -> None:
    """Without the line, people get "permission denied" from their tool and nobody knows which folder it is."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    refused = prodops(closed / "home", "run", PRODOPS_PUBLISHED_GROUP=STAFF.gr_name)
    assert refused.exit_code == 2
    assert f"the group can't pass through {closed}; run: chmod o+x {closed}" in refused.stderr


@needs_root
def test_a_user_who_may_give_the_group_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(readers.SETTING, STAFF.gr_name)

    def refusal() -> str:
        with pytest.raises(SettingsError) as refused:
            readers.groups()
        return str(refused.value)

    assert f"this user is not in the group {STAFF.gr_name} and may give it nothing" in str(seen_by([], refusal))
    assert seen_by([STAFF.gr_gid], lambda: dict(readers.groups())) == {"company": STAFF.gr_gid}

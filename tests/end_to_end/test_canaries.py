"""Pay and credentials are nowhere outside the restricted folder, whatever became of a run; the search for them finds
them; and a run that was killed or failed is continued by running the same command again."""

import gzip
import json
import os
import pickle
import random
import sqlite3
import zipfile
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pytest
import xlsxwriter
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from ingestion.home import PEOPLE
from ingestion.sources import SOURCES
from orchestration import gate
from serving.board.forms import FORMS
from serving.board.packs import SIDECAR
from tests.canaries import MARK, PAY, findings, found_in
from tests.end_to_end.disguise import Disguised
from tests.end_to_end.play import NOW, Play
from tests.environment import environment_kept
from tests.in_process_dbt import parsed_home
from tests.torture.kills import Run, differences

SEED = 5
SECRET = f"{MARK}1f"
MINOR, MONTHLY = PAY[7], PAY[9] // 12
WRITTEN = f"{MINOR / 100:,.2f}"
"""As people and reports write it, with separators."""


def in_duckdb(value: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        with duckdb.connect(str(folder / "file")) as connection:
            connection.execute(
                f"create schema kept; create table kept.some as select range as n, {value} as v from range(3)"
            )

    return plant


def in_log_of_duckdb(folder: Path) -> None:
    """Committed, and not yet merged into the file."""
    connection = duckdb.connect(str(folder / "file"), config={"checkpoint_threshold": "1TB"})
    connection.execute("pragma disable_checkpoint_on_shutdown")
    connection.execute(f"create table kept as select {MINOR} as v")
    connection.close()
    assert (folder / "file.wal").stat().st_size


def in_parquet(value: str) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        with duckdb.connect() as connection:
            connection.execute(f"copy (select {value} as v) to '{folder / 'file'}' (format parquet, compression zstd)")

    return plant


def in_sqlite(value: object) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        with sqlite3.connect(folder / "file") as connection:
            connection.execute("create table some (v)")
            connection.execute("insert into some values (?)", [value])

    return plant


def in_workbook(folder: Path) -> None:
    with xlsxwriter.Workbook(folder / "file") as book:
        book.add_worksheet().write_number(0, 0, MINOR / 100)


def in_chart(folder: Path) -> None:
    """Of slides: in what it draws from, and in the workbook behind it."""
    deck = Presentation()
    data = CategoryChartData()
    data.categories = ["Pay"]
    data.add_series("Pay", [MINOR / 100])
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(1), Inches(1), data)
    deck.save(str(folder / "file"))


def in_file(content: bytes) -> Callable[[Path], None]:
    def plant(folder: Path) -> None:
        (folder / "file").write_bytes(content)

    return plant


def zipped(content: bytes, folder: Path) -> None:
    with zipfile.ZipFile(folder / "file", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deep/inside.gz", gzip.compress(content))


AMOUNTS = {
    "integer": f"{MINOR}::bigint",
    "a month's share": f"{MONTHLY}::bigint",
    "huge integer": f"{MINOR}::hugeint",
    "decimal": f"({MINOR}::decimal(38, 4) / 100)::decimal(38, 4)",
    "double": f"{MINOR}::double / 100",
    "text": f"'EUR {WRITTEN}'",
    "JSON": f"""'{{"rate": {{"value": "{MINOR / 100:.2f}"}}}}'""",
    "structure": f"[{{'rate': {MINOR}}}]",
    "bytes": f"'{MINOR}'::blob",
}
CREDENTIAL = f"'key {SECRET}'"
PLANTED: dict[str, tuple[str, Callable[[Path], None]]] = {
    **{f"DuckDB, {name}": ("pay", in_duckdb(value)) for name, value in AMOUNTS.items()},
    **{f"Parquet, {name}": ("pay", in_parquet(value)) for name, value in AMOUNTS.items()},
    "DuckDB, credential": ("a credential", in_duckdb(CREDENTIAL)),
    "DuckDB, its log": ("pay", in_log_of_duckdb),
    "Parquet, credential": ("a credential", in_parquet(CREDENTIAL)),
    "SQLite, integer": ("pay", in_sqlite(MINOR)),
    "SQLite, real": ("pay", in_sqlite(MINOR / 100)),
    "SQLite, text": ("pay", in_sqlite(json.dumps({"message": f"paid {WRITTEN}"}))),
    "SQLite, compressed": ("a credential", in_sqlite(gzip.compress(SECRET.encode()))),
    "JSON": ("pay", in_file(json.dumps({"landed": {"rate": MINOR / 100}}).encode())),
    "a log": ("pay", in_file(f"06:00:01 could not convert '{WRITTEN} EUR'\n".encode())),
    "a log, other separators": ("pay", in_file(WRITTEN.replace(",", " ").replace(".", ",").encode())),
    "a log, credential": ("a credential", in_file(f"GET /?key={SECRET}".encode())),
    "a header": ("a credential", in_file(b"Authorization: Basic " + b64encode(f"me@example.com:{SECRET}".encode()))),
    "UTF-16": ("a credential", in_file(SECRET.encode("utf-16"))),
    "msgpack, integer": ("pay", in_file(msgspec.msgpack.encode({"rate": MINOR}))),
    "msgpack, double": ("pay", in_file(msgspec.msgpack.encode([MINOR / 100]))),
    "pickle": ("pay", in_file(pickle.dumps({"rate": MINOR}))),
    "gz": ("pay", in_file(gzip.compress(f"{MINOR}".encode()))),
    "zst": ("pay", in_file(pa.compress(f"{MINOR}".encode(), "zstd", asbytes=True))),
    "a workbook": ("pay", in_workbook),
    "a chart of slides": ("pay", in_chart),
    "gz in zip": ("pay", lambda folder: zipped(WRITTEN.encode(), folder)),
}


@pytest.mark.parametrize(("kind", "plant"), PLANTED.values(), ids=PLANTED)
def test_the_search_finds_what_is_planted(tmp_path: Path, kind: str, plant: Callable[[Path], None]) -> None:
    (tmp_path / "home" / "folder").mkdir(parents=True)
    plant(tmp_path / "home" / "folder")
    found = findings(tmp_path / "home", besides="restricted")
    assert found
    assert all(line.startswith(f"{kind} in folder/file") for line in found)
    assert str(MINOR) not in "".join(found)
    assert findings(tmp_path / "home", besides="folder") == []


@pytest.mark.timeout(900)  # four runs, one after the other
def test_killed_and_failed_runs_leave_no_canaries_and_a_clean_run_makes_everything_right(tmp_path: Path) -> None:
    """One home goes through all of them, and is searched after each, before the next one clears up. Every phase is
    killed in, ten times, by `make torture PART=kills`."""
    home = parsed_home(tmp_path / "home")
    vendors = Disguised(tmp_path / "company", SEED, NOW)
    with vendors.served() as settings:

        def run() -> Run:
            return Run(home, {**settings, "PRODOPS_HOME": str(home)})

        def leaks() -> list[str]:
            said = b"".join(log.read_bytes() for log in tmp_path.glob("home-*.log"))
            assert said
            return findings(home, besides="restricted") + [f"{kind} in what it said" for kind in found_in(said)]

        chance = random.Random(1)  # which kills all processes, as when a machine goes down
        assert any(run().kill_in(phase, "bamboohr", chance) for phase in ("load", "extract"))
        assert leaks() == []
        vendors.talkative = True
        assert run().ended()[0] == 3
        assert leaks() == []
        vendors.talkative = False
        # Something is to be built, also where the first run was too quick to be killed and came to its end.
        (home / "dbt" / "built.json").unlink(missing_ok=True)
        assert run().kill_in("dbt", "", chance)
        assert leaks() == []
        code, said = run().ended()
        assert leaks() == []
        assert code == 0, said
        with duckdb.connect() as connection:
            connection.execute(f"attach '{home / PEOPLE}' as restricted (read_only)")
            quarantine = "restricted.staging.stg_bamboohr__pay_quarantine"
            (spoiled,) = connection.execute(f"select count(*) from {quarantine}").fetchall()
        assert spoiled == (1,)
        with duckdb.connect(str(home / "published" / "current" / "marts.duckdb"), read_only=True) as served:
            (people,) = served.execute("select count(*) from mart_product_cost where stage = 'team'").fetchall()
        assert people > (0,), "cost that is made of the pay searched for"
        packed = {file.name for file in (home / "board").glob("*/company/*")}
        assert packed == {*FORMS, SIDECAR}, "the search above looked into a board pack in every form"
    assert {"amplitude", "bamboohr", "jira", "quickbooks", "stripe"} <= vendors.shown.keys()
    kept = " ".join(findings(home / "restricted", besides=""))
    assert "pay in landing/bamboohr/compensation/" in kept
    assert "pay in people.duckdb" in kept
    assert "pay in disclosure/" in kept
    assert "a credential in tokens/quickbooks.json" in kept
    undisguised = [source for source in SOURCES if source != "bamboohr"]
    with environment_kept():
        os.environ["PRODOPS_HOME"] = str(home)
        made_of_pay = tuple(f"{mart.path[-1]} " for mart in gate.with_cost())
    assert "mart_product_pnl " in made_of_pay
    found = differences(home, Play(home, SEED, sources=undisguised))
    assert [one for one in found if not one.startswith(made_of_pay)] == []

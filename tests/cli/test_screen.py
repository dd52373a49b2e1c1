"""How tables leave the command line: for people in a terminal and in a pipe, for programs as JSON and CSV.

Red means: a script reads a figure that is cut, rounded or in another column, or a reader that closes the pipe gets a
traceback.
"""

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from cli import screen, show
from cli.screen import Table
from orchestration.deployment import Deployment
from orchestration.steps import Outcome

AMOUNT = Decimal("12345678901234567890.1200")
PRINT = "from cli.screen import Table, print_table\ntable = Table('t', 'title', ('name', 'number'))\n"


def revenue() -> Table:
    table = Table(
        "revenue", "revenue of [2026]", ("product_name", "arr", "is_closed"), ("product\nname", "ARR", "closed")
    )
    table.add(("Müller :100: [x], a name that no narrow screen has room for", AMOUNT, True), "Müller", "12", "yes")
    table.add(("日本", None, False))
    return table


def days() -> Table:
    table = Table("days", "days", ("day", "arr"))
    table.add((date(2026, 9, 30), 1234567))
    return table


@contextmanager
def terminal(columns: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A real terminal as standard output; what it showed is there afterwards."""
    ours, theirs = pty.openpty()
    shown: list[str] = []
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    with os.fdopen(theirs, "w") as stream, monkeypatch.context() as swapped:
        swapped.setattr(sys, "stdout", stream)
        yield shown
    with os.fdopen(ours, "rb", buffering=0) as ends, suppress(OSError):  # Linux ends it with an error
        while part := ends.read(1 << 16):
            shown[:] = ["".join([*shown, part.decode()])]


def test_a_pipe_gets_plain_columns_that_are_never_broken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    screen.print_tables([revenue(), days()], "text")
    assert capsys.readouterr().out.splitlines() == [
        "revenue of [2026]",
        "product name  ARR  closed",
        "Müller         12     yes",
        "日本                false",
        "",
        "days",
        "day               arr",
        "2026-09-30  1,234,567",
        "",
    ]


def test_json_is_one_object_and_no_amount_is_rounded(capsys: pytest.CaptureFixture[str]) -> None:
    screen.print_tables([revenue(), days()], "json")
    assert json.loads(capsys.readouterr().out) == {
        "revenue": [
            {
                "product_name": "Müller :100: [x], a name that no narrow screen has room for",
                "arr": "12345678901234567890.1200",
                "is_closed": True,
            },
            {"product_name": "日本", "arr": None, "is_closed": False},
        ],
        "days": [{"day": "2026-09-30", "arr": 1234567}],
    }


def test_csv_of_one_table_is_its_rows_and_of_several_says_which(capsys: pytest.CaptureFixture[str]) -> None:
    screen.print_table(revenue(), "csv")
    alone = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert alone[0] == ["product_name", "arr", "is_closed"]
    assert alone[1][1:] == [str(AMOUNT), "true"]
    assert alone[2] == ["日本", "", "false"]
    screen.print_tables([revenue(), days()], "csv")
    several = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert several[0] == {"table": "revenue", **dict(zip(alone[0], alone[1], strict=True)), "day": ""}
    assert several[2] == {"table": "days", "product_name": "", "arr": "1234567", "is_closed": "", "day": "2026-09-30"}


def test_a_narrow_terminal_breaks_names_and_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table("t", "amounts", ("name", "amount"))
    table.add(("a name of many words that has no room", 1234567890123))
    with terminal(30, monkeypatch) as shown:
        screen.print_table(table, "text")
    assert "1,234,567,890,123" in shown[0]
    assert max(len(re.sub("\x1b\\[[0-9;]*m", "", line)) for line in shown[0].splitlines()) <= 30


@pytest.mark.parametrize("colours", ["NO_COLOR", "nothing"])
def test_a_terminal_follows_the_steps_with_the_time_they_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, colours: str
) -> None:
    monkeypatch.setenv(colours, "1")
    with terminal(120, monkeypatch) as shown, show.progress(Deployment(tmp_path, seed=1), "text") as following:
        following.begin("build_warehouse", 2, 9)
        following.say("build_warehouse", "model [x]: success")
        time.sleep(0.2)
        following.end()
        screen.out().print("the figures")
    assert "step 2 of 9, building (build_warehouse): model [x]: success" in shown[0]
    assert "0:00:0" in shown[0]
    assert shown[0].endswith("the figures\r\n"), "nothing is drawn into what a run says at its end"
    assert ("\x1b[3" in shown[0]) == (colours != "NO_COLOR")


def test_a_pipe_gets_one_line_a_step_and_a_program_gets_it_beside_its_values(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for form in ("text", "json"):
        with show.progress(Deployment(tmp_path, seed=1), form) as following:
            following.begin("land_jira", 1, 7)
            following.say("land_jira", "jira.issues: 3 seen, 0 landed")
    text, beside = capsys.readouterr()
    assert text == beside
    assert text.splitlines()[1:] == ["step 1 of 7, landing (land_jira), after 0:00"]


def test_streams_without_news_are_a_number_for_people_and_rows_for_programs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = {"seen": 0, "landed": 0, "deleted": 0}
    landed = {
        "jira/issues": {"seen": 9, "landed": 2, "deleted": 0},
        "jira/boards": {"seen": 4, "landed": 0, "deleted": 0},
        "fx/rates": {"seen": 7, "landed": 0, "deleted": 0},
        "amplitude/events": nothing,
    }
    company, done = Deployment(tmp_path, seed=1), Outcome("r1", "load", 1.5, 0, (), landed)
    show.outcome(company, done)
    shown = capsys.readouterr().out.splitlines()
    assert shown[:4] == [
        "landed",
        "stream       seen  new or changed  deleted",
        "jira/issues     9               2        0",
        "streams without news: 1 of fx, 1 of jira",
    ]
    show.outcome(company, done, "json")
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert [row["stream"] for row in found["landed"]] == ["fx/rates", "jira/boards", "jira/issues"]
    assert found["run"][0] | {"job": "load", "exit_code": 0, "seconds": 1.5} == found["run"][0]
    assert printed.err.splitlines() == ["streams without news: 1 of fx, 1 of jira", "load done in 2 s"]


def test_a_reader_that_closes_the_pipe_gets_no_traceback() -> None:
    many = f"{PRINT}for number in range(2000): table.add(('a name' * 20, number))\n"
    for form in screen.FORMS:
        command = f'{sys.executable} -c "$0" | head -n 1; exit ${{PIPESTATUS[0]}}'
        ended = subprocess.run(
            ["bash", "-c", command, f"{many}for _ in range(3): print_table(table, {form!r})"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, ""), form
        assert len(ended.stdout.splitlines()) == 1


def test_a_name_that_the_terminal_has_no_letters_for_is_still_known() -> None:
    named = f"{PRINT}table.add((chr(0x2212), 1))\nprint_table(table, 'text')\n"
    ended = subprocess.run(
        [sys.executable, "-c", named],
        env={**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, b"")
    assert b"\\u2212" in ended.stdout

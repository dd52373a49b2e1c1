"""The first day of a company that has Jira and Stripe and nothing else: what docs/first-day.md says is typed is typed,
over HTTP against the vendors of the made-up company, which the home knows as those of a real one.

Belongs here: the way from a clone to the first publish. Does not: what `init` makes of a vendor's records
(tests/quality/test_first_files.py), mistakes on the way (tests/cli/test_init.py).
A failure means that a newcomer is stuck, or that the page shows something else than they see.
"""

import contextlib
import os
import pty
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchestration.versions import ROOT
from sandbox import server
from serving.published import Snapshot, current
from tests.environment import without_settings
from tests.in_process_dbt import parsed_home
from tests.orchestration.conftest import NOW
from tests.sandbox.conftest import made

PAGE = ROOT / "docs" / "first-day.md"
MOST_COMMANDS = 5
QUESTION = re.compile(r"^((?:Currency|Time zone|Month|How much) [^:\n]*: ?)(.*)$", re.MULTILINE)
QUESTION_ASKED = re.compile(rb"(?:Currency|Time zone|Month|How much) [^:\n]*: $")
ROOMS = ("cli", "dbt_project", "ingestion", "orchestration", "planning", "quality", "registry", "sandbox", "serving")


@dataclass(frozen=True)
class Day:
    """What was typed, and what came of it."""

    clone: Path
    ended: dict[str, tuple[int, str]]
    """Of each command its exit code and what the screen showed."""


def typed() -> list[tuple[str, list[str]]]:
    """What the page has one type, in its order, each with what one answers."""
    blocks = re.findall(r"^\$ (.+)\n((?:(?!\$|```).*\n)*)", PAGE.read_text(), re.MULTILINE)
    return [(command, [answer for _, answer in QUESTION.findall(shown)]) for command, shown in blocks]


def arguments(command: str) -> list[str]:
    """What a command gives to prodops; make says itself what it runs once all is set up."""
    if command.startswith("make "):
        asked = ["make", "--no-print-directory", "-n", "READY=", *command.split()[1:]]
        command = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()[-1]
    program, *given = command.split()
    assert program == ".venv/bin/prodops", command
    return given


def piped(command: Sequence[str], _: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str]:
    """The exit code of a command that is typed, and what it says."""
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def at_a_terminal(
    command: Sequence[str], replies: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> tuple[int, str]:
    """The same where somebody sits and answers."""
    screen, child = pty.openpty()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=child, stdout=child, stderr=child)
    os.close(child)
    shown, left = b"", list(replies)
    with contextlib.suppress(OSError):  # that is how Linux says that nobody is at the other end any more
        while part := os.read(screen, 4096):
            shown += part
            if QUESTION_ASKED.search(shown):
                os.write(screen, f"{left.pop(0)}\n".encode())
    os.close(screen)
    return process.wait(), shown.decode().replace("\r\n", "\n")


def filled_in(settings: str, url: str) -> str:
    """The settings as a person fills them in: two vendors, here with the addresses of the stand-ins."""
    given = {
        "SOURCES__JIRA__BASE_URL=": f"{url}/jira",
        "SOURCES__JIRA__EMAIL=": "prodops@example.com",
        "SOURCES__JIRA__API_TOKEN=": "sandbox-token",
        "SOURCES__STRIPE__API_KEY=": f"sk_sandbox\nSOURCES__STRIPE__BASE_URL={url}/stripe",
    }
    for line, value in given.items():
        assert f"\n{line}\n" in settings
        settings = settings.replace(f"\n{line}\n", f"\n{line}{value}\n")
    bank = re.search(r"^SOURCES__FX__URL=https://www\.ecb\.europa\.eu(/.*\.zip)$", settings, re.MULTILINE)
    assert bank, "who fills in two vendors has the bank's rates already"
    return settings.replace(bank[0], f"SOURCES__FX__URL={url}/fx/eurofxref-hist.zip")


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """Everything typed once, in a copy of the code and from another folder."""
    clone, elsewhere = tmp_path_factory.mktemp("clone") / "prodops", tmp_path_factory.mktemp("elsewhere")
    for room in ROOMS:
        shutil.copytree(ROOT / room, clone / room, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (".env.example", "pyproject.toml"):
        shutil.copyfile(ROOT / file, clone / file)
    # what the first run does first takes 10 CPU-s and is the same for all homes
    parsed_home(clone / ".prodops" / "company")
    environment = {**without_settings(), "PYTHONPATH": str(clone), "PRODOPS_NOW": NOW}
    del environment["PRODOPS_ENV_FILE"]
    ended = {}
    with server.serve_in_thread(server.app(made(1), now=NOW)) as url:
        for command, replies in typed()[1:]:
            run = at_a_terminal if replies else piped
            ended[command] = run(
                [sys.executable, "-m", "cli.main", *arguments(command)], replies, elsewhere, environment
            )
            if len(ended) == 1:
                settings = clone / ".env"
                settings.write_text(filled_in(settings.read_text(), url))
    assert os.listdir(elsewhere) == []
    return Day(clone, ended)


@pytest.fixture(scope="module")
def served(day: Day) -> Snapshot:
    found = current(day.clone / ".prodops" / "company")
    assert found is not None
    return found


def test_from_a_clone_to_the_first_publish_are_five_commands_at_most(day: Day) -> None:
    clone, *_, last = (command for command, _ in typed())
    assert clone.startswith("git clone ")
    assert last == "make run"
    assert len(typed()) <= MOST_COMMANDS
    assert [(command, shown) for command, (code, shown) in day.ended.items() if code] == []


def test_what_is_published_has_delivery_arr_and_retention_with_coverage(served: Snapshot) -> None:
    assert (served.manifest["company"], served.manifest["is_made_up"], served.held) == ("company", False, {})
    with served.connect() as marts:
        ((done,),) = marts.execute(
            "select sum(throughput_split) from mart_delivery where product_id <> 'UNMAPPED'"
        ).fetchall()
        revenue = marts.execute(
            "select product_id, sum(closing_arr) from mart_arr where is_complete group by fiscal_period, product_id "
            "qualify max(fiscal_period) over () = fiscal_period"
        ).fetchall()
        retained = marts.execute(
            "select coverage_ratio, nrr_ratio, grr_ratio from mart_revenue_retention "
            "where product_id = 'COMPANY' and slice_type = 'all' and is_complete "
            "qualify max(fiscal_period) over () = fiscal_period"
        ).fetchall()
        mapped = marts.execute(
            "select source, metric_id, ratio from mart_data_health "
            "where metric_id in ('mapping_coverage', 'account_coverage') and source in ('jira', 'stripe') order by all"
        ).fetchall()
    assert done > 0
    assert {"payments", "insights", "storefront"} <= {product for product, arr in revenue if arr > 0}
    ((coverage, nrr, grr),) = retained
    assert coverage == 1
    assert 0.5 < grr <= nrr
    assert [(source, metric) for source, metric, _ in mapped] == [
        ("jira", "mapping_coverage"),
        ("stripe", "account_coverage"),
        ("stripe", "mapping_coverage"),
    ]
    assert all(ratio > 0.99 for *_, ratio in mapped)


def test_the_page_shows_what_is_seen(day: Day) -> None:
    """But for numbers, which follow the company, and for what the page leaves out where it says so."""
    output = "\n".join(shown for _, shown in day.ended.values()).replace(str(day.clone), "~/prodops")
    seen = {plain(line) for line in output.splitlines()}
    shown = [
        line
        for block in re.findall(r"^```\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        for line in block.splitlines()
        if line.strip() not in ("", "…") and not line.startswith(("$ ", "SOURCES__", "#"))
    ]
    assert len(shown) > 20
    assert [line for line in shown if plain(line) not in seen] == []


def plain(line: str) -> str:
    """A line without its numbers, and without what draws and fits a table around them."""
    return " ".join(re.sub(r"[+-]?\d[\d,.:TZ-]*", "N", re.sub(r"[━─┏┓┗┛┡┩┳┻╇└┘┴]+", " ", line)).split())

"""When a digest is sent, by the sensor, on a home of its own and over real sockets."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from ingestion import unread
from ingestion.errors import SourceError
from ingestion.sources import SOURCES
from orchestration import cadence, problems
from orchestration.defs.alerts import alerts
from serving import restatements
from serving.alerts import EMAIL, SMTP, WEBHOOK
from tests.serving.test_alerts import mail_server, webhook

STREAMS = [stream.name for stream in SOURCES["fx"].streams]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Of a company that has rates and nothing else."""
    (tmp_path / "rates.csv").write_text("date,currency,rate\n2026-01-02,USD,1.1\n")
    monkeypatch.setenv("PRODOPS_HOME", str(tmp_path))
    monkeypatch.setenv("SOURCES__FX__PATH", str(tmp_path / "rates.csv"))
    return tmp_path


@contextmanager
def later(instant: float) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(problems.time, "time", lambda: instant)
        yield


def loaded(instance: dg.DagsterInstance) -> None:
    for name in STREAMS:
        instance.report_runless_asset_event(dg.AssetMaterialization(["fx", name]))


def failed() -> None:
    unread.note(SOURCES["fx"], SourceError("fx", "rates", "the host does not answer"))


class Ticks:
    """The sensor, tick by tick, with the cursor that it left."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance, self.cursor = instance, None

    def tick(self) -> str:
        context = dg.build_sensor_context(self.instance, cursor=self.cursor)
        skipped = alerts(context)
        assert isinstance(skipped, dg.SkipReason)
        self.cursor = context.cursor
        return str(skipped.skip_message)


def test_a_source_that_is_late_is_one_digest_and_its_recovery_another(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each tick of a day, and two messages: not one a tick, and not none."""
    hours = cadence.LOADED["fx"].late_after.total_seconds() / 3600
    with dg.DagsterInstance.ephemeral() as instance, webhook() as (url, sent), mail_server() as (place, mails, _):
        ticks = Ticks(instance)
        assert "nobody is written to" in ticks.tick()
        for name, value in {WEBHOOK: url, EMAIL: "ada@example.com", SMTP: place}.items():
            monkeypatch.setenv(name, value)
        loaded(instance)
        now = time.time()
        for hour in range(48):
            with later(now + hour * 3600 + 60):
                said = ticks.tick()
            assert ("sent by webhook" in said) == (hour == hours), f"hour {hour}: {said}"
        assert [one["text"].splitlines()[0] for one in sent] == ["*prodops company: 1 new*"]
        assert "• new: fx is late: rates not loaded since 20" in sent[0]["text"]
        loaded(instance)
        assert "sent by webhook" in ticks.tick()
        assert "nothing changed; 0 open" in ticks.tick()
        assert "• solved: fx is late" in sent[1]["text"]
        assert [mail["Subject"] for mail in mails] == ["prodops company: 1 new", "prodops company: 1 solved"]


def test_a_load_that_failed_is_reported_until_one_ended_well(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with dg.DagsterInstance.ephemeral() as instance, webhook() as (url, sent):
        monkeypatch.setenv(WEBHOOK, url)
        ticks = Ticks(instance)
        loaded(instance)
        for _ in range(3):  # hour by hour the same
            failed()
            ticks.tick()
        assert [one["text"] for one in sent] == [
            "*prodops company: 1 new*\n• new: the last load of fx failed; next: its run in Dagster, prodops doctor"
        ]
        unread.note(SOURCES["fx"], None)
        ticks.tick()
        assert len(sent) == 2


def test_a_period_that_is_reopened_is_named_without_its_figures(home: Path) -> None:
    """What a product earns is not for everybody in a channel."""
    rows = [
        restatements.Restatement(mart, "FY26-P03", "core", "cost", "4711.00", "4712.00", "2026-10-15T06:00:00Z")
        for mart in ("mart_product_cost", "mart_product_pnl")
    ]
    restatements._write(home, rows)
    with dg.DagsterInstance.ephemeral() as instance:
        found = problems.found(instance)
    assert found == {
        "period FY26-P03": "the closed period FY26-P03 is reopened: mart_product_cost, mart_product_pnl would change; "
        "next: prodops restate list"
    }


def test_a_channel_that_could_not_be_reached_gets_it_later_and_the_other_nothing_twice(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with dg.DagsterInstance.ephemeral() as instance, mail_server() as (place, mails, _):
        for name, value in {WEBHOOK: "http://127.0.0.1:9/secret", EMAIL: "ada@example.com", SMTP: place}.items():
            monkeypatch.setenv(name, value)
        failed()
        ticks = Ticks(instance)
        said = [ticks.tick() for _ in range(3)]
        assert all("not sent by webhook, to be tried again" in one for one in said)
        assert "secret" not in "".join([*said, json.dumps(ticks.cursor)])
        assert len(mails) == 1
        with webhook() as (url, sent):
            monkeypatch.setenv(WEBHOOK, url)
            ticks.tick()
            ticks.tick()
        assert (len(sent), len(mails)) == (1, 1)

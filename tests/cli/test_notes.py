"""What a load has to say reaches the person who ran it."""

from pathlib import Path

import dagster as dg
import pytest

from cli import show
from ingestion.sources import SOURCES
from orchestration.defs.ingest import landed_assets
from orchestration.deployment import Deployment
from orchestration.loads import loads
from orchestration.steps import outcome
from tests.ingestion.sources.stripe_account import DAY, Account

NOTE = "stripe: full resync: last read 2026-10-01, and Stripe keeps events for 30 days only"


def test_a_full_resync_is_reported_once_on_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    account = Account(tmp_path / "home", monkeypatch)
    account.put("customers", "cus_1")
    account.load()
    account.later(40 * DAY)
    with account.serving(), dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([landed_assets(SOURCES["stripe"])], instance=instance, resources={"loads": loads})
    done = outcome("load_stripe", result, 1.0)
    assert done.notes == (NOTE,)
    show.outcome(Deployment(tmp_path, seed=1), done)
    assert capsys.readouterr().err.count(f"note: {NOTE}") == 1

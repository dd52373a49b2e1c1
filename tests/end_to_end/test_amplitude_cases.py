"""Usage as other companies have it: each case of tests/cases/amplitude is served, loaded and built, and active users
are what the case says.

The cases were written by hand after vendors' documents and public reports; no figure in them comes from a rule of ours.
Belongs here: serving them all as the Amplitude projects of one company. Does not: the made-up company
(test_company_2.py).
A failure means that a company with such events publishes wrong active users.
"""

import base64
import gzip
import io
import json
import os
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ingestion.sources import LoadOptions, load_source
from sandbox.server import serve_in_thread
from tests.environment import environment_kept
from tests.in_process_dbt import build_models
from tests.ingestion.file_packages import written_by
from tests.ingestion.sources import company_folder as files
from tests.ingestion.sources.small_account import SmallAccount

CASES = {
    path.stem: json.loads(path.read_text()) for path in (Path(__file__).parents[1] / "cases/amplitude").glob("*.json")
}
CONTROLS = "int_usage_controls_compared"
FIGURES = ("events", "dau", "wau", "mau_28d", "mau_month", "customers_day", "customers_28d")
SINCE = "2016-01-01"
Figures = dict[tuple[str, str], dict[str, Decimal]]
Line = dict[str, Any]


class Projects(SmallAccount):
    """Serves lines of events as Amplitude does, by the hour of their upload."""

    source, secret = "amplitude", "secret"

    def __init__(self, home: Path, environment: pytest.MonkeyPatch, now: str) -> None:
        super().__init__(home, environment)
        self.now = now
        self.lines: dict[str, dict[str, list[Line]]] = defaultdict(lambda: defaultdict(list))

    def put(self, line: Line) -> None:
        hour = line["server_upload_time"][:13].replace("-", "").replace(" ", "T")
        hours = self.lines[str(line["app"])]
        assert all(line["uuid"] != one["uuid"] for some in hours.values() for one in some), "cases share an id"
        hours[hour].append(line)

    @contextmanager
    def serving(self) -> Iterator[None]:
        keys = [{"id": one, "api_key": f"key-{one}", "secret_key": self.secret} for one in sorted(self.lines)]
        with serve_in_thread(self) as url:
            self.set(BASE_URL=url, PROJECTS=json.dumps(keys), START="2026-01-01")
            self.environment.setenv("PRODOPS_NOW", self.now)
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(Request(scope))(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        key = base64.b64decode(request.headers["authorization"].removeprefix("Basic ")).decode().split(":")[0]
        project = key.removeprefix("key-")
        if project not in self.lines:
            return JSONResponse({"error": "Invalid API key"}, 403)
        hours, asked = self.lines[project], request.query_params
        match request.url.path:
            case "/api/2/export":
                found = {hour: hours[hour] for hour in sorted(hours) if asked["start"] <= hour <= asked["end"]}
                if not found:
                    return JSONResponse({"error": "Raw data files were not found."}, 404)
                return Response(_archive(project, found), media_type="application/zip")
            case "/api/2/events/list":
                names = sorted({line["event_type"] for some in hours.values() for line in some})
                return JSONResponse({"data": [{"value": name, "display": name, "totals": 0} for name in names]})
            case "/api/3/cohorts":
                return JSONResponse({"cohorts": []})
        raise AssertionError(f"{request.url.path} is not served")


def _archive(project: str, hours: dict[str, list[Line]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for hour, lines in hours.items():
            name = f"{project}/{project}_{hour[:4]}-{hour[4:6]}-{hour[6:8]}_{int(hour[9:])}#0.json.gz"
            bundle.writestr(name, gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode()))
    return out.getvalue()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All cases at once, landed and built."""
    home = tmp_path_factory.mktemp("amplitude_cases") / "home"
    with environment_kept(), written_by("files"), pytest.MonkeyPatch.context() as environment:
        load(home, environment)
        build_models(home, "--select", "+mart_usage", "+int_events_checked", f"+{CONTROLS}")
    return home


def load(home: Path, environment: pytest.MonkeyPatch) -> None:
    """Every case's events, and the company's files that name their products, customers and colleagues."""
    projects = Projects(home, environment, max(case["now"] for case in CASES.values()))
    for case in CASES.values():
        for line in case["objects"]["events"]:
            projects.put(line)
    write_files(home / "company")
    os.environ.update(PRODOPS_COMPANY=str(home / "company"))
    projects.load()
    load_source("files", LoadOptions(), lambda landed: None)


def write_files(folder: Path) -> None:
    def every(name: str) -> list[Any]:
        return [one for case in CASES.values() for one in case["company"].get(name, [])]

    def write(name: str, header: str, *rows: str) -> None:
        (folder / name).write_text("\n".join([header, *rows]) + "\n")

    def mapped(row: dict[str, str]) -> str:
        ends = f"{row.get('weight', 1)},{row.get('valid_from', SINCE)},{row.get('valid_to', '')},"
        return f"amplitude,{row['object_type']},{row['key']},{row.get('match', 'exact')},{row['product_id']},{ends}"

    (zone,) = {case["company"]["reporting_time_zone"] for case in CASES.values()}
    products = [
        f"{one['product_id']},{one['product_id']},{one['level']},{one['parent_id']}" for one in every("products")
    ]
    colleagues = [f"amplitude,{key},W-{number},{SINCE}," for number, key in enumerate(every("worker_map"), 1)]
    folder.mkdir(parents=True)
    write("policy.yml", f"reporting_time_zone: {zone}", "reporting_currency: USD")
    write("products.csv", files.PRODUCT, *(f"{one},,,{SINCE}," for one in products))
    write("product_map.csv", files.MAP, *map(mapped, every("product_map")))
    write("customers.csv", files.CUSTOMER, *(f"{one},{one},,SMB,US,US,x,{SINCE}," for one in every("customers")))
    keys = [f"amplitude,{one['key']},{one['customer_id']},{SINCE}," for one in every("customer_map")]
    write("customer_map.csv", files.KEYS, *keys)
    write("worker_map.csv", files.KEYS.replace("customer_id", "worker_id"), *colleagues)
    write("segments.csv", "code,name", "SMB,Small")
    write("markets.csv", "code,name,region", "US,United States,AM")
    write("teams.csv", files.TEAM, f"T-A,A,stream,engineering,,{SINCE},")


@pytest.fixture(scope="module")
def figures(home: Path) -> Figures:
    """Of everybody, by product and day."""
    columns = ", ".join(f"cast({name} as decimal(18, 6))" for name in FIGURES)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        rows = warehouse.execute(
            f"select product_id, cast(activity_date as varchar), {columns} from marts.mart_usage "
            "where slice_type = 'all'"
        ).fetchall()
    return {(product, day): dict(zip(FIGURES, values, strict=True)) for product, day, *values in rows}


@pytest.mark.parametrize("name", sorted(CASES))
def test_active_users_of_events_that_are_not_ours_are_right(figures: Figures, name: str) -> None:
    expected, differences = CASES[name]["expect"]["mart_usage"], []
    for product, days in expected.items():
        for day, values in days.items():
            for figure, value in values.items():
                right = [Decimal(str(one)) for one in (value if isinstance(value, list) else [value])]
                found = figures.get((product, day), {}).get(figure, Decimal(0))
                if found not in right:
                    differences.append(f"{product} {day} {figure}: {found} instead of {value}")
    assert any(value for days in expected.values() for values in days.values() for value in values.values())
    assert not differences, CASES[name]["what"]


def test_no_day_is_shown_that_no_event_of_use_is_near(home: Path, figures: Figures) -> None:
    """An event that a clock dated 1970 would make 20,000 days of every product above it."""
    days = [date.fromisoformat(day) for _, day in figures]
    assert date(2026, 1, 1) <= min(days)
    assert max(days) < date(2026, 5, 1)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        counted = dict(warehouse.execute("select metric_id, numerator from intermediate.int_events_checked").fetchall())
        landed = warehouse.execute("select min(activity_date) from intermediate.int_events_daily").fetchone()
    assert landed == (date(1969, 12, 31),)  # 1970 in UTC
    assert counted["past_events"] > 0
    assert counted["future_events"] > 0


def test_what_amplitude_says_agrees_with_what_is_held_of_every_case(home: Path) -> None:
    """A control that is red where the figures are right would be switched off, and then protect nobody."""
    columns = "control_id, object_id, object_part, vendor_figure, our_figure, is_agreed"
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as warehouse:
        compared = warehouse.execute(f"select {columns} from intermediate.{CONTROLS}").fetchall()
    assert [row for row in compared if not row[-1]] == []
    assert {control for control, *_ in compared} == {"event_totals", "identified_users", "counted_users", "first_days"}

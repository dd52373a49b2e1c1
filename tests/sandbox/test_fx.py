"""The bank's files: newest day first, business days alone, N/A without a rate, and no rate before it is published."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date

import pytest
import requests

from sandbox.company.rates import BEGINNINGS, ELSEWHERE
from tests.sandbox.conftest import Client, Serve, made


def fetched(client: Client, file: str = "eurofxref-hist.csv") -> requests.Response:
    return requests.get(f"{client.url}/fx/{file}", timeout=10)


def history(client: Client) -> list[list[str]]:
    answer = fetched(client)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/csv")
    return list(csv.reader(io.StringIO(answer.text)))


def test_the_history_has_a_column_a_currency_and_a_line_a_business_day(client: Client) -> None:
    header, *lines = history(client)
    assert header == ["Date", *BEGINNINGS, ""], "lines end with a comma"
    days = [date.fromisoformat(line[0]) for line in lines]
    assert days == sorted(days, reverse=True)
    assert (days[0], days[-1]) == (date(2026, 10, 14), date(2024, 7, 1))
    assert all(day.weekday() < 5 for day in days)
    holidays = {date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 1), date(2025, 12, 25), date(2026, 1, 1)}
    assert holidays & set(days) == set()
    assert len(days) == 598 - 12, "weekdays less the holidays of TARGET on weekdays"
    assert all(len(line) == len(header) and line[-1] == "" for line in lines)
    assert ELSEWHERE not in header


def test_a_currency_without_rates_is_not_available(client: Client) -> None:
    header, *lines = history(client)
    assert {line[header.index("RUB")] for line in lines} == {"N/A"}
    lev = {line[0]: line[header.index("BGN")] for line in lines}
    assert [lev["2025-12-31"] == "N/A", lev["2026-01-02"] == "N/A"] == [False, True]
    rates = [float(cell) for line in lines for cell in line[1:-1] if cell != "N/A"]
    assert min(rates) > 0
    assert len(rates) == sum(len(line) - 2 for line in lines) - [c for line in lines for c in line].count("N/A")


def test_the_zip_holds_the_same_file_and_is_the_same_each_time(client: Client) -> None:
    answer = fetched(client, "eurofxref-hist.zip")
    assert answer.headers["content-type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        assert bundle.namelist() == ["eurofxref-hist.csv"]
        assert bundle.read("eurofxref-hist.csv") == fetched(client).content
    assert fetched(client, "eurofxref-hist.zip").content == answer.content


@pytest.mark.parametrize(
    ("now", "newest"),
    [
        ("2026-10-15T14:59:59Z", "2026-10-14"),
        ("2026-10-15T15:00:00Z", "2026-10-15"),
        ("2026-10-18T20:00:00Z", "2026-10-16"),
    ],
)
def test_rates_of_a_day_come_in_its_afternoon(serve: Serve, now: str, newest: str) -> None:
    assert history(serve(now=now))[1][0] == newest


def test_another_file_is_not_there(client: Client) -> None:
    assert fetched(client, "eurofxref.zip").status_code == 404


def test_each_company_has_rates_of_its_own_and_a_currency_from_elsewhere() -> None:
    first, second = (made(seed).rates.days[date(2026, 10, 14)]["USD"] for seed in (1, 2))
    assert first != second
    rows = made(1).rows("fx_rates", "2026-10-15T06:00:00Z")
    assert {row["currency"] for row in rows} == {"KWD"}
    assert {date.fromisoformat(row["date"]).weekday() for row in rows} == {0}
    assert rows[-1]["date"] == "2026-10-12"

"""Rates: what the bank publishes lands whole, once, as text; a history that is cut off or garbled never does."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from ingestion.errors import SettingsError, SourceError
from ingestion.sources import SOURCES, LoadOptions, load_source
from sandbox import files, truth
from sandbox.company.rates import BEGINNINGS
from tests.ingestion.conftest import landed_rows, over
from tests.ingestion.sources.vendor_site import NOW, VendorSite

BANK = "Date,USD,JPY,BGN,\n2026-01-05,1.0800,165.10,N/A,\n2026-01-02,1.0750,164.9,N/A,\n"
PLAIN = "date,currency,rate\n2026-01-05,KWD,0.3300\n2026-01-02,KWD,0.3310\n"


class Bank(VendorSite):
    """The bank's server of one company and one home to load it into."""

    source = "fx"
    secret = "none"

    def load_from(self, file: str, *faults: dict[str, object], now: str = NOW) -> dict[str, int]:
        with self.serving(*faults, now=now) as url:
            self.set(URL=f"{url}/fx/{file}")
            return self.run()


@pytest.fixture
def bank(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bank:
    return Bank(tmp_path / "home", monkeypatch)


@pytest.fixture
def file(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of PATH, with the bank's history in it."""
    path = tmp_path / "rates.csv"
    path.write_text(BANK)
    monkeypatch.setenv("SOURCES__FX__PATH", str(path))
    return path


def load() -> tuple[int, int]:
    (landed,) = load_source("fx", LoadOptions(), lambda _: None)
    return landed.landed, landed.deleted


def rates() -> dict[str, str]:
    """Every rate that is alive, by its key."""
    newest = {key: (payload, gone) for key, payload, gone in landed_rows("fx", "rates")}
    return {key: json.loads(payload)["rate"] for key, (payload, gone) in newest.items() if not gone}


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, text in members.items():
            bundle.writestr(name.replace("_", "."), text)
    return out.getvalue()


@pytest.mark.parametrize("served", ["eurofxref-hist.zip", "eurofxref-hist.csv"])
@over("dlt")
def test_the_banks_history_and_the_companys_own_file_land_whole_and_once(bank: Bank, served: str) -> None:
    files.write(bank.company, bank.home / "company", NOW)
    bank.set(PATH=str(bank.home / "company" / "fx_rates.csv"))
    count = bank.load_from(served)["rates"]
    expected = truth.landed_from("fx", bank.company, NOW)["rates"]
    assert rates() == {key: record["rate"] for key, record in expected.items()}
    assert count == len(expected)
    assert bank.load_from(served)["rates"] == 0


def test_doctor_says_how_far_the_rates_go(file: Path) -> None:
    (finding,) = SOURCES["fx"].check()
    assert (finding.ok, finding.what) == (True, "read rates of 2 currencies, the newest of 2026-01-05")


def test_a_day_later_the_rates_of_a_day_land(bank: Bank) -> None:
    bank.load_from("eurofxref-hist.zip")
    rated = len(BEGINNINGS) - 2  # two currencies have no rates any more
    assert bank.load_from("eurofxref-hist.zip", now="2026-10-15T14:59:59Z")["rates"] == 0
    assert bank.load_from("eurofxref-hist.zip", now="2026-10-15T15:00:00Z")["rates"] == rated
    assert bank.load_from("eurofxref-hist.zip", now="2026-10-18T20:00:00Z")["rates"] == rated, "none on a weekend"


def test_nothing_before_the_start_lands_and_a_later_start_deletes_nothing(bank: Bank) -> None:
    bank.set(START="2026-10-01")
    assert bank.load_from("eurofxref-hist.zip")["rates"] == 10 * (len(BEGINNINGS) - 2)
    bank.set(START="2026-10-12")
    assert bank.load_from("eurofxref-hist.zip")["rates"] == 0
    assert min(rates()) == "2026-10-01/AUD"


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "truncated_zip"},
        {"fault": "broken_zip_crc"},
        {"fault": "reset", "at": 5_000},
        {"fault": "status", "status": 503},
    ],
)
def test_a_fault_on_the_way_is_got_over(bank: Bank, fault: dict[str, object]) -> None:
    assert bank.load_from("eurofxref-hist.zip", fault | {"count": 2})["rates"] > 11_000
    assert len(bank.asked("eurofxref-hist.zip")) == 3


def test_a_page_that_is_no_file_is_an_error(bank: Bank) -> None:
    with pytest.raises(SourceError, match=r"fx\.rates \(status 404\)"):
        bank.load_from("rates.zip")


def test_a_rate_that_the_bank_corrects_lands_anew_and_one_that_it_withdraws_is_gone(file: Path) -> None:
    assert load() == (4, 0)
    file.write_text(BANK.replace("1.0750", "1.07500"))
    assert load() == (1, 0)
    assert rates()["2026-01-02/USD"] == "1.07500", "as it is written, not as a number"
    file.write_text(BANK.replace("164.9", "N/A"))
    assert load() == (2, 1)
    assert sorted(rates()) == ["2026-01-02/USD", "2026-01-05/JPY", "2026-01-05/USD"]


def test_a_history_that_lost_days_does_not_land(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    load()
    file.write_text(BANK.rpartition("2026-01-02")[0])
    with pytest.raises(
        SourceError, match=r"fx\.rates at 2026-01-02: the history has lost 1 days, the first 2026-01-02"
    ):
        load()
    assert len(rates()) == 4
    monkeypatch.setenv("SOURCES__FX__START", "2026-01-05")
    assert load() == (0, 0)


def test_a_history_that_lost_a_currency_does_not_land_unless_it_is_true(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [f"2026-01-{day:02d}" for day in range(5, 13)]
    file.write_text("Date,USD,JPY\n" + "".join(f"{day},1.08,165\n" for day in days))
    load()
    file.write_text("Date,USD\n" + "".join(f"{day},1.08\n" for day in days))
    with pytest.raises(SourceError, match=r"8 of 16 records would be marked deleted.*SOURCES__FX__MAX_DELETED_SHARE"):
        load()
    monkeypatch.setenv("SOURCES__FX__MAX_DELETED_SHARE", "0.5")
    assert load() == (8, 8)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BANK.replace("1.0750", "0"), "at 2026-01-02: rates.csv row 2 column USD value '0': must be a number above 0"),
        (BANK.replace("1.0750", "-1.0750"), "row 2 column USD value '-1.0750': must be a number above 0"),
        (BANK.replace("1.0750", "1,0750"), "rates.csv row 2: must have 5 values, but has 6"),
        (BANK.replace("1.0750", "NaN"), "value 'NaN': must be a number above 0"),
        (BANK.replace("1.0750", "1e2"), "value '1e2': must be a number above 0"),
        (BANK.replace("2026-01-02", "02.01.2026"), "row 2 column Date value '02.01.2026': must be a day"),
        (BANK.replace("2026-01-02", "2026-02-30"), "row 2 column Date value '2026-02-30': must be a day"),
        (BANK.replace("2026-01-02", "2026-01-05"), "at 2026-01-05: USD stands there twice"),
        (BANK.replace("USD", "Dollar"), "rates.csv must begin with Date and currencies"),
        ("", "rates.csv must begin with Date and currencies"),
        ("Date,USD\n", "rates.csv holds no rates"),
        ('Date,USD\n2026-01-02,"1.0', "rates.csv is not CSV in UTF-8"),
        (PLAIN.replace("0.3310", "N/A"), "row 2 column rate value 'N/A': must be a number above 0"),
        (PLAIN.replace("02,KWD", "02,kwd"), "row 2 column currency value 'kwd': must be a currency like USD"),
        (PLAIN.replace("2026-01-02", "2026-01-05"), "at 2026-01-05: KWD stands there twice"),
    ],
)
def test_a_garbled_history_is_refused_by_row_and_column_and_nothing_lands(file: Path, text: str, message: str) -> None:
    file.write_text(text)
    with pytest.raises(SourceError) as caught:
        load()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert rates() == {}
    (finding,) = SOURCES["fx"].check()
    assert (finding.ok, finding.what) == (False, "read rates")


def test_a_file_may_be_a_zip_or_plain(file: Path) -> None:
    file.write_bytes(zipped(hist_csv=BANK))
    assert load() == (4, 0)
    file.write_bytes(zipped(hist_csv=BANK)[:-30])
    with pytest.raises(SourceError, match=r"rates\.csv: it is not a whole zip"):
        load()
    file.write_bytes(zipped(a_csv="Date,USD\n2026-01-02,1\n", b_csv=BANK))
    with pytest.raises(SourceError, match="row 2"):
        load()


def test_a_plain_file_lands_and_must_not_repeat_the_bank(bank: Bank, tmp_path: Path) -> None:
    own = tmp_path / "own.csv"
    own.write_text(PLAIN)
    bank.set(PATH=str(own))
    bank.load_from("eurofxref-hist.csv")
    assert {key: rate for key, rate in rates().items() if "KWD" in key} == {
        "2026-01-02/KWD": "0.3310",
        "2026-01-05/KWD": "0.3300",
    }
    own.write_text(PLAIN.replace("KWD", "USD"))
    with pytest.raises(SourceError, match=r"fx\.rates at 2026-01-05: USD stands there twice; leave one of them out"):
        bank.load_from("eurofxref-hist.csv")


def test_settings_say_where_rates_come_from(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not SOURCES["fx"].is_configured()
    with pytest.raises(SettingsError, match="SOURCES__FX__URL, SOURCES__FX__PATH: missing; https://www"):
        load()
    monkeypatch.setenv("SOURCES__FX__PATH", str(home / "nowhere.csv"))
    assert SOURCES["fx"].is_configured()
    with pytest.raises(SettingsError, match="SOURCES__FX__PATH: there is no file /"):
        load()
    monkeypatch.setenv("SOURCES__FX__URL", "http://example.com/rates.zip")
    assert [finding.what for finding in SOURCES["fx"].check()] == ["SOURCES__FX__URL"], "not in the clear"

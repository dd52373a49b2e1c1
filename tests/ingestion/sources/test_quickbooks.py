"""What lands of QuickBooks books whose records change, end and go while nobody looks, and while somebody reads."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from ingestion import records
from ingestion.errors import FileError
from ingestion.settings import resolve
from ingestion.sources import print_load
from ingestion.sources.quickbooks.api import QuickBooksApi, QuickBooksSettings
from ingestion.sources.quickbooks.load import ENTITIES, SOURCE
from tests.ingestion.conftest import landed_rows, over
from tests.ingestion.sources.quickbooks_books import STREAMS, Books, alive

QUIETLY = {"census": False}
NOTHING: dict[str, int] = {}


@pytest.fixture
def books(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Books:
    return Books(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="session")
def kept_before(tmp_path_factory: pytest.TempPathFactory) -> Books:
    """Books with some of everything, landed."""
    with pytest.MonkeyPatch.context() as environment:
        books = Books(tmp_path_factory.mktemp("kept") / "home", environment)
        for key in range(1, 8):
            books.put("Account", key, Name=f"Account {key}")
            books.put("Invoice", key, TxnDate=f"2026-0{key + 1}-15", TotalAmt=100, Line=[{"Id": "1", "Amount": 100}])
            books.later(minutes=1)
        books.put("Customer", 1, DisplayName="Amy", Active=False)
        books.put("Bill", 1, TxnDate="2026-03-31", TotalAmt=7)
        books.preferences["AccountingInfoPrefs"]["BookCloseDate"] = "2026-06-30"
        books.later(hours=1)
        books.load()
        books.later(hours=1)
        return books


@pytest.fixture
def kept(kept_before: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Books:
    return kept_before.copy(tmp_path / "home", monkeypatch)


def tombstones(stream: str) -> list[tuple[str, str | None]]:
    return [(key, text) for key, text, gone in landed_rows("quickbooks", stream) if gone]


@over("dlt")
def test_the_first_load_lands_everything_and_a_second_nothing(kept: Books) -> None:
    kept.assert_whole()
    assert {stream.name for stream in SOURCE.streams} == {one.stream for one in kept.load(**QUIETLY)}
    assert kept.landed() == NOTHING
    assert kept.landed(resync=True) == NOTHING
    kept.assert_whole()


def test_a_record_lands_as_it_came_with_its_time_as_received(kept: Books) -> None:
    rows = landed_rows("quickbooks", "invoices", "record_id, cursor, payload")
    assert len(rows) == 7
    for key, cursor, payload in rows:
        served = kept.records["Invoice"][key]
        assert payload == json.dumps(served, separators=(",", ":"))
        assert cursor == served["MetaData"]["LastUpdatedTime"]
        assert cursor.endswith("-07:00")


def test_names_that_were_made_inactive_land_and_stay(kept: Books) -> None:
    assert alive("customers")["1"]["Active"] is False
    kept.put("Account", 3, Name="Account 3 (deleted)", Active=False)
    assert kept.landed() == {"accounts": 1}
    kept.assert_whole()


def test_what_changed_lands_and_a_void_is_no_delete(kept: Books) -> None:
    kept.put("Invoice", 7, TotalAmt=0, PrivateNote="Voided", Line=[{"Id": "1", "Amount": 0}])
    kept.put("Bill", 2, TxnDate="2026-10-01")
    assert {stream: count for stream, count in kept.landed(**QUIETLY).items() if stream in ("invoices", "bills")} == {
        "invoices": 1,
        "bills": 1,
    }
    assert tombstones("invoices") == []
    kept.assert_whole()


def test_a_stub_marks_its_record_deleted_and_brings_nothing_else(kept: Books) -> None:
    kept.delete("Invoice", 4)
    kept.load(**QUIETLY)
    assert tombstones("invoices") == [("4", None)]
    kept.assert_whole()


def test_a_delete_that_no_stub_reports_is_found_by_the_census(kept: Books) -> None:
    kept.delete("Invoice", 4, reported=False)
    kept.put("Invoice", 9, reported=False, TxnDate="2026-05-01")
    assert "invoices" not in kept.landed(**QUIETLY)
    assert kept.landed()["invoices"] == 2
    kept.assert_whole()


def test_what_is_hidden_from_the_list_only_is_not_deleted(kept: Books) -> None:
    def forget(asked: str) -> None:
        if "SELECT Id FROM Invoice" in asked:
            hidden.update(kept.records["Invoice"])
            kept.records["Invoice"] = {key: one for key, one in hidden.items() if key != "2"}
        elif hidden:
            kept.records["Invoice"] = dict(hidden)

    hidden: dict[str, Any] = {}
    kept.between = forget
    assert "invoices" not in kept.landed()
    assert len(alive("invoices")) == 7


def test_times_are_compared_as_instants_across_offsets(kept: Books) -> None:
    """15:05 in Kolkata is long before 09:00 in California, though its text is greater."""
    kept.put("Invoice", 1, TotalAmt=1)
    kept.records["Invoice"]["1"]["MetaData"]["LastUpdatedTime"] = "2026-10-01T07:20:00-07:00"
    kept.later(hours=2)
    assert kept.landed(**QUIETLY)["invoices"] == 1
    kept.assert_whole()


def test_what_came_late_into_the_time_of_the_load_before_is_found_by_the_overlap(kept: Books) -> None:
    kept.later(hours=-1, minutes=-5)  # five minutes before the load that was made an hour ago
    kept.put("Invoice", 1, TotalAmt=1)
    kept.later(hours=2)
    kept.load(**QUIETLY)
    kept.assert_whole()


@pytest.mark.parametrize("is_census", [True, False])
def test_an_answer_of_a_thousand_changes_is_no_whole_answer(kept: Books, is_census: bool) -> None:
    kept.set(PAGE_SIZE="1000", MAX_DELETED_SHARE="1")
    for key in range(1000, 2003):
        kept.put("Bill", key, TxnDate="2026-10-01")
    kept.delete("Bill", 1)
    assert kept.landed(census=is_census)["bills"] == 1004
    kept.assert_whole()


def test_nine_hundred_ninety_nine_changes_are_whole(kept: Books) -> None:
    for key in range(1000, 1999):
        kept.put("Bill", key, TxnDate="2026-10-01")
    kept.log.clear()
    kept.load(**QUIETLY)
    assert [asked for asked in kept.log if "FROM Bill" in asked] == []
    kept.assert_whole()


def test_after_a_month_of_silence_everything_is_read_again_and_that_is_said(kept: Books) -> None:
    kept.delete("Invoice", 4, reported=False)
    kept.put("Invoice", 5, reported=False, TotalAmt=55)
    kept.later(days=29, hours=1)
    notes = kept.notes(**QUIETLY)
    assert notes["invoices"] == "full resync: last read 2026-10-01, and QuickBooks keeps changes for 30 days only"
    assert {stream for stream, note in notes.items() if note.startswith("full resync")} == set(STREAMS.values())
    kept.assert_whole()
    assert kept.notes(**QUIETLY) == {}


def test_an_older_version_from_a_server_that_lags_does_not_land(kept: Books) -> None:
    older = dict(kept.records["Invoice"]["2"])
    kept.put("Invoice", 2, TotalAmt=200)
    kept.load(**QUIETLY)
    newest, kept.records["Invoice"]["2"] = (
        kept.records["Invoice"]["2"],
        older | {"MetaData": kept.records["Invoice"]["2"]["MetaData"]},
    )
    assert "invoices" not in kept.landed(**QUIETLY)
    kept.records["Invoice"]["2"] = newest
    kept.assert_whole()


# -- while somebody reads


def test_a_delete_while_paging_hides_no_record(books: Books) -> None:
    for key in range(1, 12):
        books.put("Bill", key)

    def delete(asked: str) -> None:
        if "FROM Bill" in asked and "STARTPOSITION 3 " in asked and "2" in books.records["Bill"]:
            books.delete("Bill", 2)

    books.between = delete
    books.load()
    assert alive("bills").keys() == {"2", *books.records["Bill"]}
    books.load(**QUIETLY)
    books.assert_whole()


def test_an_insert_and_an_edit_while_paging_are_found_by_the_next_load(books: Books) -> None:
    for key in range(1, 12):
        books.put("Account", key)

    def edit(asked: str) -> None:
        if "FROM Account" in asked and "STARTPOSITION 5 " in asked and "99" not in books.records["Account"]:
            books.put("Account", 1, Name="new")
            books.put("Account", 99)

    books.between = edit
    books.load()
    books.load(**QUIETLY)
    books.assert_whole()


def test_a_list_that_never_stands_still_is_an_error(books: Books) -> None:
    for key in range(1, 50):
        books.put("Bill", key)

    def delete(asked: str) -> None:
        if "FROM Bill" in asked:
            del books.records["Bill"][min(books.records["Bill"], key=int)]

    books.between = delete
    (error,) = books.failures()
    assert (error.stream, "the list moved each of the 5 times" in str(error)) == ("bills", True)


def test_any_page_size_finds_the_same(books: Books) -> None:
    for key in range(1, 8):
        books.put("Bill", key)
    for size in ("2", "3", "7", "8", "1000"):
        books.set(PAGE_SIZE=size)
        with books.serving():
            api = QuickBooksApi(resolve("quickbooks", QuickBooksSettings))
            bills = next(entity for entity in ENTITIES if entity.name == "Bill")
            assert [one.record_id for page in api.records(bills) for one in page] == list("1234567")


def test_a_load_that_is_cut_off_anywhere_is_finished_by_the_next(
    books: Books, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in range(1, 4):
        books.put("Account", key)
        books.put("Bill", key)
    books.load()
    books.later(hours=1)
    books.put("Account", 1, Name="new")
    books.put("Account", 4)
    books.put("Bill", 1, TotalAmt=8)
    books.delete("Bill", 2)
    monkeypatch.setattr(records, "CHUNK_BYTES", 1)
    for commits in (1, 3):
        with monkeypatch.context() as environment:
            cut = books.copy(tmp_path / f"cut {commits}", environment)
            cut.load(commits)
            cut.load(**QUIETLY)
            cut.assert_whole()


# -- what must not be lost, and must not land


def test_books_that_came_back_empty_are_no_deletion(kept: Books) -> None:
    kept.records["Invoice"].clear()
    (error,) = kept.failures()
    assert str(error).startswith("quickbooks.invoices: came back empty though 7 are landed")
    assert len(alive("invoices")) == 7


def test_too_many_that_vanished_at_once_stop_their_stream(kept: Books) -> None:
    for key in range(100, 120):
        kept.put("Bill", key)
    kept.load()
    for key in range(100, 110):
        kept.delete("Bill", key, reported=False)
    (error,) = kept.failures()
    assert "10 of 21 records would be marked deleted" in str(error)


def test_of_an_employee_no_more_lands_than_a_name_needs(books: Books) -> None:
    books.put("Employee", 5, DisplayName="Emily Platt", HiredDate="2020-01-01", CostRate=1, SSN="1", BirthDate="1")
    books.put("Employee", 6, DisplayName="Zoë “Z” Lane", BillRate=2, PrimaryAddr={"Line1": "1"})
    books.load()
    employees = alive("employees")
    assert [one["DisplayName"] for one in employees.values()] == ["Emily Platt", "Zoë “Z” Lane"]
    assert {name for one in employees.values() for name in one} == {
        *("domain", "sparse", "Id", "SyncToken", "MetaData", "DisplayName", "Active", "HiredDate")
    }


# -- reports


def test_reports_land_for_each_period_from_the_first_document_on(kept: Books) -> None:
    months = [f"2026-{month:02d}" for month in range(2, 11)]
    for stream in ("trial_balances", "profit_and_loss_by_class", "general_ledgers"):
        assert [key[:7] for key in alive(stream)] == months
        assert all(key[11:18] == key[:7] for key in alive(stream))
    kept.put("Invoice", 8, TxnDate="2026-01-15")
    kept.load(**QUIETLY)
    # the fiscal year of the books begins in February
    headers = {key: one["Header"] for key, one in alive("trial_balances").items()}
    assert headers["2026-01-01/2026-01-31"]["StartPeriod"] == "2025-02-01"
    assert headers["2026-03-01/2026-03-31"]["StartPeriod"] == "2026-02-01"
    assert alive("general_ledgers")["2026-03-01/2026-03-31"]["Header"]["StartPeriod"] == "2026-03-01"


def test_start_shortens_the_reports_and_not_the_books(books: Books) -> None:
    books.set(START="2026-09-10")
    books.put("Invoice", 1, TxnDate="2024-03-01", TotalAmt=1)
    books.load()
    assert alive("trial_balances").keys() == {"2026-09-01/2026-09-30", "2026-10-01/2026-10-31"}
    books.assert_whole()


def test_what_was_posted_before_the_first_period_is_in_the_ledger(books: Books) -> None:
    """Of START, and of a posting that is in no document; where there is none, nothing lands of it."""
    books.set(START="2026-09-10")
    books.put("Invoice", 1, TxnDate="2024-03-01", TotalAmt=1)
    books.load()
    assert list(alive("general_ledgers")) == ["1980-01-01/2026-08-31", "2026-09-01/2026-09-30", "2026-10-01/2026-10-31"]
    books.set(START="2024-01-01")
    books.load(**QUIETLY)
    assert min(alive("general_ledgers")) == "2024-03-01/2024-03-31"


def test_a_ledger_is_asked_for_with_its_columns_and_without_those_that_are_refused(kept: Books) -> None:
    def asked() -> list[str]:
        return [one.partition("columns=")[2].partition("&")[0] for one in kept.log if "GeneralLedger" in one]

    kept.load(**QUIETLY)
    needed = "tx_date,txn_type,doc_num,name,memo,account_name"
    assert {unquote(one) for one in asked()} == {f"{needed},debt_amt,credit_amt,item_name"}
    kept.preferences |= {
        "CurrencyPrefs": {"MultiCurrencyEnabled": True},
        "AccountingInfoPrefs": {"ClassTrackingPerTxnLine": True, "BookCloseDate": "2026-06-30"},
    }
    kept.lacks = {"item_name"}
    kept.log.clear()
    kept.load(**QUIETLY)
    home = f"{needed},debt_home_amt,credit_home_amt,klass_name"
    assert unquote(asked()[0]) == f"{home},item_name,currency"
    # other columns than those that landed: closed periods are read again, and that is no restatement
    assert [unquote(one) for one in asked()[1:]] == [home] * 10
    kept.log.clear()
    assert kept.landed(**QUIETLY) == NOTHING
    assert {unquote(one) for one in asked()} == {home}


def test_a_period_that_is_cut_off_lands_in_parts_that_replace_it(kept: Books) -> None:
    september = [f"2026-09-{day:02d}" for day in (1, 8, 16, 30)]
    for number, day in enumerate(september, start=50):
        kept.put("Bill", number, TxnDate=day, TotalAmt=1)
    kept.most_rows = 3
    kept.load(**QUIETLY)
    keys = [key for key in alive("general_ledgers") if key.startswith("2026-09")]
    assert keys == ["2026-09-01/2026-09-15", "2026-09-16/2026-09-30"]
    rows = [row["ColData"][0]["value"] for key in keys for row in alive("general_ledgers")[key]["Rows"]["Row"]]
    assert set(september) <= set(rows)
    assert kept.landed(**QUIETLY) == NOTHING
    kept.most_rows = 1000
    kept.load(**QUIETLY)
    assert [key for key in alive("general_ledgers") if key.startswith("2026-09")] == ["2026-09-01/2026-09-30"]


def test_a_ledger_and_its_trial_balance_are_of_one_instant(kept: Books) -> None:
    """The cost of a sale is booked minutes later: between the two answers, once."""

    def book(asked: str) -> None:
        if "GeneralLedger" in asked and "start_date=2026-09" in asked and "60" not in kept.records["Bill"]:
            kept.put("Bill", 60, TxnDate="2026-09-10", TotalAmt=7, reported=False)

    before = alive("trial_balances")["2026-09-01/2026-09-30"]["Rows"]
    kept.between = book
    kept.load(**QUIETLY)
    kept.between = lambda asked: None
    rows = alive("general_ledgers")["2026-09-01/2026-09-30"]["Rows"]["Row"]
    assert "60" in {row["ColData"][1]["id"] for row in rows}
    assert alive("trial_balances")["2026-09-01/2026-09-30"]["Rows"] != before


def test_books_that_never_stand_still_keep_what_landed_of_the_period_and_that_is_said(kept: Books) -> None:
    number = 100

    def book(asked: str) -> None:
        nonlocal number
        if "GeneralLedger" in asked and "start_date=2026-09" in asked:
            number += 1
            kept.put("Bill", number, TxnDate="2026-09-10", TotalAmt=7, reported=False)

    before = alive("general_ledgers")["2026-09-01/2026-09-30"]
    kept.between = book
    note = kept.notes(**QUIETLY)["general_ledgers"]
    kept.between = lambda asked: None
    assert note == (
        "the books moved each time that these were read, which stay as they were: FY26-P09 (2026-09-01 to 2026-09-30)"
    )
    assert alive("general_ledgers")["2026-09-01/2026-09-30"] == before
    assert kept.notes(**QUIETLY) == {}
    assert alive("general_ledgers")["2026-09-01/2026-09-30"] != before


def test_periods_are_those_of_the_company_where_it_has_a_calendar(books: Books) -> None:
    calendar = "pattern: 4-4-5\nyear_end: last Saturday of January\nfirst_fiscal_year: FY26\n"
    (books.home / "company").mkdir(parents=True)
    (books.home / "company" / "fiscal_calendar.yml").write_text(calendar)
    books.put("Invoice", 1, TxnDate="2026-09-01", TotalAmt=1)
    books.load()
    assert alive("general_ledgers").keys() == {"2026-08-30/2026-09-26", "2026-09-27/2026-10-31"}
    (books.home / "company" / "fiscal_calendar.yml").write_text("pattern: moons\n")
    with pytest.raises(FileError, match="pattern"):
        books.load()
    (books.home / "company" / "fiscal_calendar.yml").unlink()
    books.load()
    assert alive("general_ledgers").keys() == {"2026-09-01/2026-09-30", "2026-10-01/2026-10-31"}


def test_closed_periods_are_read_with_the_census_only(kept: Books) -> None:
    def read(**options: bool) -> list[str]:
        kept.log.clear()
        kept.load(**options)
        return [asked.partition("start_date=")[2][:7] for asked in kept.log if "GeneralLedger" in asked]

    opened = ["2026-07", "2026-08", "2026-09", "2026-10"]
    assert read(**QUIETLY) == opened
    assert read() == ["1980-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06", *opened]


def test_a_closed_period_that_was_restated_is_announced(kept: Books) -> None:
    kept.put("Invoice", 4, reported=False, TotalAmt=40)  # of May, in books that are closed to the end of June
    assert kept.notes(**QUIETLY) == {}
    expected = "closed periods were restated: FY26-P05 (2026-05-01 to 2026-05-31), FY26-P06 (2026-06-01 to 2026-06-30)"
    assert kept.notes() == {
        **dict.fromkeys(("trial_balances", "profit_and_loss_by_class"), expected),
        "general_ledgers": "closed periods were restated: FY26-P05 (2026-05-01 to 2026-05-31)",
    }
    assert kept.notes() == {}


@pytest.mark.parametrize("what", ["deleted", "moved"])
def test_a_closed_period_is_read_at_once_where_a_document_of_it_changed(kept: Books, what: str) -> None:
    happen = {
        "moved": lambda: kept.put("Invoice", 5, TxnDate="2026-10-01"),  # of June until then
        "deleted": lambda: kept.delete("Invoice", 5),
    }
    happen[what]()
    kept.log.clear()
    expected = "closed periods were restated: FY26-P06 (2026-06-01 to 2026-06-30)"
    assert kept.notes(**QUIETLY)["general_ledgers"] == expected
    assert not [asked for asked in kept.log if "end_date=2026-05" in asked]


@pytest.mark.parametrize("what", ["merged into another", "of another type", "gone", "a class that is merged"])
def test_all_periods_are_read_at_once_where_an_account_is_no_longer_what_it_was(kept: Books, what: str) -> None:
    """All that was ever posted there stands elsewhere now. A new name moves nothing."""
    kept.put("Account", 901, Name="Rent", AccountType="Expense")
    kept.put("Class", 902, Name="Web")
    kept.load(**QUIETLY)
    kept.put("Account", 901, Name="Office rent")
    kept.log.clear()
    kept.load(**QUIETLY)
    assert not [asked for asked in kept.log if "end_date=2026-02" in asked]
    happen = {
        "merged into another": lambda: kept.put("Account", 901, Name="Office rent (deleted)", Active=False),
        "of another type": lambda: kept.put("Account", 901, AccountType="Other Current Asset"),
        "gone": lambda: kept.delete("Account", 901),
        "a class that is merged": lambda: kept.put("Class", 902, Name="Web (deleted)", Active=False),
    }
    happen[what]()
    kept.log.clear()
    kept.load(**QUIETLY)
    assert {"1980-01-01", "2026-02-01", "2026-03-01"} <= {
        asked.partition("start_date=")[2][:10] for asked in kept.log if "GeneralLedger" in asked
    }
    kept.log.clear()
    kept.load(**QUIETLY)
    assert not [asked for asked in kept.log if "end_date=2026-02" in asked]


def test_what_a_cut_off_load_landed_of_a_closed_period_is_not_forgotten(kept: Books) -> None:
    kept.put("Invoice", 5, TxnDate="2026-10-01")  # of June until now
    kept.put("Bill", 1, TxnDate="2026-10-01")  # of March
    kept.load(1, **QUIETLY)
    kept.load(**QUIETLY)
    march, june = (
        alive("trial_balances")[key]["Rows"]["Row"][0]["ColData"][1]["value"]
        for key in ("2026-03-01/2026-03-31", "2026-06-01/2026-06-30")
    )
    assert (march, june) == ("200.00", "400.00")
    kept.log.clear()
    kept.load(**QUIETLY)
    assert not [asked for asked in kept.log if "end_date=2026-06" in asked]


def test_a_period_that_was_reopened_is_read_each_time_and_announced_once(kept: Books) -> None:
    kept.preferences["AccountingInfoPrefs"]["BookCloseDate"] = "2026-05-31"
    kept.put("Invoice", 5, TotalAmt=50)  # of June
    assert (
        kept.notes(**QUIETLY)["trial_balances"] == "closed periods were restated: FY26-P06 (2026-06-01 to 2026-06-30)"
    )
    kept.put("Invoice", 5, TotalAmt=51)
    assert kept.notes(**QUIETLY) == {}
    assert alive("trial_balances")["2026-06-01/2026-06-30"]["Rows"]["Row"][0]["ColData"][1]["value"] == "458.00"


def test_the_last_edits_before_the_books_were_closed_are_no_restatement(kept: Books) -> None:
    kept.put("Invoice", 6, TotalAmt=60)  # of July
    kept.preferences["AccountingInfoPrefs"]["BookCloseDate"] = "2026-07-31"
    assert kept.notes(**QUIETLY) == {}
    assert alive("trial_balances")["2026-07-01/2026-07-31"]["Rows"]["Row"][0]["ColData"][1]["value"] == "567.00"
    assert kept.landed() == NOTHING


def test_a_report_that_says_the_same_at_another_time_does_not_land(kept: Books) -> None:
    kept.later(days=2)
    assert kept.landed() == NOTHING


# -- alone


def test_it_runs_alone_and_prints_what_landed(kept: Books, capsys: pytest.CaptureFixture[str]) -> None:
    with kept.serving():
        assert print_load("quickbooks") == 0
    assert "quickbooks.invoices: 0 seen, 0 landed, 0 deleted" in capsys.readouterr().out


def test_doctor_says_what_can_be_read_and_how_new_it_is(kept: Books) -> None:
    with kept.serving():
        findings = SOURCE.check()
    assert all(finding.ok for finding in findings)
    reported = [finding.what for finding in findings]
    assert "read invoices; the newest changed at 2026-10-01T05:06:00-07:00" in reported
    assert "read purchases; there are none" in reported
    assert "connected until 2027-01-10 if not used before" in reported
    assert len([one for one in reported if one.startswith("read ")]) == len(SOURCE.streams)

"""What lands of a Stripe account whose records change, end and go while nobody looks, and while somebody reads."""

from pathlib import Path
from typing import Any

import pytest

from ingestion import records
from ingestion.errors import SettingsError
from ingestion.settings import resolve
from ingestion.sources import print_load
from ingestion.sources.stripe.api import VERSION, StripeSettings
from ingestion.sources.stripe.load import SOURCE
from tests.ingestion import conftest
from tests.ingestion.conftest import landed_rows, over
from tests.ingestion.sources.stripe_account import DAY, HOUR, KEY, Account, alive

QUIETLY = {"census": False}
NOTHING: dict[str, int] = {}


@pytest.fixture
def account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    return Account(tmp_path / "home", monkeypatch)


@pytest.fixture(scope="session")
def billed_before(tmp_path_factory: pytest.TempPathFactory) -> Account:
    """An account with some of everything, landed."""
    with pytest.MonkeyPatch.context() as environment:
        account = Account(tmp_path_factory.mktemp("billed") / "home", environment)
        for number in range(3):
            account.put("products", f"prod_{number}", active=number > 0)
            account.put("prices", f"price_{number}", product=f"prod_{number}")
            account.put("subscriptions", f"sub_{number}", status="active", items=children("si", number, 2))
            lines, payments = children("il", number, 3), children("inpay", number, 1)
            account.put("invoices", f"in_{number}", status="open", lines=lines, payments=payments)
            account.put("invoice_items", f"ii_{number}", invoice=None)
            account.put("charges", f"ch_{number}", amount=100)
            account.put("balance_transactions", f"txn_{number}", reported=False, status="pending")
            account.later(HOUR)
        account.put("coupons", "50% off")
        account.put("refunds", "re_0", charge="ch_0")
        account.put("credit_notes", "cn_0", invoice="in_0", lines=children("cnli", 0, 2))
        account.later(HOUR)
        for number in range(3):
            account.put("customers", f"cus_{number}", email=f"{number}@example.com")
        account.load()
        account.later(HOUR)
        return account


@pytest.fixture
def billed(billed_before: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Account:
    return billed_before.copy(tmp_path / "home", monkeypatch)


def children(prefix: str, owner: int, count: int) -> list[dict[str, Any]]:
    return [{"id": f"{prefix}_{owner}_{number}", "n": number} for number in range(count)]


def tombstones(stream: str) -> list[str]:
    return [key for key, _, gone in landed_rows("stripe", stream) if gone]


@over("dlt")
def test_the_first_load_lands_everything_and_a_second_nothing(billed: Account) -> None:
    billed.assert_whole()
    assert {stream.name for stream in SOURCE.streams} == {one.stream for one in billed.load(**QUIETLY)}
    assert billed.landed() == NOTHING
    assert billed.landed(resync=True) == NOTHING
    billed.assert_whole()


def test_an_update_after_creation_is_seen_which_no_created_cursor_would(billed: Account) -> None:
    billed.later(5 * DAY)
    billed.put("invoices", "in_0", status="paid")
    billed.put("customers", "cus_1", email="new@example.com")
    assert billed.landed(**QUIETLY) == {"invoices": 1, "customers": 1}
    billed.assert_whole()


def test_a_canceled_subscription_is_alive_with_its_status(billed: Account) -> None:
    billed.put("subscriptions", "sub_1", reported=False, status="canceled")
    billed.report("customer.subscription.deleted", billed.records["subscriptions"]["sub_1"])
    assert billed.landed(**QUIETLY) == {"subscriptions": 1}
    assert alive("subscriptions")["sub_1"]["status"] == "canceled"
    assert billed.landed() == NOTHING
    billed.assert_whole()


@pytest.mark.parametrize(
    ("stream", "key", "reported"),
    [
        ("customers", "cus_1", True),
        ("products", "prod_0", True),
        ("products", "prod_0", False),
        ("coupons", "50% off", False),
    ],
)
def test_what_is_deleted_gets_one_tombstone(billed: Account, stream: str, key: str, reported: bool) -> None:
    billed.set(MAX_DELETED_SHARE="1")
    billed.delete(stream, key, reported)
    # what no event showed is found by the census
    assert billed.landed(**QUIETLY) == ({stream: 1} if reported else NOTHING)
    assert billed.landed() == (NOTHING if reported else {stream: 1})
    assert billed.landed() == NOTHING
    assert tombstones(stream) == [key]
    billed.assert_whole()


def test_a_deleted_draft_takes_its_lines_along(billed: Account) -> None:
    billed.delete("invoices", "in_2")
    assert billed.landed(**QUIETLY) == {"invoices": 1, "invoice_lines": 3, "invoice_payments": 1}
    assert tombstones("invoice_payments") == ["inpay_2_0"]
    assert tombstones("invoice_lines") == ["il_2_0", "il_2_1", "il_2_2"]
    billed.assert_whole()


def test_an_unlisted_record_that_stripe_still_knows_stays_alive(billed: Account) -> None:
    billed.put("subscriptions", "sub_0", reported=False, status="hidden")
    assert billed.landed() == {"subscriptions": 1}
    billed.assert_whole()


def test_an_empty_list_where_there_were_records_deletes_nothing(billed: Account) -> None:
    kept, billed.records["products"] = billed.records["products"], {}
    errors = billed.failures()
    assert {error.stream for error in errors} == {"products"}
    assert "came back empty though 3 are landed" in str(errors[0])
    billed.records["products"] = kept
    billed.assert_whole()


def test_invoice_lines_beyond_ten_land_whole_and_shrink_whole(billed: Account) -> None:
    billed.put("invoices", "in_1", lines=children("il", 1, 25))
    billed.set(PAGE_SIZE="7")
    assert billed.landed(**QUIETLY) == {"invoices": 1, "invoice_lines": 22}
    billed.assert_whole()
    billed.later(HOUR)
    billed.put("invoices", "in_1", lines=children("il", 1, 25)[:1])
    assert billed.landed(**QUIETLY) == {"invoices": 1, "invoice_lines": 24}
    assert len(tombstones("invoice_lines")) == 24
    billed.assert_whole()


def test_payments_beyond_ten_land_whole_as_they_are_when_the_invoice_changed(billed: Account) -> None:
    billed.put("invoices", "in_1", payments=children("inpay", 1, 12))
    billed.set(PAGE_SIZE="7")
    assert billed.landed(**QUIETLY) == {"invoices": 1, "invoice_payments": 11}
    billed.assert_whole()
    billed.put("invoices", "in_1", reported=False, payments=[{"id": "inpay_1_0", "status": "paid"}])
    billed.report("invoice_payment.paid", {"object": "invoice_payment", "id": "inpay_1_0", "invoice": "in_1"})
    assert billed.landed(**QUIETLY) == {"invoices": 1, "invoice_payments": 12}
    billed.assert_whole()


@pytest.mark.parametrize("made_by", ["invoice_item_details", "subscription_item_details"])
def test_an_item_that_came_to_an_invoice_is_read_again_though_no_event_reports(billed: Account, made_by: str) -> None:
    parent = {"type": made_by, made_by: {"invoice_item": "ii_1"}}
    other = {"type": "subscription_item_details", "subscription_item_details": {"invoice_item": None}}
    billed.put("invoice_items", "ii_1", reported=False, invoice="in_2")
    billed.put("invoices", "in_2", lines=[{"id": "il_a", "parent": parent}, {"id": "il_b", "parent": other}])
    assert billed.landed(**QUIETLY) == {"invoices": 1, "invoice_lines": 5, "invoice_items": 1}
    billed.assert_whole()
    billed.delete("invoice_items", "ii_0")
    assert billed.landed(**QUIETLY) == {"invoice_items": 1}
    assert tombstones("invoice_items") == ["ii_0"]
    billed.assert_whole()


def test_a_replaced_item_of_a_subscription_gets_a_tombstone(billed: Account) -> None:
    billed.put("subscriptions", "sub_1", items=[*children("si", 1, 1), {"id": "si_new", "n": 9}])
    assert billed.landed(**QUIETLY) == {"subscriptions": 1, "subscription_items": 2}
    assert tombstones("subscription_items") == ["si_1_1"]
    billed.assert_whole()


def test_events_older_than_thirty_days_mean_a_full_resync_which_is_announced(billed: Account) -> None:
    billed.put("invoices", "in_0", status="paid")
    billed.put("prices", "price_1", active=False)
    billed.delete("customers", "cus_2")
    billed.later(31 * DAY)
    done = billed.load(**QUIETLY)
    assert {one.note for one in done if one.stream == "invoices"} == {
        "full resync: last read 2026-10-01, and Stripe keeps events for 30 days only",
        "",
    }
    assert {one.stream for one in done if one.note} == {stream.name for stream in SOURCE.streams} - {
        "balance_transactions"
    }
    billed.assert_whole()
    assert not any(one.note or one.landed for one in billed.load(**QUIETLY))


def test_loaded_alone_it_prints_what_landed_and_the_note(billed: Account, capsys: pytest.CaptureFixture[str]) -> None:
    billed.put("prices", "price_1", active=False)
    billed.later(40 * DAY)
    with billed.serving():
        assert print_load("stripe") == 0
    printed = capsys.readouterr().out.splitlines()
    assert "stripe.prices: 3 seen, 1 landed, 0 deleted" in printed
    assert "stripe.prices: full resync: last read 2026-10-01, and Stripe keeps events for 30 days only" in printed


def test_a_quiet_account_is_not_read_whole_for_being_quiet(billed: Account) -> None:
    for _ in range(2):
        billed.later(20 * DAY)
        done = billed.load(**QUIETLY)
        assert not any(one.note or one.landed for one in done)
    billed.put("invoices", "in_0", status="paid")
    assert billed.landed(**QUIETLY) == {"invoices": 1}


def test_what_an_event_shows_in_an_old_version_never_lands(billed: Account) -> None:
    billed.put("subscriptions", "sub_1", quantity=4)
    billed.put("invoices", "in_1", status="paid")
    billed.load(**QUIETLY)
    for stream in ("subscriptions", "invoices"):
        assert not any("2019-05-16" in (text or "") for _, text, _ in landed_rows("stripe", stream))
    billed.assert_whole()


def test_what_happens_beside_a_record_makes_it_read_again(billed: Account) -> None:
    beside: list[tuple[str, dict[str, Any], str, str]] = [
        ("discount", {"id": "di_1", "customer": "cus_1", "subscription": None}, "customers", "cus_1"),
        ("discount", {"id": "di_1", "customer": None, "subscription": "sub_2"}, "subscriptions", "sub_2"),
        ("invoiceitem", {"id": "ii_1", "invoice": "in_1"}, "invoices", "in_1"),
        ("invoice_payment", {"id": "inpay_1", "invoice": "in_2"}, "invoices", "in_2"),
        ("credit_note", {"id": "cn_0", "invoice": "in_0"}, "invoices", "in_0"),
        ("dispute", {"id": "dp_1", "charge": "ch_1"}, "charges", "ch_1"),
        ("refund", {"id": "re_0", "charge": "ch_0"}, "charges", "ch_0"),
    ]
    for kind, shown, stream, key in beside:
        billed.put(stream, key, reported=False, touched=True)
        billed.report(f"{kind}.created", {"object": kind, **shown})
    assert billed.landed(**QUIETLY) == {"customers": 1, "subscriptions": 1, "invoices": 3, "charges": 2}
    billed.assert_whole()


def test_an_event_of_an_invoice_still_to_come_names_none(billed: Account) -> None:
    billed.report("invoice.upcoming", {"object": "invoice", "customer": "cus_1"})
    assert billed.landed(**QUIETLY) == NOTHING


def test_what_is_made_and_deleted_while_pages_are_read_ends_up_right(billed: Account) -> None:
    billed.set(PAGE_SIZE="1", MAX_DELETED_SHARE="1")
    happened: list[str] = []

    def between(asked: str) -> None:
        if "starting_after=cus_1" in asked and not happened:
            happened.append(asked)
            billed.delete("customers", "cus_1")
            billed.put("customers", "cus_new", email="x")
            billed.put("customers", "cus_2", email="y")

    billed.between = between
    billed.load(resync=True)
    assert happened
    assert len([asked for asked in billed.log if asked.startswith("/v1/customers?")]) > 4
    billed.assert_whole()


def test_pending_balance_transactions_are_read_until_they_are_available(billed: Account) -> None:
    billed.later(5 * DAY)
    billed.put("balance_transactions", "txn_9", reported=False, status="available")
    for key in ("txn_1", "txn_2"):
        billed.put("balance_transactions", key, reported=False, status="available")
    assert billed.landed(**QUIETLY) == {"balance_transactions": 3}
    billed.put("balance_transactions", "txn_0", reported=False, status="available")
    assert billed.landed(**QUIETLY) == {"balance_transactions": 1}
    billed.load(**QUIETLY)
    asked = [asked for asked in billed.log if "balance_transactions" in asked][-1]
    newest = billed.records["balance_transactions"]["txn_9"]["created"]
    assert f"created%5Bgte%5D={newest - 600}" in asked
    billed.assert_whole()


def test_what_is_older_than_the_start_is_left_alone_but_not_what_is_valid_today(account: Account) -> None:
    young = ("invoices", "invoice_items", "charges", "refunds", "balance_transactions")
    for stream in ("customers", "subscriptions", "prices", *young):
        account.put(stream, f"{stream}_old")
    account.later(40 * DAY)
    account.put("invoices", "in_new")
    account.set(START="2026-11-01")
    account.load()
    account.later(HOUR)
    account.put("invoices", "invoices_old", status="paid")
    account.load()
    for stream in ("customers", "subscriptions", "prices"):
        assert alive(stream).keys() == {f"{stream}_old"}
    assert alive("invoices").keys() == {"in_new"}
    assert not alive("charges")
    assert not alive("invoice_items")
    # a start moved back and forth deletes nothing
    account.set(START="2026-09-01")
    account.load(resync=True)
    account.assert_whole()
    account.set(START="2026-11-01")
    account.load(resync=True)
    account.assert_whole()


@pytest.mark.parametrize(("size", "loads"), [("1", 1), ("7", 2), ("100", 4)])
def test_any_page_size_and_any_cut_of_the_period_give_the_same(account: Account, size: str, loads: int) -> None:
    account.set(PAGE_SIZE=size, MAX_DELETED_SHARE="1")
    for number in range(28):
        account.put("customers", f"cus_{number % 9}", n=number)
        account.put("invoices", f"in_{number % 11}", n=number, lines=children("il", number % 11, number % 13))
        account.put("charges", f"ch_{number}", n=number)
        if number % 9 == 8:
            account.delete("customers", f"cus_{number % 9}")
        account.later(7 * HOUR)
        if number % (28 // loads) == 28 // loads - 1:
            account.load(**QUIETLY)
    account.assert_whole()


@pytest.mark.parametrize("commits", [0, 4])
def test_a_load_killed_after_any_commit_is_made_whole_by_the_next(
    billed: Account, monkeypatch: pytest.MonkeyPatch, commits: int
) -> None:
    monkeypatch.setattr(records, "CHUNK_BYTES", 2_000)
    billed.set(PAGE_SIZE="1")
    for number in range(3):
        billed.put("invoices", f"in_{number}", status="paid", lines=children("il", number, 12))
        billed.put("subscriptions", f"sub_{number}", items=children("si", number, 1))
        billed.put("charges", f"ch_{number}", paid=None, n=1)
    billed.put("customers", "cus_new")
    billed.load(commits=commits, **QUIETLY)
    with pytest.raises(AssertionError):
        billed.assert_whole()
    billed.load(**QUIETLY)
    billed.assert_whole()
    for stream in ("invoices", "invoice_lines", "subscriptions", "charges"):
        rows = [(key, text) for key, text, _ in landed_rows("stripe", stream)]
        assert len(rows) == len(set(rows)), stream


def test_a_first_load_killed_half_way_goes_on_and_lands_nothing_twice(account: Account) -> None:
    for number in range(5):
        account.put("invoices", f"in_{number}", lines=children("il", number, 2))
        account.put("customers", f"cus_{number}")
    account.load(commits=1)
    account.load()
    account.assert_whole()
    assert len(landed_rows("stripe", "customers")) == 5


@pytest.mark.parametrize("stream", ["customers", "invoices", "balance_transactions"])
def test_a_forbidden_stream_fails_alone_and_loses_nothing(billed: Account, stream: str) -> None:
    kept = {"customers": "charges", "invoices": "customers", "balance_transactions": "invoices"}[stream]
    billed.put(kept, next(iter(billed.records[kept])), n=1)
    billed.put(stream, next(iter(billed.records[stream])), n=1)
    billed.failing = {stream: 403}
    errors = billed.failures(**QUIETLY)
    assert [(error.stream, error.status) for error in errors] == [(stream, 403)]
    assert "lack the permission" in str(errors[0])
    assert alive(kept) != NOTHING
    # the others' cursors move on meanwhile, its own does not
    billed.later(3 * DAY)
    billed.failures(**QUIETLY)
    billed.failing = {}
    assert billed.landed(**QUIETLY) == {stream: 1}
    billed.assert_whole()


def test_without_events_nothing_is_read_at_all(billed: Account) -> None:
    before = len(billed.log)
    billed.failing = {"events": 403}
    assert [(error.stream, error.status) for error in billed.failures()] == [("events", 403)]
    assert len(billed.log) == before + 1


def test_a_wrong_key_is_reported_and_changes_nothing(billed: Account) -> None:
    billed.set(API_KEY="sk_wrong")
    assert "make a new token" in str(billed.failures()[0])
    billed.set(API_KEY=KEY)
    assert billed.landed() == NOTHING


def test_another_accounts_key_deletes_nothing(billed: Account) -> None:
    for number in range(3, 12):
        billed.put("customers", f"cus_{number}")
    billed.load()
    before = alive("customers")
    billed.records["customers"] = {"cus_x": {"id": "cus_x", "object": "customer", "created": billed.now}}
    asked = len(billed.log)
    assert any("12 of 12 records would be marked deleted" in str(error) for error in billed.failures())
    assert before.keys() <= alive("customers").keys()
    # refused before anything is asked for by its id
    assert not [line for line in billed.log[asked:] if line.startswith("/v1/customers/cus_0")]


def test_a_record_of_an_older_version_is_refused_and_its_stream_stays_where_it_was(billed: Account) -> None:
    billed.put("subscriptions", "sub_1", current_period_end=5)
    (error,) = billed.failures(**QUIETLY)
    assert (error.stream, error.cursor) == ("subscriptions", "sub_1")
    assert VERSION in str(error)
    del billed.records["subscriptions"]["sub_1"]["current_period_end"]
    billed.records["subscriptions"]["sub_1"]["n"] = 1
    billed.later(HOUR)
    assert billed.landed(**QUIETLY) == {"subscriptions": 1}


@pytest.fixture
def two(billed: Account) -> tuple[Account, Account]:
    """An account that has landed alone, and another one beside it with the ids that the company chose for both."""
    europe = billed.beside("eu", start="2026-09-30")
    europe.now = billed.now
    europe.put("products", "prod_0", name="another one")
    europe.put("coupons", "50% off", percent_off=40)
    europe.put("subscriptions", "sub_eu", status="active", items=children("si_eu", 0, 12))
    europe.put("invoices", "in_eu", lines=children("il_eu", 0, 11), payments=children("inpay_eu", 0, 1))
    europe.put("balance_transactions", "txn_eu", reported=False, status="available")
    return billed, europe


@over("dlt")
def test_an_account_beside_the_first_lands_under_its_name_and_changes_nothing_of_it(
    two: tuple[Account, Account],
) -> None:
    first, europe = two
    landed = first.landed()
    assert landed == {
        "products": 1,
        "coupons": 1,
        "subscriptions": 1,
        "subscription_items": 12,
        "invoices": 1,
        "invoice_lines": 11,
        "invoice_payments": 1,
        "balance_transactions": 1,
    }
    assert first.landed() == NOTHING
    first.assert_whole()
    europe.assert_whole()
    parents = {key: parent for key, (parent, _) in conftest.alive("stripe", "invoice_lines").items()}
    assert parents["eu/il_eu_0_0"] == "eu/in_eu"
    assert parents["il_0_0"] == "in_0"


def test_what_one_account_changes_and_deletes_is_its_own(two: tuple[Account, Account]) -> None:
    first, europe = two
    first.load()
    first.later(HOUR)
    europe.later(HOUR)
    europe.put("products", "prod_0", name="new")
    assert first.landed(**QUIETLY) == {"products": 1}
    # by an event, by the census, and a child with its parent
    europe.delete("coupons", "50% off")
    assert first.landed(**QUIETLY) == {"coupons": 1}
    first.set(MAX_DELETED_SHARE="1")
    first.delete("products", "prod_0", reported=False)
    europe.delete("invoices", "in_eu")
    assert first.landed() == {"products": 1, "invoices": 1, "invoice_lines": 11, "invoice_payments": 1}
    assert tombstones("coupons") == ["eu/50% off"]
    assert tombstones("products") == ["prod_0"]
    first.assert_whole()
    europe.assert_whole()


@pytest.mark.parametrize("failing", [0, 1])
def test_an_account_that_fails_costs_itself_alone_and_is_named(two: tuple[Account, Account], failing: int) -> None:
    first, europe = two
    first.load()
    two[failing].failing = {"events": 403}
    two[1 - failing].put("products", "prod_1", name="new")
    (error,) = first.failures(**QUIETLY)
    assert (error.stream, error.status) == ("events", 403)
    assert ("account eu" in str(error)) == (failing == 1)
    two[1 - failing].assert_whole()
    two[failing].failing = {"products": 403}
    two[failing].put("products", "prod_0", n=1)
    (error,) = first.failures(**QUIETLY)
    assert error.cursor == ("account eu, prod_0" if failing else "prod_0")
    two[failing].failing = {}
    first.landed(**QUIETLY)
    first.assert_whole()
    europe.assert_whole()


def test_each_account_may_have_its_own_start(account: Account) -> None:
    account.set(START="2026-09-01")
    europe, asia = account.beside("eu", start="2026-10-01"), account.beside("asia")
    for one in (account, europe, asia):
        one.now -= 10 * DAY
        one.put("charges", f"ch_{one.name}", amount=1)
        one.now += 10 * DAY
    account.load()
    assert {one.name: list(alive("charges", one.name)) for one in (account, europe, asia)} == {
        "": ["ch_"],
        "eu": [],
        "asia": ["ch_asia"],
    }


def test_the_first_account_can_not_be_given_a_name_once_it_has_landed(two: tuple[Account, Account]) -> None:
    first, _ = two
    first.environment.delenv("SOURCES__STRIPE__API_KEY")
    with pytest.raises(SettingsError, match="SOURCES__STRIPE__API_KEY: missing, though its account landed"):
        first.load()


def test_the_doctor_asks_every_account(two: tuple[Account, Account]) -> None:
    first, europe = two
    europe.failing = {"events": 401}
    with first.serving():
        findings = SOURCE.check()
    assert [finding.what for finding in findings if not finding.ok] == ["account eu: read events"]
    assert [finding.what for finding in findings if finding.what.startswith("read products")]


@pytest.mark.parametrize(
    "value",
    [
        "7",
        "{}",
        '["rk_CANARY"]',
        '[{"id": "eu"}]',
        '[{"id": "eu/1", "api_key": "rk_CANARY"}]',
        '[{"id": "eu", "api_key": "pk_CANARY"}]',
        '[{"id": "eu", "api_key": "rk_CANARY", "start": "CANARY"}]',
        '[{"id": "eu", "api_key": "rk_CANARY"}, {"id": "eu", "api_key": "rk_CANARY2"}]',
        '[{"id": "eu", "api_key": "rk_CANARY"}, {"id": "us", "api_key": "rk_CANARY"}]',
    ],
)
def test_a_list_of_accounts_that_makes_no_sense_is_one_line_without_secrets(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SOURCES__STRIPE__ACCOUNTS", value)
    with pytest.raises(SettingsError) as caught:
        resolve("stripe", StripeSettings)
    assert str(caught.value).startswith("setting SOURCES__STRIPE__ACCOUNTS: give a JSON list like [")
    assert "CANARY" not in str(caught.value)


def test_accounts_are_listed_or_one_has_its_key_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCES__STRIPE__ACCOUNTS", '[{"id": "eu", "api_key": "rk_CANARY"}]')
    found = resolve("stripe", StripeSettings)
    assert [one.id for one in found.all_accounts()] == ["eu"]
    assert "CANARY" not in repr(found) + str(found) + repr(found.all_accounts())
    monkeypatch.setenv("SOURCES__STRIPE__API_KEY", "rk_CANARY")
    with pytest.raises(SettingsError, match="also the key of one of ACCOUNTS"):
        resolve("stripe", StripeSettings).all_accounts()
    monkeypatch.setenv("SOURCES__STRIPE__API_KEY", "rk_CANARY_1")
    assert [one.id for one in resolve("stripe", StripeSettings).all_accounts()] == ["", "eu"]


def test_nothing_secret_lies_in_the_home(billed: Account) -> None:
    for path in billed.home.rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes(), path


def test_the_doctor_says_what_can_be_read_and_what_can_not(billed: Account) -> None:
    with billed.serving():
        billed.failing = {"charges": 403}
        findings = SOURCE.check()
        assert [finding.what for finding in findings if not finding.ok] == ["read charges"]
        assert "the newest was created at 2026-10-01" in findings[1].what
        billed.set(API_KEY="sk_wrong")
        assert "make a new token" in SOURCE.check()[-1].hint
    assert "can't reach" in SOURCE.check()[-1].hint
    billed.set(API_KEY="pk_live")
    assert "secret key" in SOURCE.check()[0].hint
    billed.environment.delenv("SOURCES__STRIPE__API_KEY")
    assert not SOURCE.is_configured()
    assert SOURCE.check()[0].what == "SOURCES__STRIPE__API_KEY"

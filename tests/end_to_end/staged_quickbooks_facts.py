"""Which model of staging holds a stream of QuickBooks, and where it says the facts of the truth.

Belongs here: the correspondence, stream by stream. Does not: comparing (staged.py), what is true (sandbox/truth).
"""

from calendar import month_name
from decimal import Decimal

from sandbox.company.books.facts import DOCUMENTS
from sandbox.truth.books import STREAMS
from sandbox.vendors.quickbooks.api import ANSWERED
from tests.end_to_end.staged import Fact, Source, Staged, clock, day, same, typed


def hundredths(text: str) -> int:
    """The minor unit of an amount; no currency of the company's books has other than two decimals."""
    return int(Decimal(text).scaleb(2))


_UPDATED = typed(clock, updated="updated_at")
_NO_VERSION = {"version": "the newest version is all that staging has, with when it was changed"}
_NO_BALANCE = {"balance": "what is open is worked out from documents, as of any day"}


def _names(stream: str) -> tuple[Staged, ...]:
    facts = same(name="name", active="is_active", currency="currency") | _UPDATED
    where = f"stream = '{stream}'"
    return (Staged("stg_quickbooks__names", "name_id", facts, where, _NO_VERSION | _NO_BALANCE),)


_LINES = """
    coalesce(
        (
            select list({what} order by line.line_number)
            from stg_quickbooks__document_lines as line
            where line.document_type = '{kind}' and line.document_id = it.document_id
                and coalesce(line.detail_type, '') not in ('SubTotalLineDetail', 'GroupLineDetail')
        ),
        []
    )
"""


def _documents(kind: str) -> tuple[Staged, ...]:
    """The kind is written out, so that no other kind is read for it."""
    amounts = "(line.amount_minor, coalesce(line.linked_id, line.item_id, line.account_id))"
    classes = "coalesce(line.class_id, it.class_id, '')"
    facts = {
        "rate": Fact("exchange_rate", lambda rate: Decimal(rate or 1)),
        "lines": Fact(
            _LINES.format(what=amounts, kind=kind), lambda lines: [(hundredths(amount), of) for amount, of in lines]
        ),
        "classes": Fact(_LINES.format(what=classes, kind=kind)),
    }
    facts |= typed(day, date="posting_date") | _UPDATED
    facts |= same(currency="currency", party="coalesce(customer_id, vendor_id)")
    return (Staged("stg_quickbooks__documents", "document_id", facts, f"document_type = '{kind}'", _NO_VERSION),)


def _minor_units(amounts: dict[str, str]) -> dict[str, int]:
    return {name: hundredths(amount) for name, amount in amounts.items()}


_CELLS = """
    coalesce(
        (
            select map_from_entries(list(({key}, {amount})))
            from stg_quickbooks__report_cells as cell
            inner join stg_quickbooks__accounts as account on cell.account_id = account.account_id
            where cell.stream = it.stream and cell.report_id = it.report_id and cell.column_key is distinct from 'total'
        ),
        map {{}}
    )
"""


_MOVED = """
    coalesce(
        (
            select map_from_entries(list((account_id, amount)))
            from (
                select posting.account_id, sum(posting.amount_minor)::bigint as amount
                from stg_quickbooks__ledger_postings as posting
                where posting.report_id = it.report_id
                group by posting.account_id
                having sum(posting.amount_minor) <> 0
            )
        ),
        map {}
    )
"""


def _report(stream: str, **facts: Fact) -> tuple[Staged, ...]:
    return (Staged("stg_quickbooks__reports", "report_id", facts, f"stream = '{stream}'"),)


QUICKBOOKS: Source = {
    "company_info": (
        Staged(
            "stg_quickbooks__company_infos",
            "company_id",
            same(name="company_name") | {"year_start": Fact("fiscal_year_start_month", list(month_name).index)},
        ),
    ),
    "preferences": (
        Staged(
            "stg_quickbooks__preferences",
            "company_id",
            same(home="home_currency", by_line="has_class_on_lines") | typed(day, close="book_close_date"),
        ),
    ),
    "accounts": (
        Staged(
            "stg_quickbooks__accounts",
            "account_id",
            same(name="account_name", active="is_active", type="account_type", subtype="account_subtype")
            | same(parent="parent_account_id", currency="currency")
            | _UPDATED,
            unstaged=_NO_VERSION,
        ),
    ),
    "items": (
        Staged(
            "stg_quickbooks__items",
            "item_id",
            same(name="item_name", active="is_active", income="income_account_id", expense="expense_account_id")
            | _UPDATED,
            unstaged=_NO_VERSION,
        ),
    ),
    **{name: _names(name) for name in ("classes", "departments", "customers", "vendors", "employees")},
    **{STREAMS[kind]: _documents(ANSWERED.get(kind, kind)) for kind in DOCUMENTS},
    "trial_balances": _report(
        "trial_balances",
        balances=Fact(
            _CELLS.format(
                key="cell.account_id",
                amount="case cell.column_number when 2 then 1 else -1 end * cell.amount_minor",
            ),
            _minor_units,
        ),
    ),
    "profit_and_loss_by_class": _report(
        "profit_and_loss_by_class",
        results=Fact(
            _CELLS.format(
                key="cell.account_id || '/' || case cell.column_key when '0' then '' else cell.column_key end",
                amount="case when account.classification = 'Revenue' then 1 else -1 end * cell.amount_minor",
            ),
            _minor_units,
        ),
    ),
    "general_ledgers": _report("general_ledgers", movements=Fact(_MOVED, _minor_units)),
}

"""What must have been landed of billing: chosen facts of every record that is there; and how much of it is mapped.

Belongs here: what a faithful copy of the billing system holds, whatever shape it came in. Does not: revenue.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sandbox.company import Company
from sandbox.company.billing.facts import BillingRecords, Record
from sandbox.company.billing.price_list import Catalogue, Price
from sandbox.timestamps import local_date
from sandbox.truth.maps import is_valid, strongest

Facts = dict[str, dict[str, Any]]


def stripe_records(books: BillingRecords) -> dict[str, Facts]:
    """By stream and record id. Instants are unix seconds, as the vendor gives them; `parent_id` is the owner of a
    record that is replaced with its owner's others. Customers are those that are not deleted."""
    catalogue = books.billing.catalogue
    rows = {kind: list(known.values()) for kind, known in books.records.items()}
    return {
        "customers": {row["id"]: _customer(row) for row in rows["customer"]},
        "products": {row["id"]: {"name": row["name"], "active": row["active"]} for row in rows["product"]},
        "prices": {row["id"]: _price(row, catalogue) for row in rows["price"]},
        "coupons": {row["id"]: _coupon(row) for row in rows["coupon"]},
        "subscriptions": {row["id"]: _subscription(row) for row in rows["subscription"]},
        "subscription_items": {
            item.id: {
                "parent_id": row["id"],
                "price_id": item.price.id,
                "quantity": None if item.price.metered else item.quantity,
                "term_start": item.start // 1000,
                "term_end": item.end // 1000,
            }
            for row in rows["subscription"]
            for item in row["items"]
        },
        "invoice_items": {row["id"]: _invoice_item(row) for row in rows["invoiceitem"]},
        "invoices": {row["id"]: _invoice(row) for row in rows["invoice"]},
        "invoice_lines": {
            line.id: {
                "parent_id": row["id"],
                "currency": row["currency"],
                "amount": line.amount,
                "discounted": sum(amount for _, amount in line.discounts),
                "tax": line.tax + line.included_tax,
                "included_tax": line.included_tax,
                "quantity": line.quantity,
                "price_id": None if line.price is None else line.price.id,
                "item_id": line.item,
                "own_id": line.own_id if line.is_own else None,
                "is_proration": line.proration,
                "start": line.start // 1000,
                "end": line.end // 1000,
            }
            for row in rows["invoice"]
            for line in row["lines"]
        },
        "invoice_payments": {
            f"inpay_{row['id'][3:]}": {
                "parent_id": row["id"],
                "intent": row["intent"],
                "currency": row["currency"],
                "status": _payment_status(row),
                "asked": row["due"],
                "created": row["finalized"] // 1000,
            }
            for row in rows["invoice"]
            if row["intent"] is not None
        },
        "credit_notes": {
            row["id"]: {"invoice_id": row["invoice"]} | _picked(row, "customer", "currency", "amount", "status", "type")
            for row in rows["credit_note"]
        },
        "credit_note_lines": {
            number: {"parent_id": row["id"], "line_id": line.id, "amount": amount}
            for row in rows["credit_note"]
            for number, line, amount in row["lines"]
        },
        "charges": {
            row["id"]: _picked(row, "customer", "currency", "amount", "refunded", "status", "moved", "intent")
            for row in rows["charge"]
        },
        "refunds": {
            row["id"]: _picked(row, "charge", "currency", "amount", "status", "moved") for row in rows["refund"]
        },
        "balance_transactions": {
            row["id"]: _picked(row, "type", "source", "currency", "amount", "fee")
            for row in rows["balance_transaction"]
        },
    }


def _picked(row: Record, *names: str) -> dict[str, Any]:
    return {"created": row["created"] // 1000} | {name: row[name] for name in names}


def _customer(row: Record) -> dict[str, Any]:
    return _picked(row, "name", "currency", "delinquent") | {"customer_id": row["metadata"]["customer_id"]}


def _price(row: Record, catalogue: Catalogue) -> dict[str, Any]:
    price: Price = row["price"]
    return {
        "product_id": catalogue.products[price.product],
        "currency": price.currency,
        "amount": None if price.amount is None else str(price.amount),
        "interval": price.interval,
        "terms": None if price.interval is None else price.count,
        "metered": price.metered,
        "tiers": len(price.tiers),
        "active": row["active"],
    }


def _coupon(row: Record) -> dict[str, Any]:
    coupon = row["coupon"]
    percent: Decimal | None = coupon.percent
    return {
        "percent": None if percent is None else str(percent),
        "amount": coupon.amount,
        "duration": coupon.duration,
        "months": coupon.months,
    }


def _subscription(row: Record) -> dict[str, Any]:
    facts = _picked(row, "customer", "currency", "status", "leaving")
    ends = {name: None if row[name] is None else row[name] // 1000 for name in ("canceled", "ended", "trial_end")}
    discounts = {found.id: found.coupon.id for found in row["discounts"]}
    return facts | ends | {"paused": row["paused"], "items": len(row["items"]), "discounts": discounts}


def _invoice(row: Record) -> dict[str, Any]:
    facts = _picked(
        row, "customer", "subscription", "currency", "status", "subtotal", "total", "due", "paid", "remaining"
    )
    discounts = {found.id: found.coupon.id for found in row["discounts"]}
    more = {"tax": row["tax"], "lines": len(row["lines"]), "credited": row["credited_before"]}
    return facts | more | {"discounts": discounts}


def _invoice_item(row: Record) -> dict[str, Any]:
    """A line that waits for an invoice, or did."""
    line = row["line"]
    return _picked(row, "customer", "currency", "invoice") | {
        "subscription_id": line.subscription,
        "item_id": line.item,
        "price_id": None if line.price is None else line.price.id,
        "quantity": line.quantity,
        "amount": line.amount,
        "is_proration": line.proration,
        "start": line.start // 1000,
        "end": line.end // 1000,
    }


def _payment_status(row: Record) -> str:
    if row["voided"] is not None:
        return "canceled"
    return "open" if row["paid_at"] is None else "paid"


def data_health(company: Company, now: int) -> dict[str, tuple[int, int]]:
    """How many lines of invoices have a product when what they bill begins, how many invoices a customer when they are
    made; and how much of what was landed could be read: all of it."""
    books = company.billing.books(now)
    invoices = list(books.records["invoice"].values())
    lines = [line for row in invoices for line in row["lines"]]
    products = [row for row in company.rows("product_map", now) if row["source"] == "stripe"]
    customers = [row for row in company.rows("customer_map", now) if row["source"] == "stripe"]

    def has_product(line: Any) -> bool:
        day = local_date(line.start, company.reporting_zone)
        return line.price is not None and bool(
            strongest(products, [books.billing.catalogue.products[line.price.product]], day)
        )

    def has_customer(row: Record) -> bool:
        day = local_date(row["created"], company.reporting_zone)
        return any(known["key"] == row["customer"] and is_valid(known, day) for known in customers)

    taxed = {(line.item, line.price.id) for line in lines if line.price is not None and line.price.tax_included}
    parts = {
        "mapping_coverage": (sum(has_product(line) for line in lines), len(lines)),
        "account_coverage": (sum(has_customer(row) for row in invoices), len(invoices)),
        "tax_coverage": (len(taxed), len(taxed)),  # each was billed when its contract began, and the bill says how much
    }
    return parts | {f"quarantine_{stream}": (0, len(known)) for stream, known in stripe_records(books).items()}

"""Records that Stripe makes of others: plans of prices, payment intents of invoices; and kinds of which there are none.

Belongs here: which there are, and the facts of each. Does not: their JSON (render.py, money.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.company.billing.facts import BillingRecords, Record


def plans(books: BillingRecords) -> dict[str, Record]:
    """A price that recurs is a plan too, under the same id."""
    return {key: one for key, one in books.records["price"].items() if one["price"].interval is not None}


def intents(books: BillingRecords) -> dict[str, Record]:
    """An invoice that is finalized with something to pay has one; all tries to have it paid are charges of that one."""
    tries: dict[str, list[Record]] = {}
    for charge in books.records["charge"].values():
        tries.setdefault(charge["intent"], []).append(charge)
    bills = (bill for bill in books.records["invoice"].values() if bill["intent"] is not None)
    found = [_intent(bill, tries.get(bill["intent"], [])) for bill in bills]
    return {one["id"]: one for one in sorted(found, key=lambda one: one["created"])}


def _intent(bill: Record, tries: list[Record]) -> Record:
    done = next((one for one in tries if one["status"] == "succeeded"), None)
    unpaid = "requires_payment_method" if bill["voided"] is None else "canceled"
    status = unpaid if done is None else "succeeded"
    return {
        "id": bill["intent"],
        "created": bill["finalized"],
        "amount": bill["due"] if done is None else done["amount"],
        "received": 0 if done is None else done["amount"],
        "currency": bill["currency"],
        "customer": bill["customer"],
        "invoice": bill["id"],
        "charges": [one["id"] for one in tries],
        "status": status,
        "canceled": bill["voided"] if status == "canceled" else None,
    }


def none(books: BillingRecords) -> dict[str, Record]:
    """What this account does not use: it has no other accounts to pay, pays nothing out, and sells by no checkout."""
    return {}


DERIVED: Mapping[str, Callable[[BillingRecords], dict[str, Record]]] = {
    "plan": plans,
    "payment_intent": intents,
    "payout": none,
    "transfer": none,
    "checkout.session": none,
}

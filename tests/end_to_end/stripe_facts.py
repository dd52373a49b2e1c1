"""What landed payloads of Stripe say, in the names of the truth.

Belongs here: one function for each stream of Stripe. Does not: comparing (play.py), what is true (sandbox/truth).
"""

from collections.abc import Callable
from typing import Any

Facts = dict[str, Any]


def _reported(payload: Facts, **names: str) -> Facts:
    return {"created": payload["created"]} | {ours: payload[theirs] for ours, theirs in names.items()}


def _customer(p: Facts) -> Facts:
    reported = _reported(p, name="name", currency="currency", delinquent="delinquent")
    return reported | {"customer_id": p["metadata"]["customer_id"]}


def _price(p: Facts) -> Facts:
    recurring = p["recurring"] or {"interval": None, "interval_count": None, "usage_type": None}
    return {
        "product_id": p["product"],
        "currency": p["currency"],
        "amount": p["unit_amount_decimal"],
        "interval": recurring["interval"],
        "terms": recurring["interval_count"],
        "metered": recurring["usage_type"] == "metered",
        "tiers": len(p.get("tiers", [])),
        "active": p["active"],
    }


def _coupon(p: Facts) -> Facts:
    return {
        "percent": None if p["percent_off"] is None else str(p["percent_off"]),
        "amount": p["amount_off"],
        "duration": p["duration"],
        "months": p["duration_in_months"],
    }


def _subscription(p: Facts) -> Facts:
    reported = _reported(p, customer="customer", currency="currency", status="status", leaving="cancel_at_period_end")
    ends = {"canceled": p["canceled_at"], "ended": p["ended_at"], "trial_end": p["trial_end"]}
    paused = p["pause_collection"] and p["pause_collection"]["behavior"]
    return reported | ends | {"paused": paused, "discounts": _discounts(p)}


def _discounts(p: Facts) -> Facts:
    return {discount["id"]: discount["source"]["coupon"] for discount in p["discounts"]}


def _subscription_item(p: Facts) -> Facts:
    term = {"term_start": p["current_period_start"], "term_end": p["current_period_end"]}
    return {"price_id": p["price"]["id"], "quantity": p.get("quantity")} | term


def _invoice(p: Facts) -> Facts:
    reported = _reported(
        p, customer="customer", currency="currency", status="status", subtotal="subtotal", total="total"
    )
    return reported | {
        "subscription": p["parent"] and p["parent"]["subscription_details"]["subscription"],
        "due": p["amount_due"],
        "paid": p["amount_paid"],
        "remaining": p["amount_remaining"],
        "tax": sum(tax["amount"] for tax in p["total_taxes"]),
        "credited": p["pre_payment_credit_notes_amount"],
        "discounts": _discounts(p),
    }


def _invoice_line(p: Facts) -> Facts:
    made_by = p["parent"][p["parent"]["type"]]
    return {
        "currency": p["currency"],
        "amount": p["amount"],
        "discounted": sum(discount["amount"] for discount in p["discount_amounts"]),
        "tax": sum(tax["amount"] for tax in p["taxes"]),
        "included_tax": sum(tax["amount"] for tax in p["taxes"] if tax["tax_behavior"] == "inclusive"),
        "quantity": p["quantity"],
        "price_id": p["pricing"] and p["pricing"]["price_details"]["price"],
        "item_id": made_by.get("subscription_item"),
        "own_id": made_by["invoice_item"],
        "is_proration": made_by["proration"],
        "start": p["period"]["start"],
        "end": p["period"]["end"],
    }


def _invoice_item(p: Facts) -> Facts:
    details = p["parent"]["subscription_details"] if p["parent"] else {}
    return {
        "created": p["date"],
        "customer": p["customer"],
        "currency": p["currency"],
        "invoice": p["invoice"],
        "subscription_id": details.get("subscription"),
        "item_id": details.get("subscription_item"),
        "price_id": p["pricing"] and p["pricing"]["price_details"]["price"],
        "quantity": p["quantity"],
        "amount": p["amount"],
        "is_proration": p["proration"],
        "start": p["period"]["start"],
        "end": p["period"]["end"],
    }


def _invoice_payment(p: Facts) -> Facts:
    reported = _reported(p, currency="currency", status="status", asked="amount_requested")
    return reported | {"intent": p["payment"]["payment_intent"]}


def _credit_note(p: Facts) -> Facts:
    reported = _reported(p, invoice_id="invoice", customer="customer", currency="currency", amount="amount")
    return reported | {"status": p["status"], "type": p["type"]}


def _charge(p: Facts) -> Facts:
    reported = _reported(p, customer="customer", currency="currency", amount="amount", status="status")
    return reported | {
        "refunded": p["amount_refunded"],
        "moved": p["balance_transaction"],
        "intent": p["payment_intent"],
    }


def _refund(p: Facts) -> Facts:
    reported = _reported(p, charge="charge", currency="currency", amount="amount", status="status")
    return reported | {"moved": p["balance_transaction"]}


STRIPE: dict[str, Callable[[Facts], Facts]] = {
    "customers": _customer,
    "products": lambda p: {"name": p["name"], "active": p["active"]},
    "prices": _price,
    "coupons": _coupon,
    "subscriptions": _subscription,
    "subscription_items": _subscription_item,
    "invoices": _invoice,
    "invoice_lines": _invoice_line,
    "invoice_payments": _invoice_payment,
    "invoice_items": _invoice_item,
    "credit_notes": _credit_note,
    "credit_note_lines": lambda p: {"line_id": p["invoice_line_item"], "amount": p["amount"]},
    "charges": _charge,
    "refunds": _refund,
    "balance_transactions": lambda p: _reported(
        p, type="type", source="source", currency="currency", amount="amount", fee="fee"
    ),
}

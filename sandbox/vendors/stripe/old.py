"""The same objects in the older version that the account itself has: what events hold, and answers to who pins none.

Belongs here: what was called or placed otherwise before 2025-03-31. Does not: the pinned version (render.py).
"""

from __future__ import annotations

from sandbox.company.billing.contracts import Discount, InvoiceLine
from sandbox.company.billing.facts import Record
from sandbox.company.billing.price_list import LISTED
from sandbox.vendors.stripe.render import Document, StripeRenderer, plan, seconds

LATER = {
    "subscription": ("billing_mode", "customer_account", "managed_payments"),
    "invoice": ("amount_overpaid", "customer_account", "parent", "total_pretax_credit_amounts", "total_taxes"),
    "invoiceitem": ("customer_account", "net_amount", "parent", "pricing", "quantity_decimal"),
    "credit_note": ("customer_account", "post_payment_amount", "pre_payment_amount", "total_taxes"),
    "refund": ("customer", "customer_account", "payment_method"),
    "balance_transaction": ("balance_type",),
}


class OldStripeRenderer(StripeRenderer):
    """Documents as they were before 2025-03-31."""

    def document(self, kind: str, record: Record, expand: frozenset[str] = frozenset()) -> Document:
        made = super().document(kind, record, expand)
        for name in LATER.get(kind, ()):
            del made[name]
        if kind == "upcoming":
            return {name: value for name, value in made.items() if name != "id"} | {"object": "invoice"}
        if kind == "subscription":
            first = record["items"][0]
            made |= {
                "current_period_end": seconds(first.end),
                "current_period_start": seconds(first.start),
                "discount": self._first_discount(record),
                "plan": made["items"]["data"][0]["plan"],
                "quantity": first.quantity,
            }
            for item in made["items"]["data"]:
                del item["current_period_end"], item["current_period_start"]
        elif kind == "invoice":
            made |= {
                "charge": record["charge"],
                "discount": self._first_discount(record),
                "paid": record["status"] == "paid",
                "paid_out_of_band": False,
                "payment_intent": record["intent"],
                "subscription": record["subscription"],
                "tax": record["tax"] or None,
                "total_tax_amounts": old_taxes(record["tax"] - record["included_tax"], record["included_tax"]),
            }
        elif kind == "invoiceitem":
            made |= self._old_price(record["line"])
        elif kind == "charge":
            made["invoice"] = record["invoice"]
        elif kind == "credit_note":
            made["refund"] = record["refund"]
        return made

    def payment_intent(self, known: Record, expand: frozenset[str]) -> Document:
        return {name: known[name] for name in ("amount", "currency", "customer")}

    def upcoming(self, known: Record, expand: frozenset[str]) -> Document:
        """An invoice that is not there yet: it has no id."""
        return {name: known[name] for name in ("currency", "customer", "subscription")} | {"status": "draft"}

    def discount(self, known: Record, discount: Discount) -> Document:
        made = super().discount(known, discount)
        del made["source"], made["customer_account"]
        # The coupon as it was given: deleted or not, who has the discount keeps it.
        coupon = {"id": discount.coupon.id, "created": LISTED, "coupon": discount.coupon, "valid": True}
        return made | {"coupon": self.document("coupon", coupon)}

    def _first_discount(self, known: Record) -> Document | None:
        return self.discount(known, known["discounts"][0]) if known["discounts"] else None

    def line(self, known: Record, line: InvoiceLine) -> Document:
        made = super().line(known, line)
        for name in ("parent", "pricing", "subtotal", "quantity_decimal", "taxes", "pretax_credit_amounts"):
            del made[name]
        if line.is_own:
            made["invoice_item"] = line.own_id
        made |= self._old_price(line)
        return made | {
            "proration": line.proration,
            "proration_details": {"credited_items": None},
            "tax_amounts": old_taxes(line.tax, line.included_tax),
            "tax_rates": [],
            "type": "invoiceitem" if line.is_own else "subscription",
        }

    def _old_price(self, line: InvoiceLine) -> Document:
        price = None if line.price is None else self.priced(line.price)
        shown = {"plan": None if price is None else plan(price), "price": price}
        return shown | {"subscription": line.subscription, "subscription_item": line.item}


def old_taxes(on_top: int, included: int) -> list[Document]:
    parts = {False: on_top, True: included}
    return [{"amount": amount, "inclusive": inclusive} for inclusive, amount in parts.items() if amount]

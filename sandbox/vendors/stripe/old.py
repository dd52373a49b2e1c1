"""The same objects in older versions: what events hold, and answers to those who ask for one of them.

Belongs here: what a version called or placed otherwise than the next one, each as Stripe's changelog
(docs.stripe.com/changelog) describes it. Does not: the newest version (render.py). What a version added without
breaking anything is shown in all of them, as Stripe does, but where an older object of ours never had it.
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.company.billing.contracts import Discount, InvoiceLine
from sandbox.company.billing.facts import Record
from sandbox.vendors.stripe.expansion import LINKS, UNUSED, Links
from sandbox.vendors.stripe.render import TAX_RATE, StripeRenderer
from sandbox.vendors.stripe.shapes import Document, Shown, embedded, seconds

# In the order of their coming. A version of the same name as the one before changed nothing that is here. Versions
# before the first one are not made, and refused like those that never were.
VERSIONS = (
    *("2020-08-27", "2022-08-01", "2022-11-15", "2023-08-16", "2023-10-16", "2024-04-10", "2024-06-20"),
    *("2024-09-30.acacia", "2024-10-28.acacia", "2024-11-20.acacia", "2024-12-18.acacia", "2025-01-27.acacia"),
    *("2025-02-24.acacia", "2025-03-31.basil", "2025-04-30.basil", "2025-05-28.basil", "2025-06-30.basil"),
    *("2025-07-30.basil", "2025-08-27.basil", "2025-09-30.clover", "2025-10-29.clover", "2025-11-17.clover"),
    *("2025-12-15.clover", "2026-01-28.clover", "2026-02-25.clover", "2026-03-25.dahlia", "2026-04-22.dahlia"),
    *("2026-05-27.dahlia", "2026-06-24.dahlia", "2026-07-29.dahlia", "2026-08-26.dahlia", "2026-09-30.endive"),
    "2026-10-28.endive",
)
LATER = {
    "subscription": ("billing_mode", "customer_account", "managed_payments"),
    "invoice": ("amount_overpaid", "customer_account", "parent", "total_pretax_credit_amounts", "total_taxes"),
    "invoiceitem": ("customer_account", "net_amount", "parent", "pricing", "quantity_decimal"),
    "credit_note": ("customer_account", "post_payment_amount", "pre_payment_amount", "total_taxes"),
    "refund": ("customer", "customer_account", "payment_method"),
    "balance_transaction": ("balance_type",),
    "payment_intent": ("customer_account", "managed_payments", "excluded_payment_method_types"),
}


def merged(links: Links, changes: Mapping[str, Mapping[str, str | None]]) -> Links:
    """Paths as they were: None is one that was not there."""
    merged = {kind: {**links.get(kind, {}), **changes.get(kind, {})} for kind in links}
    return {kind: {path: to for path, to in paths.items() if to is not None} for kind, paths in merged.items()}


class BeforeClover(StripeRenderer):
    """Before 2025-09-30 a discount held its coupon."""

    links = merged(LINKS, {"discount": {"source.coupon": None, "coupon": "coupon"}})

    def discount(self, known: Record, discount: Discount) -> Shown:
        made = super().discount(known, discount)
        del made["source"]
        made["coupon"] = self.given(discount)
        return made


class BeforeBasil(BeforeClover):
    """Before 2025-03-31 an invoice named its payment and its subscription, a line its price, a subscription its term
    and its one discount; taxes were tax amounts."""

    links = merged(
        BeforeClover.links,
        {
            "subscription": {"plan": "plan", "discount": "discount"},
            "invoice": {
                "charge": "charge",
                "discount": "discount",
                "parent.subscription_details.subscription": None,
                "payment_intent": "payment_intent",
                "payments": None,
                "payments.data": None,
                "quote": UNUSED,
                "subscription": "subscription",
                "total_tax_amounts": UNUSED,
            },
            "invoiceitem": {
                "parent.subscription_details.subscription": None,
                "plan": "plan",
                "price": "price",
                "pricing.price_details.price": None,
                "pricing.price_details.product": None,
                "subscription": "subscription",
            },
            "line_item": {
                "plan": "plan",
                "price": "price",
                "pricing.price_details.price": None,
                "pricing.price_details.product": None,
            },
            "charge": {"invoice": "invoice"},
            "payment_intent": {"invoice": "invoice"},
            "credit_note": {"refund": "refund"},
        },
    )

    def document(self, kind: str, record: Record) -> Shown:
        made = super().document(kind, record)
        for name in LATER.get(kind, ()):
            del made[name]
        if kind == "upcoming":
            del made["id"]
            made["object"] = "invoice"
        elif kind == "subscription":
            first, *others = record["items"]
            made |= {
                "current_period_end": seconds(first.end),
                "current_period_start": seconds(first.start),
                "discount": self._first_discount(record),
                # Of a subscription with several plans none is shown.
                "plan": None if others else made["items"]["data"][0]["plan"],
                "quantity": None if others else first.quantity,
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
                "quote": None,
                "subscription": record["subscription"],
                "tax": record["tax"] or None,
                "total_tax_amounts": old_taxes(record["tax"] - record["included_tax"], record["included_tax"]),
            }
        elif kind == "invoiceitem":
            made |= self._old_price(record["line"])
        elif kind in ("charge", "payment_intent"):
            made["invoice"] = record["invoice"]
        elif kind == "credit_note":
            made |= {"refund": record["refund"], "tax_amounts": []}
        return made

    def upcoming(self, known: Record) -> Document:
        """An invoice that is not there yet: it has no id."""
        return {name: known[name] for name in ("currency", "customer", "subscription")} | {"status": "draft"}

    def discount(self, known: Record, discount: Discount) -> Shown:
        made = super().discount(known, discount)
        del made["customer_account"]
        return made

    def _first_discount(self, known: Record) -> Document | None:
        return self.discount(known, known["discounts"][0]) if known["discounts"] else None

    def line(self, known: Record, line: InvoiceLine) -> Shown:
        made = super().line(known, line)
        for name in ("parent", "pricing", "subtotal", "quantity_decimal", "taxes", "pretax_credit_amounts"):
            del made[name]
        if line.is_own:
            made["invoice_item"] = line.own_id
        made |= self._old_price(line)
        made |= {
            "proration": line.proration,
            "proration_details": {"credited_items": None},
            "tax_amounts": old_taxes(line.tax, line.included_tax),
            "tax_rates": [],
            "type": "invoiceitem" if line.is_own else "subscription",
        }
        return made

    def _old_price(self, line: InvoiceLine) -> Document:
        price = None if line.price is None else self.priced(line.price)
        shown = {"plan": None if price is None else self.plan_of(price), "price": price}
        made_of = {"subscription": line.subscription} | ({} if line.item is None else {"subscription_item": line.item})
        return shown | made_of

    def credit_line(self, known: Record, number: str, line: InvoiceLine, amount: int) -> Shown:
        made = super().credit_line(known, number, line, amount)
        made["tax_amounts"] = made.pop("taxes")
        return made


class BeforeMarketing(BeforeBasil):
    """Before 2024-04-10 the features that a product is sold with were called that."""

    def product(self, known: Record) -> Document:
        made = super().product(known)
        return made | {"features": made.pop("marketing_features")}


class BeforeLatestCharge(BeforeMarketing):
    """Before 2022-11-15 a payment intent held its charges and no latest one, a charge its refunds."""

    links = merged(
        BeforeMarketing.links, {"payment_intent": {"charges": UNUSED, "charges.data": "charge", "latest_charge": None}}
    )

    def charge(self, known: Record) -> Document:
        return super().charge(known) | {"refunds": self.charge_refunds(known)}

    def payment_intent(self, known: Record) -> Document:
        made = super().payment_intent(known)
        tries = [self.document("charge", self.rows("charge")[key]) for key in reversed(known["charges"])]
        made["charges"] = embedded(f"/v1/charges?payment_intent={known['id']}", tries)
        return {name: value for name, value in made.items() if name != "latest_charge"}


BREAKS: tuple[tuple[str, type[StripeRenderer]], ...] = (
    ("2022-11-15", BeforeLatestCharge),
    ("2024-04-10", BeforeMarketing),
    ("2025-03-31.basil", BeforeBasil),
    ("2025-09-30.clover", BeforeClover),
)


def renderer_of(version: str) -> type[StripeRenderer]:
    """What shows objects in a version that there is."""
    before = (older for since, older in BREAKS if VERSIONS.index(version) < VERSIONS.index(since))
    return next(before, StripeRenderer)


def old_taxes(on_top: int, included: int) -> list[Document]:
    parts = {False: on_top, True: included}
    made = {"tax_rate": TAX_RATE}
    return [made | {"amount": amount, "inclusive": inclusive} for inclusive, amount in parts.items() if amount]

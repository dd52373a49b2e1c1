"""The JSON of Stripe's objects in the version that a loader pins.

Belongs here: the shape of each object. Does not: which objects an answer holds (api.py), the shapes of the account's
own older version (old.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sandbox.company.billing.contracts import ContractItem, Discount, InvoiceLine
from sandbox.company.billing.facts import BillingRecords, Record
from sandbox.company.billing.price_list import LISTED, Coupon, Price
from sandbox.vendors.stripe.account import account
from sandbox.vendors.stripe.derived import DERIVED
from sandbox.vendors.stripe.expansion import LINKS
from sandbox.vendors.stripe.money import MoneyRenderer
from sandbox.vendors.stripe.shapes import NO_ADDRESS, Document, Shown, absent, embedded, listed, number, seconds

CLASSIC: Document = {"type": "classic", "flexible": None}
FLEXIBLE: Document = {"type": "flexible", "flexible": {"proration_discounts": "included"}}
TAX_RATE = "txr_sandbox19"
DATED_OTHERWISE = {"invoiceitem": "date"}
WITHOUT_MODE = ("refund", "balance_transaction", "account")
URLS = {
    "customer": "customers",
    "product": "products",
    "price": "prices",
    "plan": "plans",
    "coupon": "coupons",
    "subscription": "subscriptions",
    "invoiceitem": "invoiceitems",
    "invoice": "invoices",
    "credit_note": "credit_notes",
    "payment_intent": "payment_intents",
    "charge": "charges",
    "refund": "refunds",
    "dispute": "disputes",
    "balance_transaction": "balance_transactions",
    "payout": "payouts",
    "transfer": "transfers",
    "checkout.session": "checkout/sessions",
}


class StripeRenderer(MoneyRenderer):
    """Documents of the records in the books, and of what Stripe makes of them, in the newest version."""

    links: Mapping[str, Mapping[str, str]] = LINKS

    def __init__(self, books: BillingRecords) -> None:
        self.books = books
        self._rows: dict[str, Mapping[str, Record]] = {}

    def rows(self, kind: str) -> Mapping[str, Record]:
        """All records of a kind by their id, oldest first."""
        if kind not in self._rows:
            made = DERIVED.get(kind)
            self._rows[kind] = self.books.records[kind] if made is None else made(self.books)
        return self._rows[kind]

    def document(self, kind: str, record: Record) -> Shown:
        made: Document = getattr(self, kind)(record)
        since = {DATED_OTHERWISE.get(kind, "created"): seconds(record["created"])}
        mode = {} if kind in WITHOUT_MODE else {"livemode": False}
        return Shown({"id": record["id"], "object": kind} | since | mode | made, record)

    # -- what comes whole where it is asked for

    def whole(self, kind: str, key: str, owner: Shown) -> Document | str:
        """The object that an id names, or the id where there is none."""
        if kind == "discount":
            return next(self.discount(owner.record, one) for one in owner.record["discounts"] if one.id == key)
        if kind == "coupon" and isinstance(owner.record, Discount):
            return self.given(owner.record)
        if kind == "price" and "line" in owner.record:
            return self.priced(owner.record["line"].price)
        if kind == "payment_method":
            return Shown(self.payment_method(key), {})
        if kind == "any":
            kind = next((one for one in ("charge", "refund", "dispute") if key in self.rows(one)), "charge")
        if (found := self.rows(kind).get(key)) is not None:
            return self.document(kind, found)
        return {"id": key, "object": kind, "deleted": True} if key in self.books.gone.get(kind, ()) else key

    def includes(self, kind: str, name: str) -> bool:
        """Whether an object has the member only where it is asked for."""
        return hasattr(self, f"{kind}_{name}")

    def included(self, kind: str, name: str, owner: Shown) -> Any:
        return getattr(self, f"{kind}_{name}")(owner.record)

    def price_tiers(self, known: Record) -> list[Document] | None:
        price: Price = known["price"]
        fees = (price.base_fee or None, *(None for _ in price.tiers))
        return [_tier(*tier, fee) for tier, fee in zip(price.tiers, fees, strict=False)] or None

    plan_tiers = price_tiers

    def price_currency_options(self, known: Record) -> Document:
        """Its own currency is one of them."""
        price: Price = known["price"]
        own = [price.sold_in(currency) for currency, _ in price.currencies] or [price]
        return {one.currency: self._option(one) for one in own}

    def coupon_applies_to(self, known: Record) -> Document | None:
        product = known["coupon"].product
        return None if product is None else {"products": [self._products[product]]}

    def invoice_payments(self, known: Record) -> Document:
        return embedded(*self.payments(known))

    def customer_subscriptions(self, known: Record) -> Document:
        return embedded(f"/v1/customers/{known['id']}/subscriptions", self.subscriptions_of(known))

    def subscriptions_of(self, customer: Record) -> list[Shown]:
        """Those that still run, newest first."""
        of = (one for one in self.rows("subscription").values() if one["customer"] == customer["id"])
        running = [one for one in of if one["status"] != "canceled"]
        return [self.document("subscription", one) for one in reversed(running)]

    def customer_sources(self, known: Record) -> Document:
        """Cards are payment methods here, and no older sources."""
        return listed(f"/v1/customers/{known['id']}/sources", [], has_more=False)

    def customer_tax_ids(self, known: Record) -> Document:
        return listed(f"/v1/customers/{known['id']}/tax_ids", [], has_more=False)

    def account(self, known: Record) -> Document:
        return account(known["id"])

    # -- the catalogue

    def customer(self, known: Record) -> Document:
        return {
            "address": NO_ADDRESS | {"country": known["country"]},
            "balance": known["balance"],
            "currency": known["currency"],
            "delinquent": known["delinquent"],
            "discount": None,
            "email": f"billing@{known['id'][4:]}.example",
            "invoice_prefix": known["id"][4:12].upper(),
            "invoice_settings": absent("custom_fields", "default_payment_method", "footer", "rendering_options"),
            "metadata": known["metadata"],
            "name": known["name"],
            "next_invoice_sequence": 1,
            "preferred_locales": [],
            "tax_exempt": "none",
            **absent("default_source", "description", "phone", "shipping", "test_clock"),
        }

    def product(self, known: Record) -> Document:
        return {
            "active": known["active"],
            "images": [],
            "marketing_features": [],
            "metadata": known["metadata"],
            "name": known["name"],
            "type": "service",
            "unit_label": known["unit"],
            "updated": seconds(known["created"]),
            **absent("default_price", "description", "package_dimensions", "shippable"),
            **absent("statement_descriptor", "tax_code", "url"),
        }

    def price(self, known: Record) -> Document:
        price: Price = known["price"]
        whole = price.amount is not None and price.amount == int(price.amount)
        recurring = {
            "interval": price.interval,
            "interval_count": price.count,
            "meter": f"mtr_{price.id[6:]}" if price.metered else None,
            "trial_period_days": None,
            "usage_type": "metered" if price.metered else "licensed",
        }
        return {
            "active": known["active"],
            "billing_scheme": "tiered" if price.tiers else "per_unit",
            "currency": price.currency,
            "metadata": {},
            "nickname": known["nickname"],
            "product": self._products[price.product],
            "recurring": None if price.interval is None else recurring,
            "tax_behavior": "inclusive" if price.tax_included else "unspecified",
            "tiers_mode": "graduated" if price.tiers else None,
            "type": "one_time" if price.interval is None else "recurring",
            "unit_amount": int(price.amount) if whole and price.amount is not None else None,
            "unit_amount_decimal": None if price.amount is None else str(price.amount),
            **absent("custom_unit_amount", "lookup_key", "transform_quantity"),
        }

    def _option(self, price: Price) -> Document:
        whole = self.price({"price": price, "active": True, "nickname": None})
        names = ("tax_behavior", "unit_amount", "unit_amount_decimal")
        return {name: whole[name] for name in names} | absent("custom_unit_amount")

    def coupon(self, known: Record) -> Document:
        coupon: Coupon = known["coupon"]
        return {
            "amount_off": coupon.amount,
            "currency": coupon.currency,
            "duration": coupon.duration,
            "duration_in_months": coupon.months,
            "metadata": {},
            "name": coupon.name,
            "percent_off": number(coupon.percent),
            "times_redeemed": 0,
            "valid": known["valid"],
            **absent("max_redemptions", "redeem_by"),
        }

    def plan(self, known: Record) -> Document:
        """The older word for a price that recurs."""
        price = self.price(known)
        recurring = price["recurring"]
        same = ("active", "billing_scheme", "currency", "metadata", "nickname", "product", "tiers_mode")
        return {name: price[name] for name in same} | {
            "amount": price["unit_amount"],
            "amount_decimal": price["unit_amount_decimal"],
            "interval": recurring["interval"],
            "interval_count": recurring["interval_count"],
            "meter": recurring["meter"],
            "usage_type": recurring["usage_type"],
            **absent("transform_usage", "trial_period_days"),
        }

    def plan_of(self, price: Shown) -> Shown | None:
        return None if price["recurring"] is None else self.document("plan", price.record)

    @property
    def _products(self) -> dict[str, str]:
        return self.books.billing.catalogue.products

    def priced(self, price: Price) -> Shown:
        """A price as other objects embed it: in the currency in which it is listed, and as it was agreed, though it was
        deleted since or made anew under its id."""
        found, agreed = self.books.records["price"].get(price.id), price.listed()
        if found is None or found["price"] != agreed:
            found = {"id": price.id, "created": LISTED, "price": agreed, "active": False, "nickname": None}
        return self.document("price", found)

    # -- contracts

    def subscription(self, known: Record) -> Document:
        number, items = known["id"], [self.item(known, item) for item in known["items"]]
        return {
            "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
            "billing_cycle_anchor": seconds(known["anchor"]),
            "billing_mode": FLEXIBLE if self._is_mixed(known) else CLASSIC,
            "cancel_at": seconds(known["items"][0].end) if known["leaving"] else None,
            "cancel_at_period_end": known["leaving"],
            "canceled_at": seconds(known["canceled"]),
            "cancellation_details": {"comment": None, "feedback": None, "reason": known["why"]},
            "collection_method": method(known["due_days"]),
            "currency": known["currency"],
            "customer": known["customer"],
            "days_until_due": known["due_days"],
            "default_tax_rates": [],
            "discounts": [one.id for one in known["discounts"]],
            "ended_at": seconds(known["ended"]),
            "invoice_settings": {
                "issuer": {"type": "self"},
                **absent("account_tax_ids", "custom_fields", "description", "footer"),
            },
            "items": embedded(f"/v1/subscription_items?subscription={number}", items),
            "latest_invoice": known["latest"],
            "managed_payments": {"enabled": False},
            "metadata": known["metadata"],
            "pause_collection": None
            if known["paused"] is None
            else {"behavior": known["paused"], "resumes_at": seconds(known["resumes"])},
            "payment_settings": {
                "payment_method_options": None,
                "payment_method_types": None,
                "save_default_payment_method": "off",
            },
            "pending_update": None if known["pending"] is None else self._asked(known, **known["pending"]),
            "start_date": seconds(known["created"]),
            "status": known["status"],
            "trial_end": seconds(known["trial_end"]),
            "trial_settings": {"end_behavior": {"missing_payment_method": "pause"}},
            "trial_start": seconds(known["trial_start"]),
            **absent("application", "application_fee_percent", "billing_cycle_anchor_config", "billing_thresholds"),
            **absent("customer_account", "default_payment_method", "default_source", "description"),
            **absent("next_pending_invoice_item_invoice", "on_behalf_of", "pending_invoice_item_interval"),
            **absent("pending_setup_intent", "schedule", "test_clock", "transfer_data"),
        }

    def _asked(self, known: Record, expires: int, items: Sequence[ContractItem]) -> Document:
        """What the contract would be if it had been paid for."""
        return {
            "discounts": [],
            "expires_at": seconds(expires),
            "subscription_items": [self.item(known, item) for item in items],
            **absent("billing_cycle_anchor", "discount", "metadata", "trial_end", "trial_from_plan"),
        }

    def _is_mixed(self, known: Record) -> bool:
        return len({(item.price.interval, item.price.count) for item in known["items"]}) > 1

    def item(self, known: Record, item: ContractItem) -> Shown:
        """A metered item has no quantity at all."""
        price = self.priced(item.price)
        reported = {
            "id": item.id,
            "object": "subscription_item",
            "billing_thresholds": None,
            "created": seconds(item.created),
            "current_period_end": seconds(item.end),
            "current_period_start": seconds(item.start),
            "discounts": [],
            "metadata": {},
            "plan": self.plan_of(price),
            "price": price,
            "quantity": item.quantity,
            "subscription": known["id"],
            "tax_rates": [],
        }
        if item.price.metered:
            del reported["quantity"]
        return Shown(reported, known | {"discounts": ()})

    def given(self, discount: Discount) -> Shown:
        """The coupon as it was given: deleted or not, who has the discount keeps it."""
        found = self.books.records["coupon"].get(discount.coupon.id)
        given = {"id": discount.coupon.id, "created": LISTED, "coupon": discount.coupon, "valid": True}
        return self.document("coupon", given if found is None else found)

    def discount(self, known: Record, discount: Discount) -> Shown:
        is_contract = "items" in known
        return Shown(
            {
                "id": discount.id,
                "object": "discount",
                "customer": known["customer"],
                "end": seconds(discount.end),
                "source": {"coupon": discount.coupon.id, "type": "coupon"},
                "start": seconds(discount.start),
                "subscription": known["id"] if is_contract else known["subscription"],
                **absent("checkout_session", "customer_account", "invoice", "invoice_item", "promotion_code"),
                **absent("subscription_item"),
            },
            discount,
        )

    # -- invoices and what is given back

    def invoiceitem(self, known: Record) -> Document:
        line: InvoiceLine = known["line"]
        details = {"subscription": line.subscription}
        if line.item is not None:
            details |= {"subscription_item": line.item}
        parent = {"subscription_details": details, "type": "subscription_details"}
        return {
            "amount": line.amount,
            "currency": known["currency"],
            "customer": known["customer"],
            "description": line.text,
            "discountable": line.is_discountable,
            "discounts": [],
            "invoice": known["invoice"],
            "metadata": {},
            "net_amount": line.amount,
            "parent": None if line.subscription is None else parent,
            "period": {"end": seconds(line.end), "start": seconds(line.start)},
            "pricing": None if line.price is None else self._pricing(line.price),
            "proration": line.proration,
            "quantity": line.quantity,
            "quantity_decimal": str(line.quantity),
            "tax_rates": [],
            **absent("customer_account", "test_clock"),
        }

    def invoice(self, known: Record) -> Document:
        number, contract, tax = known["id"], known["subscription"], known["tax"]
        parent = {
            "quote_details": None,
            "subscription_details": {"metadata": {}, "subscription": contract},
            "type": "subscription_details",
        }
        net = known["total"] - tax
        return {
            "account_country": "DE",
            "account_name": "Sandbox",
            "amount_due": known["due"],
            "amount_overpaid": 0,
            "amount_paid": known["paid"],
            "amount_remaining": known["remaining"],
            "amount_shipping": 0,
            "attempt_count": known["attempts"],
            "attempted": known["attempts"] > 0,
            "auto_advance": known["status"] == "open" or self._is_draft_for_now(known),
            "automatic_tax": {
                "disabled_reason": None,
                "enabled": False,
                "liability": None,
                "provider": None,
                "status": None,
            },
            "automatically_finalizes_at": seconds(known["finalizes"]) if self._is_draft_for_now(known) else None,
            "billing_reason": known["reason"],
            "collection_method": "charge_automatically" if known["due_date"] is None else "send_invoice",
            "currency": known["currency"],
            "customer": known["customer"],
            "customer_address": None,
            "customer_tax_exempt": "none",
            "customer_tax_ids": [],
            "default_tax_rates": [],
            "discounts": [one.id for one in known["discounts"]],
            "due_date": seconds(known["due_date"]),
            "effective_at": seconds(known["finalized"]),
            "ending_balance": None if known["finalized"] is None else known["ending"],
            "issuer": {"type": "self"},
            "lines": embedded(f"/v1/invoices/{number}/lines", [self.line(known, line) for line in known["lines"]]),
            "metadata": {},
            "number": known["number"],
            "parent": None if contract is None else parent,
            "payment_settings": absent("default_mandate", "payment_method_options", "payment_method_types"),
            "period_end": seconds(known["period_end"]),
            "period_start": seconds(known["period_start"]),
            "post_payment_credit_notes_amount": known["credited_after"],
            "pre_payment_credit_notes_amount": known["credited_before"],
            "starting_balance": known["starting"],
            "status": known["status"],
            "status_transitions": {
                "finalized_at": seconds(known["finalized"]),
                "marked_uncollectible_at": seconds(known["uncollectible"]),
                "paid_at": seconds(known["paid_at"]),
                "voided_at": seconds(known["voided"]),
            },
            "subtotal": known["subtotal"],
            "subtotal_excluding_tax": known["subtotal"] - known["included_tax"],
            "total": known["total"],
            "total_discount_amounts": [{"amount": amount, "discount": one} for one, amount in known["less"]],
            "total_excluding_tax": net,
            "total_pretax_credit_amounts": [],
            "total_taxes": self._taxes(tax - known["included_tax"], known["included_tax"], net),
            "webhooks_delivered_at": seconds(known["created"]),
            **absent("account_tax_ids", "application", "custom_fields", "customer_account", "customer_email"),
            **absent("customer_name", "customer_phone", "customer_shipping", "default_payment_method"),
            **absent("default_source", "description", "footer", "from_invoice", "hosted_invoice_url"),
            **absent("invoice_pdf", "last_finalization_error", "latest_revision", "next_payment_attempt"),
            **absent("on_behalf_of", "receipt_number", "rendering", "shipping_cost", "shipping_details"),
            **absent("statement_descriptor", "subscription", "test_clock"),
        }

    def _is_draft_for_now(self, known: Record) -> bool:
        return known["status"] == "draft" and known["finalizes"] is not None

    def _taxes(self, on_top: int, included: int, taxable: int) -> list[Document]:
        parts = {"exclusive": on_top, "inclusive": included}
        return [_tax(amount, taxable, behavior) for behavior, amount in parts.items() if amount]

    def payments(self, known: Record) -> tuple[str, list[Document]]:
        """Where the payments of an invoice are listed, and the payments: the one that comes when it is finalized, if
        there is anything to pay, and is open until it is paid or the invoice is void."""
        url = f"/v1/invoice_payments?invoice={known['id']}"
        if known["intent"] is None:
            return url, []
        paid, canceled = known["paid_at"] is not None, known["voided"] is not None
        own = {
            "id": f"inpay_{known['id'][3:]}",
            "object": "invoice_payment",
            "amount_paid": known["paid"] if paid else None,
            "amount_requested": known["due"],
            "created": seconds(known["finalized"]),
            "currency": known["currency"],
            "invoice": known["id"],
            "is_default": True,
            "livemode": False,
            "payment": {"payment_intent": known["intent"], "type": "payment_intent"},
            "status": "canceled" if canceled else "paid" if paid else "open",
            "status_transitions": {"canceled_at": seconds(known["voided"]), "paid_at": seconds(known["paid_at"])},
        }
        return url, [Shown(own, known)]

    def line(self, known: Record, line: InvoiceLine) -> Shown:
        made_by = line.own_id if line.is_own else None
        details: Document = {"invoice_item": made_by, "proration": line.proration, "proration_details": None}
        if line.item is not None:
            details |= {"subscription": line.subscription, "subscription_item": line.item}
            kind = "subscription_item_details"
        else:
            details |= {"subscription": line.subscription}
            kind = "invoice_item_details"
        parent = absent("invoice_item_details", "subscription_item_details") | {kind: details, "type": kind}
        return Shown(
            {
                "id": line.id,
                "object": "line_item",
                "amount": line.amount,
                "currency": known["currency"],
                "description": line.text,
                "discount_amounts": [{"amount": amount, "discount": one} for one, amount in line.discounts],
                "discountable": line.is_discountable,
                "discounts": [one for one, _ in line.discounts],
                "invoice": known["id"],
                "livemode": False,
                "metadata": {},
                "parent": parent,
                "period": {"end": seconds(line.end), "start": seconds(line.start)},
                "pretax_credit_amounts": [],
                "pricing": None if line.price is None else self._pricing(line.price),
                "quantity": line.quantity,
                "quantity_decimal": str(line.quantity),
                "subscription": line.subscription,
                "subtotal": line.amount,
                "taxes": self._taxes(line.tax, line.included_tax, line.net),
            },
            known | {"line": line},
        )

    def _pricing(self, price: Price) -> Document:
        return {
            "price_details": {"price": price.id, "product": self._products[price.product]},
            "type": "price_details",
            "unit_amount_decimal": None if price.amount is None else str(price.amount),
        }

    def credit_note(self, known: Record) -> Document:
        number, amount, refund = known["id"], known["amount"], known["refund"]
        paid = known["type"] == "post_payment"
        back = {"amount_refunded": amount, "payment_record_refund": None, "refund": refund, "type": "refund"}
        return {
            "amount": amount,
            "amount_shipping": 0,
            "currency": known["currency"],
            "customer": known["customer"],
            "discount_amount": 0,
            "discount_amounts": [],
            "effective_at": seconds(known["created"]),
            "invoice": known["invoice"],
            "lines": embedded(
                f"/v1/credit_notes/{number}/lines", [self.credit_line(known, *line) for line in known["lines"]]
            ),
            "metadata": {},
            "number": f"{number[3:11].upper()}-CN-01",
            "pdf": f"https://pay.example/credit_notes/{number}/pdf",
            "post_payment_amount": amount if paid else 0,
            "pre_payment_amount": 0 if paid else amount,
            "pretax_credit_amounts": [],
            "reason": known["reason"],
            "refunds": [] if refund is None else [back],
            "status": known["status"],
            "subtotal": amount,
            "subtotal_excluding_tax": amount,
            "total": amount,
            "total_excluding_tax": amount,
            "total_taxes": [],
            "type": known["type"],
            "voided_at": seconds(known["voided"]),
            **absent("customer_account", "customer_balance_transaction", "memo", "out_of_band_amount"),
            **absent("shipping_cost"),
        }

    def credit_line(self, known: Record, number: str, line: InvoiceLine, amount: int) -> Document:
        return Shown(
            {
                "id": number,
                "object": "credit_note_line_item",
                "amount": amount,
                "description": line.text,
                "discount_amount": 0,
                "discount_amounts": [],
                "invoice_line_item": line.id,
                "livemode": False,
                "metadata": {},
                "pretax_credit_amounts": [],
                "quantity": line.quantity,
                "tax_rates": [],
                "taxes": [],
                "type": "invoice_line_item",
                **absent("unit_amount", "unit_amount_decimal"),
            },
            known | {"line": line},
        )


def method(due_days: int | None) -> str:
    return "charge_automatically" if due_days is None else "send_invoice"


def _tier(up_to: int | None, amount: int, fee: int | None) -> Document:
    return {
        "flat_amount": fee,
        "flat_amount_decimal": None if fee is None else str(fee),
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
        "up_to": up_to,
    }


def _tax(amount: int, taxable: int, behavior: str) -> Document:
    return {
        "amount": amount,
        "tax_behavior": behavior,
        "tax_rate_details": {"tax_rate": TAX_RATE},
        "taxability_reason": "standard_rated",
        "taxable_amount": taxable,
        "type": "tax_rate_details",
    }

"""What `expand` brings: objects in place of their ids, and members that come only where they are asked for.

Belongs here: which paths an object has, how they are checked and followed. Does not: the objects that are brought
(render.py).

Stripe (docs.stripe.com/expand) follows at most four names, of which `data` is one, and refuses a name that can't be
expanded. Where nothing stands at the end of a path, nothing comes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from sandbox.transport import Refusal
from sandbox.vendors.stripe.shapes import Shown

DEEPEST = 4
Links = Mapping[str, Mapping[str, str]]
UNUSED = ""  # what stands there is always null or empty here, so that nothing is known of what it could hold


def _unused(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, UNUSED)


# By kind: paths in it that can be expanded, and the kind of what stands there ("any" where the id says it).
LINKS: Links = {
    "account": _unused("external_accounts"),
    "customer": _unused("default_source", "discount", "invoice_settings.default_payment_method", "sources", "tax_ids")
    | _unused("test_clock", "tax", "cash_balance", "invoice_credit_balance", "subscriptions")
    | {"subscriptions.data": "subscription"},
    "product": {"default_price": "price"} | _unused("tax_code"),
    "price": {"product": "product"} | _unused("tiers", "currency_options"),
    "plan": {"product": "product"} | _unused("tiers"),
    "coupon": _unused("applies_to", "currency_options"),
    "discount": {"customer": "customer", "source.coupon": "coupon"} | _unused("promotion_code"),
    "subscription": {
        "customer": "customer",
        "discounts": "discount",
        "items.data": "subscription_item",
        "latest_invoice": "invoice",
    }
    | _unused("items", "application", "default_payment_method", "default_source", "default_tax_rates", "on_behalf_of")
    | _unused("pending_setup_intent", "pending_update", "schedule", "test_clock", "transfer_data", "automatic_tax"),
    "subscription_item": {"discounts": "discount", "price": "price", "plan": "plan"} | _unused("tax_rates"),
    "invoiceitem": {
        "customer": "customer",
        "discounts": "discount",
        "invoice": "invoice",
        "parent.subscription_details.subscription": "subscription",
        "pricing.price_details.price": "price",
        "pricing.price_details.product": "product",
    }
    | _unused("tax_rates", "test_clock"),
    "invoice": {
        "customer": "customer",
        "discounts": "discount",
        "lines.data": "line_item",
        "parent.subscription_details.subscription": "subscription",
        "payments.data": "invoice_payment",
        "total_discount_amounts.discount": "discount",
    }
    | _unused("account_tax_ids", "application", "default_payment_method", "default_source", "default_tax_rates")
    | _unused("from_invoice", "last_finalization_error", "latest_revision", "lines", "on_behalf_of", "payments")
    | _unused("test_clock", "total_taxes", "automatic_tax", "payment_settings", "issuer.account"),
    "line_item": {
        "discounts": "discount",
        "discount_amounts.discount": "discount",
        "pricing.price_details.price": "price",
        "pricing.price_details.product": "product",
        "subscription": "subscription",
    }
    | _unused("tax_rates"),
    "invoice_payment": {"invoice": "invoice", "payment.payment_intent": "payment_intent"} | _unused("payment.charge"),
    "credit_note": {
        "customer": "customer",
        "invoice": "invoice",
        "lines.data": "credit_note_line_item",
        "refunds.refund": "refund",
    }
    | _unused("customer_balance_transaction", "discount_amounts", "lines", "total_taxes"),
    "credit_note_line_item": _unused("discount_amounts", "tax_rates"),
    "payment_intent": {"customer": "customer", "latest_charge": "charge", "payment_method": "payment_method"}
    | _unused("application", "on_behalf_of", "review", "transfer_data", "processing", "last_payment_error"),
    "payment_method": {"customer": "customer"},
    "charge": {
        "balance_transaction": "balance_transaction",
        "customer": "customer",
        "payment_intent": "payment_intent",
        "refunds.data": "refund",
    }
    | _unused("refunds", "application", "application_fee", "failure_balance_transaction", "on_behalf_of", "review")
    | _unused("source_transfer", "transfer", "transfer_data"),
    "refund": {
        "balance_transaction": "balance_transaction",
        "charge": "charge",
        "payment_intent": "payment_intent",
    }
    | _unused("failure_balance_transaction", "source_transfer_reversal", "transfer_reversal"),
    "dispute": {"charge": "charge", "payment_intent": "payment_intent", "balance_transactions": "balance_transaction"},
    "balance_transaction": {"source": "any"},
    "payout": _unused("balance_transaction", "destination", "failure_balance_transaction", "original_payout"),
    "transfer": _unused("balance_transaction", "destination", "destination_payment", "reversals", "source_transaction"),
    "checkout.session": {"customer": "customer", "invoice": "invoice", "subscription": "subscription"}
    | _unused("line_items", "payment_intent", "setup_intent", "payment_link", "discounts"),
}


class Finder(Protocol):
    """What knows the objects."""

    links: Links

    def whole(self, kind: str, key: str, owner: Shown) -> Any: ...
    def includes(self, kind: str, name: str) -> bool: ...
    def included(self, kind: str, name: str, owner: Shown) -> Any: ...


def cannot(name: str, instead: str = "") -> Refusal:
    hint = f" You may want to try expanding '{instead}' instead." if instead else ""
    return _refused(f"This property cannot be expanded ({name}).{hint}")


def _refused(message: str, code: str | None = None) -> Refusal:
    reported = {"message": message, "type": "invalid_request_error"} | ({} if code is None else {"code": code})
    return Refusal(400, document={"error": reported})


def expansions(asked: Sequence[str], kind: str, links: Links, is_list: bool) -> list[list[str]]:
    """The paths that were asked for, from an object of the kind on. Raises ``Refusal``."""
    found = []
    for name in asked:
        path = name.split(".")
        if len(path) > DEEPEST:
            message = f"You cannot expand more than {DEEPEST} levels of a property. Property: {name}"
            raise _refused(message, "property_expansion_max_depth")
        if is_list:
            head, *path = path
            if head != "data" or not path:
                raise cannot(name, f"data.{name}" if _links(links, kind, name.split(".")) else "")
        _check(links, kind, path)
        found.append(path)
    return sorted(found, key=len)


def _links(links: Links, kind: str, path: Sequence[str]) -> tuple[int, str] | None:
    """How much of a path the longest link takes that it begins with, and what stands there. A path that ends in front
    of a link names a part of the object itself."""
    known = links.get(kind, {})
    for size in range(len(path), 0, -1):
        if (name := ".".join(path[:size])) in known:
            return size, known[name]
    whole = ".".join(path)
    return (len(path), UNUSED) if any(name.startswith(f"{whole}.") for name in known) else None


def _check(links: Links, kind: str, path: Sequence[str]) -> None:
    while path and kind in links:
        found = _links(links, kind, path)
        if found is None:
            raise cannot(path[0])
        size, kind = found
        path = path[size:]


def expand(finder: Finder, kind: str, owner: Shown, path: Sequence[str]) -> None:
    """Puts whole objects into a document, along a path that was checked."""
    found = _links(finder.links, kind, path)
    if found is None:
        return
    size, target = found
    for holder in _holders(finder, kind, owner, [owner], path[: size - 1]):
        name = path[size - 1]
        _include(finder, kind, owner, holder, name)
        value = holder.get(name)
        if target != UNUSED:
            many = [_brought(finder, target, one, owner) for one in (value if isinstance(value, list) else [value])]
            if value is not None:
                holder[name] = many if isinstance(value, list) else many[0]
            for one in many:
                if path[size:] and isinstance(one, Shown):
                    expand(finder, str(one.get("object", target)), one, path[size:])


def _brought(finder: Finder, kind: str, value: Any, owner: Shown) -> Any:
    return finder.whole(kind, value, owner) if isinstance(value, str) else value


def _include(finder: Finder, kind: str, owner: Shown, holder: dict[str, Any], name: str) -> None:
    if holder is owner and name not in holder and finder.includes(kind, name):
        value = finder.included(kind, name, owner)
        if value is not None:
            holder[name] = value


def _holders(
    finder: Finder, kind: str, owner: Shown, holders: list[dict[str, Any]], path: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """The objects at the end of a path through plain members; of an array each."""
    for holder in holders:
        if not path:
            yield holder
            continue
        _include(finder, kind, owner, holder, path[0])
        value = holder.get(path[0])
        inner = value if isinstance(value, list) else [value]
        yield from _holders(finder, kind, owner, [one for one in inner if isinstance(one, dict)], path[1:])

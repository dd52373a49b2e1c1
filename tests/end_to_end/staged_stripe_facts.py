"""Which model of staging holds a stream of Stripe, and where it says the facts of the truth.

Belongs here: the correspondence, stream by stream. Does not: comparing (staged.py), what is true (sandbox/truth).
"""

from decimal import Decimal

from tests.end_to_end.staged import Source, Staged, clock_of_seconds, same, typed

_MADE = typed(clock_of_seconds, created="created_at")
# The company sells in no currency that Stripe counts in other minor units than ISO 4217.
_CURRENCY = typed(str.upper, currency="currency")

STRIPE: Source = {
    "customers": (
        Staged(
            "stg_stripe__customers",
            "customer_id",
            same(name="customer_name", delinquent="is_delinquent", customer_id="metadata ->> '$.customer_id'")
            | _MADE
            | _CURRENCY,
        ),
    ),
    "products": (Staged("stg_stripe__products", "product_id", same(name="product_name", active="is_active")),),
    "prices": (
        Staged(
            "stg_stripe__prices",
            "price_id",
            same(
                product_id="product_id",
                interval="interval_unit",
                terms="interval_count",
                metered="coalesce(usage_type = 'metered', false)",
                tiers="cast(coalesce(json_array_length(tiers), 0) as bigint)",
                active="is_active",
            )
            | typed(Decimal, amount="unit_amount_decimal")
            | _CURRENCY,
        ),
    ),
    "coupons": (
        Staged(
            "stg_stripe__coupons",
            "coupon_id",
            same(amount="amount_off_minor", duration="duration", months="duration_in_months")
            | typed(Decimal, percent="percent_off"),
        ),
    ),
    "subscriptions": (
        Staged(
            "stg_stripe__subscriptions",
            "subscription_id",
            same(
                customer="customer_id",
                status="status",
                leaving="is_ending_with_period",
                paused="pause_behavior",
                items="(select count(*) from stg_stripe__subscription_items as one "
                "where one.subscription_id = it.subscription_id)",
                discounts="coalesce((select map_from_entries(list((discount_id, coupon_id))) "
                "from stg_stripe__subscription_discounts as one "
                "where one.subscription_id = it.subscription_id and one.subscription_item_id is null), map {})",
            )
            | typed(clock_of_seconds, canceled="canceled_at", ended="ended_at", trial_end="trial_ends_at")
            | _MADE
            | _CURRENCY,
        ),
    ),
    "subscription_items": (
        Staged(
            "stg_stripe__subscription_items",
            "subscription_item_id",
            same(parent_id="subscription_id", price_id="price_id", quantity="quantity")
            | typed(clock_of_seconds, term_start="current_period_starts_at", term_end="current_period_ends_at"),
        ),
    ),
    "invoices": (
        Staged(
            "stg_stripe__invoices",
            "invoice_id",
            same(
                customer="customer_id",
                subscription="subscription_id",
                status="status",
                subtotal="subtotal_minor",
                total="total_minor",
                due="amount_due_minor",
                paid="amount_paid_minor",
                remaining="amount_remaining_minor",
                tax="tax_minor",
                credited="credited_before_payment_minor",
                discounts="coalesce((select map_from_entries(list((discount_id, coupon_id))) "
                "from stg_stripe__invoice_discounts as one where one.invoice_id = it.invoice_id), map {})",
                lines="(select count(*) from stg_stripe__invoice_lines as one where one.invoice_id = it.invoice_id)",
            )
            | _MADE
            | _CURRENCY,
        ),
    ),
    "invoice_lines": (
        Staged(
            "stg_stripe__invoice_lines",
            "invoice_line_id",
            same(
                parent_id="invoice_id",
                amount="amount_minor",
                discounted="discount_minor",
                tax="tax_minor",
                included_tax="included_tax_minor",
                quantity="quantity",
                price_id="price_id",
                item_id="subscription_item_id",
                own_id="invoice_item_id",
                is_proration="is_proration",
            )
            | typed(Decimal, quantity="quantity")
            | typed(clock_of_seconds, start="service_starts_at", end="service_ends_at")
            | _CURRENCY,
        ),
    ),
    "invoice_payments": (
        Staged(
            "stg_stripe__invoice_payments",
            "invoice_payment_id",
            same(parent_id="invoice_id", intent="payment_intent_id", status="status", asked="amount_requested_minor")
            | _MADE
            | _CURRENCY,
        ),
    ),
    "invoice_items": (
        Staged(
            "stg_stripe__invoice_items",
            "invoice_item_id",
            same(
                customer="customer_id",
                invoice="invoice_id",
                subscription_id="subscription_id",
                item_id="subscription_item_id",
                price_id="price_id",
                amount="amount_minor",
                is_proration="is_proration",
            )
            | typed(Decimal, quantity="quantity")
            | typed(clock_of_seconds, start="service_starts_at", end="service_ends_at")
            | _MADE
            | _CURRENCY,
        ),
    ),
    "credit_notes": (
        Staged(
            "stg_stripe__credit_notes",
            "credit_note_id",
            same(
                invoice_id="invoice_id",
                customer="customer_id",
                amount="total_minor",
                status="status",
                # Staging has how much of a note came before the payment and how much after it instead.
                type="case when pre_payment_minor = total_minor then 'pre_payment' "
                "when post_payment_minor = total_minor then 'post_payment' end",
            )
            | _MADE
            | _CURRENCY,
        ),
    ),
    "credit_note_lines": (
        Staged(
            "stg_stripe__credit_note_lines",
            "credit_note_line_id",
            same(parent_id="credit_note_id", line_id="invoice_line_id", amount="amount_minor"),
        ),
    ),
    "charges": (
        Staged(
            "stg_stripe__charges",
            "charge_id",
            same(
                customer="customer_id",
                amount="amount_minor",
                refunded="amount_refunded_minor",
                status="status",
                moved="balance_transaction_id",
                intent="payment_intent_id",
            )
            | _MADE
            | _CURRENCY,
        ),
    ),
    "refunds": (
        Staged(
            "stg_stripe__refunds",
            "refund_id",
            same(charge="charge_id", amount="amount_minor", status="status", moved="balance_transaction_id")
            | _MADE
            | _CURRENCY,
        ),
    ),
    "balance_transactions": (
        Staged(
            "stg_stripe__balance_transactions",
            "balance_transaction_id",
            same(type="transaction_type", source="source_id", amount="amount_minor", fee="fee_minor")
            | _MADE
            | _CURRENCY,
        ),
    ),
}

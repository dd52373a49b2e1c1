"""The JSON of the account itself.

Belongs here: what Stripe says of whose account it is. Does not: what is sold in it (render.py).
"""

from __future__ import annotations

from sandbox.vendors.stripe.shapes import NO_ADDRESS, Document, absent, listed


def account(key: str) -> Document:
    """Money stays in the balance: payouts are made by hand, and none was yet."""
    asked = ("currently_due", "eventually_due", "past_due", "pending_verification", "errors", "alternatives")
    due: Document = {name: [] for name in asked} | absent("current_deadline", "disabled_reason")
    return {
        "business_profile": absent("annual_revenue", "estimated_worker_count", "mcc", "product_description")
        | absent("minority_owned_business_designation", "support_email", "support_phone", "support_url", "url")
        | {"name": "Sandbox", "support_address": NO_ADDRESS},
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": True,
        "controller": {"type": "account"},
        "country": "DE",
        "default_currency": "eur",
        "details_submitted": True,
        "email": "billing@sandbox.example",
        "external_accounts": listed(f"/v1/accounts/{key}/external_accounts", [], has_more=False),
        "future_requirements": due,
        "metadata": {},
        "payouts_enabled": True,
        "requirements": due,
        "settings": {
            "bacs_debit_payments": {"display_name": "Sandbox", "service_user_number": None},
            "branding": absent("icon", "logo", "primary_color", "secondary_color"),
            "card_issuing": {"tos_acceptance": absent("date", "ip")},
            "card_payments": {"decline_on": {"avs_failure": False, "cvc_failure": True}}
            | absent("statement_descriptor_prefix", "statement_descriptor_prefix_kana")
            | absent("statement_descriptor_prefix_kanji"),
            "dashboard": {"display_name": "Sandbox", "timezone": "Europe/Berlin"},
            "invoices": absent("default_account_tax_ids", "hosted_payment_method_save"),
            "payments": absent("statement_descriptor", "statement_descriptor_kana", "statement_descriptor_kanji")
            | absent("statement_descriptor_prefix_kana", "statement_descriptor_prefix_kanji"),
            "payouts": {
                "debit_negative_balances": True,
                "schedule": {"delay_days": 2, "interval": "manual"},
                "statement_descriptor": None,
            },
            "sepa_debit_payments": {},
        },
        "tos_acceptance": absent("date", "ip", "user_agent"),
        "type": "standard",
    }

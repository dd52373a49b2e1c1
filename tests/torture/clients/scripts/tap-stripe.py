"""What `tap-stripe` reads of each stream of our own loader. Runs inside its environment."""

import json
import os
import sys

import stripe
from tap import records

OURS = {
    "balance_transactions": "balance_transactions",
    "charges": "charges",
    "coupons": "coupons",
    "customers": "customers",
    "invoice_items": "invoice_items",
    "invoice_line_items": "invoice_lines",
    "invoices": "invoices",
    "plans": "prices",
    "products": "products",
    "subscription_items": "subscription_items",
    "subscriptions": "subscriptions",
}
"""By the tap's own name."""

_url, folder = sys.argv[1:]
stripe.api_key = os.environ["SOURCES__STRIPE__API_KEY"]
config = {
    "client_secret": stripe.api_key,
    "account_id": stripe.Account.retrieve().id,
    "start_date": "2024-01-01T00:00:00Z",
    "date_window_size": "400",
}
found = records("tap-stripe", config, folder)
print(json.dumps({ours: [one["id"] for one in found.get(name, [])] for name, ours in OURS.items()}))

"""What the `stripe` client reads of each stream of our own loader. Runs inside its environment."""

import json
import os
import sys

from stripe import StripeClient

_url, _folder = sys.argv[1:]
stripe = StripeClient(os.environ["SOURCES__STRIPE__API_KEY"], max_network_retries=0).v1
LISTS = {
    "products": stripe.products,
    "prices": stripe.prices,
    "coupons": stripe.coupons,
    "customers": stripe.customers,
    "subscriptions": stripe.subscriptions,
    "invoices": stripe.invoices,
    "invoice_payments": stripe.invoice_payments,
    "invoice_items": stripe.invoice_items,
    "credit_notes": stripe.credit_notes,
    "charges": stripe.charges,
    "refunds": stripe.refunds,
    "balance_transactions": stripe.balance_transactions,
}
read = {
    name: list(service.list({"status": "all"} if name == "subscriptions" else {}).auto_paging_iter())
    for name, service in LISTS.items()
}
read |= {
    "subscription_items": [item for one in read["subscriptions"] for item in one["items"].auto_paging_iter()],
    "invoice_lines": [line for one in read["invoices"] for line in one.lines.auto_paging_iter()],
    "credit_note_lines": [line for one in read["credit_notes"] for line in one.lines.auto_paging_iter()],
}
print(json.dumps({name: [one.id for one in found] for name, found in read.items()}))

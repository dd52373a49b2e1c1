"""The JSON of Stripe's objects about money that moves: payment intents, charges, refunds, disputes, the balance.

Belongs here: the shape of each. Does not: what is sold and billed (render.py), which objects an answer holds (api.py).
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.company.billing.facts import BillingRecords, Record
from sandbox.vendors.stripe.shapes import NO_ADDRESS, Document, Shown, absent, embedded, seconds

CARD: Document = {"brand": "visa", "exp_month": 12, "exp_year": 2030, "funding": "credit", "last4": "4242"}


EVIDENCE = (
    *("access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure"),
    *("cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name"),
    *("customer_purchase_ip", "customer_signature", "duplicate_charge_documentation", "duplicate_charge_explanation"),
    *("duplicate_charge_id", "product_description", "receipt", "refund_policy", "refund_policy_disclosure"),
    *("refund_refusal_explanation", "service_date", "service_documentation", "shipping_address", "shipping_carrier"),
    *("shipping_date", "shipping_documentation", "shipping_tracking_number", "uncategorized_file"),
    "uncategorized_text",
)


def method_of(customer: str) -> str:
    """The id of a customer's card."""
    return f"pm_{customer[4:]}"


class MoneyRenderer:
    """The part of a renderer that shows money."""

    books: BillingRecords

    def rows(self, kind: str) -> Mapping[str, Record]:
        """All records of a kind by their id."""
        raise NotImplementedError

    def document(self, kind: str, record: Record) -> Shown:
        raise NotImplementedError

    def payment_intent(self, known: Record) -> Document:
        customer, tried = known["customer"], known["charges"]
        declined = tried and known["status"] == "requires_payment_method"
        return {
            "amount": known["amount"],
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": known["received"],
            "canceled_at": seconds(known["canceled"]),
            "cancellation_reason": "void_invoice" if known["canceled"] else None,
            "capture_method": "automatic",
            "client_secret": f"{known['id']}_secret_sandbox",
            "confirmation_method": "automatic",
            "currency": known["currency"],
            "customer": customer,
            "description": "Payment for an invoice",
            "excluded_payment_method_types": None,
            "last_payment_error": {
                "charge": tried[-1],
                "code": "card_declined",
                "decline_code": "generic_decline",
                "message": "Your card was declined.",
                "type": "card_error",
            }
            if declined
            else None,
            "latest_charge": tried[-1] if tried else None,
            "managed_payments": {"enabled": False},
            "metadata": {},
            "payment_method": method_of(customer) if known["received"] else None,
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "status": known["status"],
            **absent("application", "application_fee_amount", "automatic_payment_methods", "customer_account"),
            **absent("next_action", "on_behalf_of", "payment_method_configuration_details", "processing"),
            **absent("receipt_email", "review", "setup_future_usage", "shipping", "source", "statement_descriptor"),
            **absent("statement_descriptor_suffix", "transfer_data", "transfer_group"),
        }

    def payment_method(self, key: str) -> Document:
        """The one card of a customer."""
        customer = self.rows("customer").get(f"cus_{key[3:]}")
        return {
            "id": key,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": absent("email", "name", "phone", "tax_id") | {"address": NO_ADDRESS},
            "card": CARD | {"country": customer and customer["country"]},
            "created": customer and seconds(customer["created"]),
            "customer": customer and customer["id"],
            "customer_account": None,
            "livemode": False,
            "metadata": {},
            "type": "card",
        }

    def dispute(self, known: Record) -> Document:
        """An inquiry moves no money: the charge could still be given back."""
        return {
            "amount": known["amount"],
            "balance_transactions": [],
            "charge": known["charge"],
            "currency": known["currency"],
            "enhanced_eligibility_types": [],
            "evidence": absent(*EVIDENCE) | {"enhanced_evidence": {}},
            "evidence_details": {
                "due_by": seconds(known["due_by"]),
                "enhanced_eligibility": {},
                "has_evidence": False,
                "past_due": False,
                "submission_count": 0,
            },
            "is_charge_refundable": True,
            "metadata": {},
            "payment_intent": self.books.records["charge"][known["charge"]]["intent"],
            "payment_method_details": {
                "card": {"brand": "visa", "case_type": "inquiry", "network": "visa", "network_reason_code": "33"},
                "type": "card",
            },
            "reason": known["reason"],
            "status": known["status"],
        }

    def charge(self, known: Record) -> Document:
        done, amount = known["status"] == "succeeded", known["amount"]
        declined = None if done else "card_declined"
        return {
            "amount": amount,
            "amount_captured": amount if done else 0,
            "amount_refunded": known["refunded"],
            "balance_transaction": known["moved"],
            "billing_details": absent("email", "name", "phone", "tax_id") | {"address": NO_ADDRESS},
            "captured": done,
            "currency": known["currency"],
            "customer": known["customer"],
            "description": "Payment for an invoice",
            "disputed": any(one["charge"] == known["id"] for one in self.rows("dispute").values()),
            "failure_code": declined,
            "failure_message": None if done else "Your card was declined.",
            "fraud_details": {},
            "metadata": {},
            "outcome": {
                "network_status": "approved_by_network" if done else "declined_by_network",
                "reason": None if done else "generic_decline",
                "seller_message": "Payment complete." if done else "The bank did not say why it declined.",
                "type": "authorized" if done else "issuer_declined",
                **absent("advice_code", "network_advice_code", "network_decline_code"),
            },
            "paid": done,
            "payment_intent": known["intent"],
            "payment_method": method_of(known["customer"]),
            "payment_method_details": {"card": CARD, "type": "card"},
            "receipt_url": None,
            "refunded": done and known["refunded"] == amount,
            "status": known["status"],
            **absent("application", "application_fee", "application_fee_amount", "calculated_statement_descriptor"),
            **absent("failure_balance_transaction", "on_behalf_of", "receipt_email", "receipt_number", "review"),
            **absent("shipping", "source", "source_transfer", "statement_descriptor", "statement_descriptor_suffix"),
            **absent("transfer_data", "transfer_group"),
        }

    def charge_refunds(self, known: Record) -> Document:
        return embedded(f"/v1/charges/{known['id']}/refunds", self.refunds_of(known))

    def refunds_of(self, charge: Record) -> list[Shown]:
        """Newest first."""
        found = [one for one in self.rows("refund").values() if one["charge"] == charge["id"]]
        return [self.document("refund", one) for one in reversed(found)]

    def refund(self, known: Record) -> Document:
        charge = self.books.records["charge"][known["charge"]]
        return {
            "amount": known["amount"],
            "balance_transaction": known["moved"],
            "charge": known["charge"],
            "currency": known["currency"],
            "customer": charge["customer"],
            "destination_details": {"card": {"type": "refund"}, "type": "card"},
            "metadata": {},
            "payment_intent": charge["intent"],
            "payment_method": method_of(charge["customer"]),
            "reason": "requested_by_customer",
            "status": known["status"],
            **absent("customer_account", "receipt_number", "source_transfer_reversal", "transfer_reversal"),
        }

    def balance_transaction(self, known: Record) -> Document:
        fee = {"amount": known["fee"], "currency": known["currency"], "description": "Stripe processing fees"}
        return {
            "amount": known["amount"],
            "available_on": seconds(known["available"]),
            "balance_type": "payments",
            "currency": known["currency"],
            "description": None,
            "exchange_rate": None,
            "fee": known["fee"],
            "fee_details": [fee | {"application": None, "type": "stripe_fee"}] if known["fee"] else [],
            "net": known["amount"] - known["fee"],
            "reporting_category": known["type"],
            "source": known["source"],
            # It becomes available by itself: no event shows it.
            "status": "available" if known["available"] <= self.books.now else "pending",
            "type": known["type"],
        }

"""What `python-quickbooks` reads of each stream of our own loader: lists page by page, then each object by its id.
Runs inside its environment."""

import json
import os

from intuitlib.client import AuthClient
from quickbooks import QuickBooks
from quickbooks.batch import batch_update
from quickbooks.cdc import change_data_capture
from quickbooks.objects.account import Account
from quickbooks.objects.bill import Bill
from quickbooks.objects.billpayment import BillPayment
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.creditcardpayment_entity import CreditCardPayment
from quickbooks.objects.creditmemo import CreditMemo
from quickbooks.objects.customer import Customer
from quickbooks.objects.department import Department
from quickbooks.objects.deposit import Deposit
from quickbooks.objects.employee import Employee
from quickbooks.objects.invoice import Invoice
from quickbooks.objects.item import Item
from quickbooks.objects.journalentry import JournalEntry
from quickbooks.objects.payment import Payment
from quickbooks.objects.preferences import Preferences
from quickbooks.objects.purchase import Purchase
from quickbooks.objects.refundreceipt import RefundReceipt
from quickbooks.objects.salesreceipt import SalesReceipt
from quickbooks.objects.trackingclass import Class
from quickbooks.objects.transfer import Transfer
from quickbooks.objects.vendor import Vendor
from quickbooks.objects.vendorcredit import VendorCredit

PAGE = 7
NAMES = {
    "accounts": Account,
    "classes": Class,
    "departments": Department,
    "customers": Customer,
    "vendors": Vendor,
    "items": Item,
    "employees": Employee,
}
DOCUMENTS = {
    "journal_entries": JournalEntry,
    "invoices": Invoice,
    "credit_memos": CreditMemo,
    "sales_receipts": SalesReceipt,
    "refund_receipts": RefundReceipt,
    "payments": Payment,
    "deposits": Deposit,
    "transfers": Transfer,
    "bills": Bill,
    "vendor_credits": VendorCredit,
    "bill_payments": BillPayment,
    "purchases": Purchase,
    "credit_card_payments": CreditCardPayment,
}
setting = {name.rpartition("__")[2]: value for name, value in os.environ.items() if "__QUICKBOOKS__" in name}
app = AuthClient(setting["CLIENT_ID"], setting["CLIENT_SECRET"], "http://127.0.0.1/connected", "production")
client = QuickBooks(
    auth_client=app, refresh_token=setting["REFRESH_TOKEN"], company_id=setting["REALM_ID"], minorversion=75
)


def listed(kind, where):
    found, page = [], None
    while page is None or len(page) == PAGE:
        page = kind.where(where, order_by="Id", start_position=len(found) + 1, max_results=PAGE, qb=client)
        found += page
    assert len(found) == kind.count(where, qb=client)
    return found


found = {
    "company_info": [CompanyInfo.get(setting["REALM_ID"], qb=client).Id],
    "preferences": [Preferences.get(qb=client).Id],
}
for stream, kind in {**NAMES, **DOCUMENTS}.items():
    where = "Active IN (true, false)" if stream in NAMES else ""
    found[stream] = [kind.get(one.Id, qb=client).Id for one in listed(kind, where)]
# of all that differs: the same objects by another way of asking
open_invoices = Invoice.where("Balance > '0'", max_results=1000, qb=client)
assert open_invoices
assert all(one.Balance > 0 for one in open_invoices)
customer = open_invoices[0].CustomerRef.value
assert {one.CustomerRef.value for one in Invoice.filter(CustomerRef=customer, qb=client)} == {customer}
assert {one.Id for one in Item.all(max_results=3, qb=client)} < set(found["items"])
changed = change_data_capture([Bill, Invoice], "2026-10-01T00:00:00Z", qb=client)
assert {one.Id for one in changed.Invoice} <= set(found["invoices"])
assert len(batch_update(Vendor.all(max_results=2, qb=client), qb=client).faults) == 2, "the sandbox writes nothing"
sheet = client.get_report("BalanceSheet", {"start_date": "2026-01-01", "end_date": "2026-09-30"})
assert sheet["Rows"]["Row"][0]["group"] == "TotalAssets"
print(json.dumps(found))

"""The names in the books: chart of accounts, classes, departments, items, customers, vendors, employees.

Belongs here: what a document can point at. Does not: documents (everyday.py, cases.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    name: str
    type: str
    subtype: str
    parent: str = ""
    foreign: bool = False


CLASSIFICATIONS = {
    "Bank": "Asset",
    "Accounts Receivable": "Asset",
    "Other Current Asset": "Asset",
    "Fixed Asset": "Asset",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
    "Equity": "Equity",
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Cost of Goods Sold": "Expense",
    "Expense": "Expense",
    "Other Expense": "Expense",
}
_ASSET, _LIABILITY, _COGS = "Other Current Asset", "Other Current Liability", "Cost of Goods Sold"
CHART = {
    "bank": Account("Checking", "Bank", "Checking"),
    "receivable": Account("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    "receivable_foreign": Account(
        "Accounts Receivable (A/R) - {foreign}", "Accounts Receivable", "AccountsReceivable", foreign=True
    ),
    "undeposited": Account("Undeposited Funds", _ASSET, "UndepositedFunds"),
    "stripe_balance": Account("Stripe Balance", _ASSET, "OtherCurrentAssets"),
    "stripe_receivable": Account("Stripe Receivable", _ASSET, "OtherCurrentAssets"),
    "prepaid": Account("Prepaid Expenses", _ASSET, "PrepaidExpenses"),
    "equipment": Account("Equipment", "Fixed Asset", "MachineryAndEquipment"),
    "depreciated": Account("Accumulated Depreciation", "Fixed Asset", "AccumulatedDepreciation", "equipment"),
    "payable": Account("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    "payable_foreign": Account(
        "Accounts Payable (A/P) - {foreign}", "Accounts Payable", "AccountsPayable", foreign=True
    ),
    "card": Account("Company Card", "Credit Card", "CreditCard"),
    "deferred": Account("Deferred Revenue", _LIABILITY, "DeferredRevenue"),
    "sales_tax": Account("Sales Tax Payable", _LIABILITY, "SalesTaxPayable"),
    "payroll_payable": Account("Payroll Payable", _LIABILITY, "PayrollTaxPayable"),
    "accrued": Account("Accrued Expenses", _LIABILITY, "OtherCurrentLiabilities"),
    "tax_payable": Account("Income Tax Payable", _LIABILITY, "FederalIncomeTaxPayable"),
    "loan": Account("Bank Loan", "Long Term Liability", "NotesPayable"),
    "opening": Account("Opening Balance Equity", "Equity", "OpeningBalanceEquity"),
    "retained": Account("Retained Earnings", "Equity", "RetainedEarnings"),
    "capital": Account("Paid-In Capital", "Equity", "PaidInCapitalOrSurplus"),
    "subscriptions": Account("Subscription Revenue", "Income", "ServiceFeeIncome"),
    "services": Account("Services Revenue", "Income", "ServiceFeeIncome"),
    "licences": Account("Licence Revenue", "Income", "SalesOfProductIncome"),
    "discounts": Account("Discounts Given", "Income", "DiscountsRefundsGiven"),
    "hosting": Account("Hosting", _COGS, "OtherCostsOfServiceCos"),
    "support": Account("Customer Support", _COGS, "OtherCostsOfServiceCos"),
    "payment_fees": Account("Payment Fees", _COGS, "OtherCostsOfServiceCos"),
    "payroll": Account("Payroll Expenses", "Expense", "PayrollExpenses"),
    "salaries": Account("Salaries", "Expense", "PayrollExpenses", "payroll"),
    "employer": Account("Employer Cost", "Expense", "PayrollExpenses", "payroll"),
    "contractors": Account("Contractors", "Expense", "CostOfLabor"),
    "tools": Account("Software and Tools", "Expense", "DuesSubscriptions"),
    "rent": Account("Rent", "Expense", "RentOrLeaseOfBuildings"),
    "marketing": Account("Sales and Marketing", "Expense", "AdvertisingPromotional"),
    "travel": Account("Travel", "Expense", "Travel"),
    "bad_debt": Account("Bad Debt", "Expense", "BadDebts"),
    "interest_earned": Account("Interest Earned", "Other Income", "InterestEarned"),
    "depreciation": Account("Depreciation and Amortisation", "Other Expense", "Depreciation"),
    "interest": Account("Interest Paid", "Other Expense", "OtherMiscellaneousExpense"),
    "income_tax": Account("Income Tax", "Other Expense", "OtherMiscellaneousExpense"),
    "exchange": Account("Exchange Gain or Loss", "Other Expense", "ExchangeGainOrLoss"),
}
# The company's products, under the names of the classes; two that product_map.csv does not know.
CLASSES = {
    "payments": "Payments",
    "checkout": "Checkout",
    "storefront": "Storefront",
    "insights": "Insights",
    "mobile": "Mobile App",
    "core": "Core Services",
    "payments-fraud": "Fraud Shield",
    "storefront-wishlist": "Wishlist",
    "connector": "Legacy Connector",
}
UNMAPPED_CLASSES = ("connector",)
DEPARTMENTS = {
    "engineering": "Engineering",
    "product": "Product",
    "sales": "Sales and Marketing",
    "support": "Support",
    "general": "General and Administrative",
}
# Name, and the accounts of what is sold and of what is bought.
ITEMS = {
    "implementation": ("Implementation", "services", ""),
    "training": ("Training", "services", ""),
    "licence": ("On-Premises Licence", "licences", ""),
    "server": ("Server Month", "", "hosting"),
}
CUSTOMERS = (
    *("Amberly Foods", "Brightwater Clinics", "Corvane Logistics", "Dellmore Bank", "Eastfold Media", "Fernhill Tools"),
    *("Granton Shipping", "Harwick Insurance", "Ilmarin Travel", "Jorvale Energy", "Kestrel Farms", "Lowmoor Steel"),
)
FOREIGN_CUSTOMER = 3  # is invoiced in another currency than the books'
VENDORS = {
    "cloud": "Skyfield Cloud",
    "agency": "Northgate Developers",
    "tools": "Workbench Software",
    "landlord": "Harbour Offices",
    "ads": "Lantern Advertising",
    "support": "Evertide Support",
    "freelancer": "",  # one of the company's own people
}
FOREIGN_VENDORS = ("cloud",)

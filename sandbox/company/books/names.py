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
    currency: str = ""  # foreign or third, if not that of the books


@dataclass(frozen=True, slots=True)
class Item:
    title: str
    sold: str = ""  # accounts of what is sold and of what is bought
    bought: str = ""
    stock: str = ""  # the account of those that are kept in stock
    is_bundle: bool = False


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
        "Accounts Receivable (A/R) - {currency}", "Accounts Receivable", "AccountsReceivable", currency="foreign"
    ),
    "undeposited": Account("Undeposited Funds", _ASSET, "UndepositedFunds"),
    "stripe_balance": Account("Stripe Balance", _ASSET, "OtherCurrentAssets"),
    "stripe_receivable": Account("Stripe Receivable", _ASSET, "OtherCurrentAssets"),
    "prepaid": Account("Prepaid Expenses", _ASSET, "PrepaidExpenses"),
    "equipment": Account("Equipment", "Fixed Asset", "MachineryAndEquipment"),
    "depreciated": Account("Accumulated Depreciation", "Fixed Asset", "AccumulatedDepreciation", "equipment"),
    "payable": Account("Accounts Payable (A/P)", "Accounts Payable", "AccountsPayable"),
    "payable_foreign": Account(
        "Accounts Payable (A/P) - {currency}", "Accounts Payable", "AccountsPayable", currency="foreign"
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
    "bank_foreign": Account("{currency} Account", "Bank", "Checking", currency="foreign"),
    "till": Account("Petty Cash", "Bank", "CashOnHand"),
    "stock": Account("Inventory Asset", _ASSET, "Inventory"),
    "goods": Account("Sales of Goods", "Income", "SalesOfProductIncome"),
    "stock_cost": Account("Cost of Goods Sold", _COGS, "SuppliesMaterialsCogs"),
    "receivable_before": Account("Accounts Receivable, before 2025", "Accounts Receivable", "AccountsReceivable"),
    "receivable_third": Account(
        "Accounts Receivable (A/R) - {currency}", "Accounts Receivable", "AccountsReceivable", currency="third"
    ),
    "receivable_partners": Account(
        "Accounts Receivable, partners - {currency}", "Accounts Receivable", "AccountsReceivable", currency="third"
    ),
    "support_pay": Account("Support Salaries", _COGS, "OtherCostsOfServiceCos"),
    "development": Account("Capitalised Development", "Fixed Asset", "OtherFixedAssets"),
}
# The company's products, under the names of the classes; some that product_map.csv does not know.
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
    "cards": "Cards",
    "cards-disputes": "Disputes",
}
UNMAPPED_CLASSES = ("connector", "cards", "cards-disputes")
ABOVE = {"cards": "payments", "cards-disputes": "cards"}  # classes below another one
DEPARTMENTS = {
    "engineering": "Engineering",
    "product": "Product",
    "sales": "Sales and Marketing",
    "support": "Support",
    "general": "General and Administrative",
}
ITEMS = {
    "implementation": Item("Implementation", "services"),
    "training": Item("Training", "services"),
    "licence": Item("On-Premises Licence", "licences"),
    "server": Item("Server Month", bought="hosting"),
    "reader": Item("Card Reader", "goods", "stock_cost", "stock"),
    "starter": Item("Starter Bundle", is_bundle=True),
}
CUSTOMERS = (
    *("Amberly Foods", "Brightwater Clinics", "Corvane Logistics", "Dellmore Bank", "Eastfold Media", "Fernhill Tools"),
    *("Granton Shipping", "Harwick Insurance", "Ilmarin Travel", "Jorvale Energy", "Kestrel Farms", "Lowmoor Steel"),
)
FOREIGN_CUSTOMER = 3  # is invoiced in another currency than the books'
THIRD_CUSTOMER = "Norfield Partners"  # in yet another one; not in everyday business
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
# Of AI and other tools; in the books two of them have another name than people have for them.
TOOL_VENDORS = {
    "pairwright": "Pairwright GmbH",
    "askably": "Askably Inc.",
    "tokenworks": "TOKENWORKS",
    "scribewell": "Scribewell",
}
BILLED_IN_DOLLARS = ("askably", "tokenworks")

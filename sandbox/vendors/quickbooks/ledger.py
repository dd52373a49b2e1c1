"""The general ledger as QuickBooks reports it: every posting of every account, in the columns that were asked for.

Belongs here: columns, sections and rows of that report. Does not: what a document posts (postings.py), balances and
other reports (reports.py).

Columns that the company has no use for are left out without a word: classes where nothing is tracked by class, and of
amounts either the ones in the currency of the books (home) or the only ones that there are. An account with others
beneath it has its own rows in a section without a header. Titles, types of documents and words like Beginning Balance
are in the language of the company, keys and ids are not. What an answer can't hold is replaced by a row that says so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from sandbox.vendors.quickbooks.postings import Document, LedgerPosting

CREDITED = ("Liability", "Equity", "Revenue")  # grow on the credit side
NOTHING = Decimal(0)
TITLES = {
    "tx_date": ("Date", "Date"),
    "txn_type": ("Transaction Type", "Type d'opération"),
    "doc_num": ("Num", "Nº"),
    "name": ("Name", "Nom"),
    "memo": ("Memo/Description", "Note/description"),
    "account_name": ("Account", "Compte"),
    "item_name": ("Product/Service", "Produit/service"),
    "klass_name": ("Class", "Catégorie"),
    "dept_name": ("Location", "Emplacement"),
    "split_acc": ("Split", "Ventilation"),
    "currency": ("Currency", "Devise"),
    "debt_amt": ("Debit", "Débit"),
    "credit_amt": ("Credit", "Crédit"),
    "debt_home_amt": ("Debit", "Débit"),
    "credit_home_amt": ("Credit", "Crédit"),
    "subt_nat_amount": ("Amount", "Montant"),
    "rbal_nat_amount": ("Balance", "Solde"),
}
USUAL = ("tx_date", "txn_type", "doc_num", "name", "memo", "split_acc", "subt_nat_amount", "rbal_nat_amount")
HOME, PLAIN = ("debt_home_amt", "credit_home_amt"), ("debt_amt", "credit_amt")
MONEY = (*HOME, *PLAIN, "subt_nat_amount", "rbal_nat_amount")
TYPES = {
    "JournalEntry": ("Journal Entry", "Écriture de journal"),
    "Invoice": ("Invoice", "Facture"),
    "CreditMemo": ("Credit Memo", "Note de crédit"),
    "SalesReceipt": ("Sales Receipt", "Reçu de vente"),
    "RefundReceipt": ("Refund", "Remboursement"),
    "Payment": ("Payment", "Paiement"),
    "Deposit": ("Deposit", "Dépôt"),
    "Transfer": ("Transfer", "Virement"),
    "Bill": ("Bill", "Facture à payer"),
    "VendorCredit": ("Vendor Credit", "Crédit fournisseur"),
    "BillPaymentCheck": ("Bill Payment (Check)", "Paiement de facture (chèque)"),
    "BillPaymentCreditCard": ("Bill Payment (Credit Card)", "Paiement de facture (carte de crédit)"),
    "Purchase": ("Expense", "Dépense"),
    "PurchaseCredit": ("Credit Card Credit", "Crédit sur carte de crédit"),
    "SalesTaxPayment": ("Sales Tax Payment", "Paiement de taxe de vente"),
    "PayrollAdjustment": ("Payroll Adjustment", "Rajustement de paie"),
    "CreditCardPayment": ("Credit Card Payment", "Paiement par carte de crédit"),
}
WORDS = {
    "before": ("Beginning Balance", "Solde d'ouverture"),
    "total": ("Total for", "Total pour"),
    "nowhere": ("Not Specified", "Non précisé"),
}
LANGUAGES = {"en": 0, "fr": 1}
TOO_LARGE = "Unable to display more data. Please reduce the date range."


class LedgerReport:
    """The report of some postings; ``asked`` are the keys of columns."""

    def __init__(
        self,
        documents: Mapping[str, Sequence[Document]],
        order: Sequence[Document],
        asked: Sequence[str],
        language: str,
    ) -> None:
        self.order, self.language = order, LANGUAGES[language]
        self.accounts = {account["Id"]: account for account in order}
        self.names = {
            kind: {row["Id"]: row["FullyQualifiedName"] for row in documents[kind]} for kind in ("Class", "Department")
        }
        preferences = documents["Preferences"][0]
        self.home = preferences["CurrencyPrefs"]["HomeCurrency"]["value"]
        tracking, is_multi = preferences["AccountingInfoPrefs"], preferences["CurrencyPrefs"]["MultiCurrencyEnabled"]
        dropped = {*(PLAIN if is_multi else (*HOME, "currency"))}
        if not (tracking["ClassTrackingPerTxn"] or tracking["ClassTrackingPerTxnLine"]):
            dropped.add("klass_name")
        if not tracking["TrackDepartments"]:
            dropped.add("dept_name")
        known = [key for key in TITLES if key in asked]
        self.is_usual = not known
        self.keys = [key for key in known or USUAL if key not in dropped]

    @property
    def columns(self) -> list[Document]:
        """Who asks for none gets the usual ones, described as they were recorded."""
        if self.is_usual:
            return [{"ColTitle": TITLES[key][self.language], "ColType": key} for key in self.keys]
        return [
            {
                "ColTitle": TITLES[key][self.language],
                "ColType": "Money" if key in MONEY else "String",
                "MetaData": [{"Name": "ColKey", "Value": key}],
            }
            for key in self.keys
        ]

    def rows(
        self,
        before: Mapping[str, Decimal],
        postings: Sequence[LedgerPosting],
        links: Sequence[Document],
        most_cells: int,
    ) -> list[Document]:
        """``links`` are the payments of nothing: they stand under no account."""
        moved: dict[str, list[LedgerPosting]] = defaultdict(list)
        beside: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
        left = most_cells // len(self.keys)
        for posting in postings[:left]:
            moved[posting.account].append(posting)
            beside[posting.kind, posting.document["Id"]][posting.account] = None
        sections: dict[str, Document] = {}
        for account in self.order:
            rows = self._account(account, before.get(account["Id"], NOTHING), moved[account["Id"]], beside)
            if not rows:
                continue
            if not account["SubAccount"]:
                sections[account["Id"]] = self._section(account, rows)
                continue
            parent = self.accounts[account["ParentRef"]["value"]]
            above = sections.setdefault(parent["Id"], self._section(parent, []))
            own = above["Rows"]["Row"]
            if own and all(row["type"] == "Data" for row in own):
                above["Rows"]["Row"] = [{"Rows": {"Row": own}, "type": "Section"}]
            above["Rows"]["Row"].append(self._section(account, rows))
        shown = list(sections.values())
        if links:
            head = {"value": WORDS["nowhere"][self.language]}
            rows = [{"ColData": [self._link(row)[key] for key in self.keys], "type": "Data"} for row in links]
            shown.append({"Header": {"ColData": [head, *self._blank]}, "Rows": {"Row": rows}, "type": "Section"})
        if len(postings) > left:
            shown.append({"ColData": [{"value": TOO_LARGE}, *self._blank], "type": "Data"})
        return shown

    @property
    def _blank(self) -> list[Document]:
        return [{"value": ""} for _ in self.keys[1:]]

    def _section(self, account: Document, rows: list[Document]) -> Document:
        head = {"value": account["Name"], "id": account["Id"]}
        end = {"value": f"{WORDS['total'][self.language]} {account['Name']}"}
        return {
            "Header": {"ColData": [head, *self._blank]},
            "Rows": {"Row": rows},
            "Summary": {"ColData": [end, *self._blank]},
            "type": "Section",
        }

    def _account(
        self,
        account: Document,
        before: Decimal,
        moved: Sequence[LedgerPosting],
        beside: Mapping[tuple[str, str], Mapping[str, None]],
    ) -> list[Document]:
        balance, rows = natural(account, before), []
        if balance:
            cells = {"rbal_nat_amount": money(balance)}
            first = {"value": WORDS["before"][self.language]}
            shown = [{"value": cells.get(key, "")} for key in self.keys[1:]]
            rows.append({"ColData": [first, *shown], "type": "Data"})
        for posting in moved:
            amount = natural(account, posting.amount)
            balance += amount
            others = [one for one in beside[posting.kind, posting.document["Id"]] if one != posting.account]
            cells = self._cells(posting, others) | {
                "subt_nat_amount": {"value": money(amount)},
                "rbal_nat_amount": {"value": money(balance)},
            }
            rows.append({"ColData": [cells[key] for key in self.keys], "type": "Data"})
        return rows

    def _cells(self, posting: LedgerPosting, others: Sequence[str]) -> dict[str, Document]:
        row = posting.document
        who = row.get("CustomerRef") or row.get("VendorRef") or row.get("EntityRef") or {"name": "", "value": ""}
        split: Document = {"value": "-Split-", "id": ""}
        if len(others) == 1:
            split = {"value": self.accounts[others[0]]["FullyQualifiedName"], "id": others[0]}
        debit = {"value": money(posting.amount) if posting.amount > 0 else ""}
        credit = {"value": money(-posting.amount) if posting.amount < 0 else ""}
        account = self.accounts[posting.account]
        return {
            "tx_date": {"value": row["TxnDate"]},
            "txn_type": {"value": TYPES[type_of(posting)][self.language], "id": row["Id"]},
            "doc_num": {"value": row.get("DocNumber", "")},
            "name": {"value": who["name"], "id": who["value"]},
            "memo": {"value": row.get("PrivateNote", "")},
            "account_name": {"value": account["FullyQualifiedName"], "id": account["Id"]},
            "item_name": {"value": ""},
            "klass_name": self._named("Class", posting.product),
            "dept_name": self._named("Department", posting.department),
            "split_acc": split,
            "currency": {"value": row.get("CurrencyRef", {}).get("value", self.home)},
            **dict.fromkeys((PLAIN[0], HOME[0]), debit),
            **dict.fromkeys((PLAIN[1], HOME[1]), credit),
        }

    def _link(self, row: Document) -> dict[str, Document]:
        said = {"tx_date": row["TxnDate"], "debt_amt": ".00", "debt_home_amt": ".00", "subt_nat_amount": ".00"}
        label = {"value": TYPES["Payment"][self.language], "id": row["Id"]}
        return {key: {"value": said.get(key, "")} for key in TITLES} | {"txn_type": label}

    def _named(self, kind: str, number: str) -> Document:
        return {"value": self.names[kind][number], "id": number} if number else {"value": "", "id": ""}


def money(amount: Decimal) -> str:
    """Less than one is written without a leading zero."""
    text = f"{amount:.2f}"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text


def natural(account: Document, amount: Decimal) -> Decimal:
    """The amount as it counts for its account: what grows on the credit side is positive there."""
    return -amount if account["Classification"] in CREDITED else amount


def type_of(posting: LedgerPosting) -> str:
    row: dict[str, Any] = posting.document
    if posting.kind == "BillPayment":
        return f"BillPayment{row['PayType']}"
    return "PurchaseCredit" if posting.kind == "Purchase" and row["Credit"] else posting.kind

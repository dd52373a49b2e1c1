"""The vendors' published clients read the simulators unchanged, and what they read is what happened."""

import pytest
from jira import JIRA, JIRAError
from stripe import StripeClient

from ingestion.sources.stripe.api import VERSION
from sandbox.company import DEFAULT_NOW
from sandbox.truth import landed
from sandbox.vendors.jira.api import EMAIL
from tests.sandbox.conftest import Serve, made

TRUTH = landed(made(2), DEFAULT_NOW)


@pytest.fixture(scope="module")
def url(serve_all: Serve) -> str:
    return serve_all(company=made(2)).url


@pytest.fixture(scope="module")
def stripe(url: str) -> StripeClient:
    return StripeClient("sk_sandbox", base_addresses={"api": f"{url}/stripe"}, stripe_version=VERSION)


@pytest.fixture(scope="module")
def jira(url: str) -> JIRA:
    return JIRA(f"{url}/jira", basic_auth=(EMAIL, "sandbox-token"), max_retries=0)


def test_stripe_pages_through_every_list(stripe: StripeClient) -> None:
    size = 60
    lists = {
        "customers": stripe.v1.customers.list({"limit": size}),
        "products": stripe.v1.products.list({"limit": size}),
        "prices": stripe.v1.prices.list({"limit": size}),
        "coupons": stripe.v1.coupons.list({"limit": size}),
        "subscriptions": stripe.v1.subscriptions.list({"limit": size, "status": "all"}),
        "invoices": stripe.v1.invoices.list({"limit": size}),
        "credit_notes": stripe.v1.credit_notes.list({"limit": size}),
        "charges": stripe.v1.charges.list({"limit": size}),
        "refunds": stripe.v1.refunds.list({"limit": size}),
        "balance_transactions": stripe.v1.balance_transactions.list({"limit": size}),
    }
    for stream, first in lists.items():
        assert {one.id for one in first.auto_paging_iter()} == TRUTH["stripe"][stream].keys(), stream


def test_stripe_reads_all_lines_of_an_invoice_in_the_shapes_of_its_version(stripe: StripeClient) -> None:
    reported = TRUTH["stripe"]["invoice_lines"]
    longest = max(TRUTH["stripe"]["invoices"].items(), key=lambda invoice: invoice[1]["lines"])[0]
    assert TRUTH["stripe"]["invoices"][longest]["lines"] > 10, "more than an invoice embeds"
    invoice = stripe.v1.invoices.retrieve(longest)
    lines = {line.id: line for line in invoice.lines.auto_paging_iter()}
    assert lines.keys() == {key for key, line in reported.items() if line["parent_id"] == longest}
    for key, line in lines.items():
        price = line.pricing.price_details if line.pricing else None
        assert (line.amount, line.currency, line.period.start) == (
            reported[key]["amount"],
            reported[key]["currency"],
            reported[key]["start"],
        )
        assert (price.price if price else None) == reported[key]["price_id"]


def test_stripe_brings_whole_objects_where_it_is_asked_to(stripe: StripeClient) -> None:
    """And reads what no loader of ours lands: plans, payment intents, disputes, the account."""
    reported = TRUTH["stripe"]
    charges = stripe.v1.charges.list({"limit": 60, "expand": ["data.payment_intent", "data.refunds", "data.customer"]})
    refunds = set()
    for charge in charges.auto_paging_iter():
        assert charge.payment_intent.latest_charge.startswith("ch_")
        assert charge.customer.object == "customer"
        refunds |= {refund.id for refund in charge.refunds.auto_paging_iter()}
    assert refunds == reported["refunds"].keys()
    intents = {one.id for one in stripe.v1.payment_intents.list({"limit": 60}).auto_paging_iter()}
    assert intents == {one["intent"] for one in reported["invoice_payments"].values()}
    plans = {one.id for one in stripe.v1.plans.list({"limit": 60, "expand": ["data.product"]}).auto_paging_iter()}
    assert plans == {key for key, price in reported["prices"].items() if price["interval"] is not None}
    assert {one.charge for one in stripe.v1.disputes.list().auto_paging_iter()} < reported["charges"].keys()
    own = stripe.v1.accounts.retrieve_current()
    assert stripe.v1.accounts.retrieve(own.id) == own


def test_jira_finds_projects_fields_boards_and_sprints(jira: JIRA) -> None:
    reported = TRUTH["jira"]
    assert {one.id: one.key for one in jira.projects()} == {n: p["key"] for n, p in reported["projects"].items()}
    assert {one["id"] for one in jira.fields()} == reported["fields"].keys()
    assert {one.id for one in jira.statuses()} == reported["statuses"].keys()
    boards = {str(one.id): one for one in jira.boards(maxResults=False)}
    assert boards.keys() == reported["boards"].keys()
    scrum = [one.id for one in boards.values() if one.type == "scrum"]
    sprints = {str(sprint.id) for board in scrum for sprint in jira.sprints(board, maxResults=False)}
    assert sprints
    assert sprints <= reported["sprints"].keys()


def test_jira_searches_every_issue_with_its_history(jira: JIRA) -> None:
    reported = TRUTH["jira"]["issues"]
    found = jira.enhanced_search_issues("created >= 2000-01-01 ORDER BY key", maxResults=0, fields="summary,status")
    assert {one.id: (one.key, one.fields.summary, one.fields.status.id) for one in found} == {
        number: (issue["key"], issue["summary"], issue["status_id"]) for number, issue in reported.items()
    }
    histories = [key for key, log in TRUTH["jira"]["changelogs"].items() if log["issue_id"] == found[0].id]
    issue = jira.issue(found[0].key, expand="changelog")
    assert {history.id for history in issue.changelog.histories} == set(histories)


def test_jira_reads_what_hangs_on_an_issue_in_plain_text(jira: JIRA) -> None:
    """The client asks version 2, whose texts are no documents."""
    (issue, *_) = jira.enhanced_search_issues("comment ~ looked AND (resolution = Done OR resolution is EMPTY)")
    whole = jira.issue(issue.id, expand="changelog,renderedFields,transitions,names")
    (comment,) = jira.comments(issue.id)
    assert comment.body == whole.fields.comment.comments[0].body == "Looked at it again, nothing to add."
    assert jira.comment(issue.id, comment.id).raw == comment.raw
    assert {one["id"] for one in jira.transitions(issue.id)} == {one["id"] for one in whole.raw["transitions"]}
    assert jira.votes(issue.id).votes == 0
    assert jira.watchers(issue.id).watchCount == 1
    assert jira.remote_links(issue.id) == []
    logged = jira.enhanced_search_issues("worklogAuthor is not EMPTY", maxResults=0, fields="summary")
    logs = {log.id: log.issueId for one in logged for log in jira.worklogs(one.id)}
    assert logs == {number: log["issue_id"] for number, log in TRUTH["jira"]["worklogs"].items()}


def test_jira_reads_the_catalogues_of_the_site(jira: JIRA) -> None:
    assert {one.id for one in jira.priorities()} == {"1", "2", "3", "4", "5"}
    assert [jira.priority(one.id).name for one in jira.priorities()] == [one.name for one in jira.priorities()]
    assert {jira.resolution(one.id).name for one in jira.resolutions()} == {"Fertig", "Wird nicht erledigt"}
    assert "Fehler" in {jira.issue_type(one.id).name for one in jira.issue_types()}
    assert [one.name for one in jira.project_components("PAY")] == ["Checkout", "Ledger"]
    assert [(one.name, one.released) for one in jira.project_versions("PAY")] == [
        ("1.0", True),
        ("1.1", True),
        ("2.0", False),
    ]
    assert jira.component(jira.project_components("PAY")[0].id).name == "Checkout"
    assert jira.project("PAY").lead.accountId in TRUTH["jira"]["users"]
    assert set(jira.groups()) == {"jira-administrators", "jira-software-users", "atlassian-addons"}
    assert jira.server_info()["deploymentType"] == "Cloud"
    assert jira.user(jira.myself()["accountId"]).accountId in TRUTH["jira"]["users"]


@pytest.mark.parametrize("jql", ["colour = red", "created > yesterday()", "project = GONE", "status WAS Done"])
def test_jira_is_refused_what_the_site_does_not_know(jira: JIRA, jql: str) -> None:
    with pytest.raises(JIRAError) as refused:
        jira.enhanced_search_issues(jql)
    assert refused.value.status_code == 400
    assert refused.value.text

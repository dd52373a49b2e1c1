"""What a warehouse holds follows from what landed, whatever the order, the increments and the files it came in: from a
home in which nothing has ever landed on.

A failure here means that a company can't begin with one source, or that `prodops rebuild` would change figures that
people have already seen.
"""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from dbt.adapters.duckdb.impl import DuckDBAdapter

from ingestion import compaction
from ingestion.sources import SOURCES
from tests.dbt import world
from tests.dbt.conftest import Warehouse, record

MUTATIONS = """
update staging.stg_jira__stream_counts set loaded = loaded + 1 where stream = 'boards'
    -> assert_loaded_plus_quarantined_is_served
insert into intermediate.int_issue_changes from intermediate.int_issue_changes limit 1
    -> unique_grain_int_issue_changes_history_number__item_number
update intermediate.int_issue_fields_ranged set valid_to = valid_to + interval 1 hour
    -> ranges_without_gaps_int_issue_fields_ranged_issue_id__field__change_number
update intermediate.int_work_item_timestamps_attributed set weight = 0.5 where product_id = 'web'
    -> assert_shares_of_a_timestamp_add_up_to_one
delete from intermediate.int_work_item_timestamps_attributed where issue_id = '12'
    -> assert_every_timestamp_is_attributed
update marts.mart_delivery set throughput_split = throughput_split + 1
    -> assert_throughput_is_the_number_of_issues_done
update marts.mart_delivery set product_id = 'nobody' where product_id = 'pay'
    -> relationships_mart_delivery_product_id__product_id__ref_dim_product_
insert into marts.mart_delivery from marts.mart_delivery
    -> unique_grain_mart_delivery_week_start_date__product_id__team_id
insert into marts.dim_team from marts.dim_team
    -> unique_grain_dim_team_team_id
update marts.mart_data_health set numerator = denominator + 1
    -> parts_are_within_the_whole
"""

UNLIKE_LANDING = (
    ("changelogs", "delete from {} where record_id = '101'", "101"),
    ("worklogs", "insert into {} (record_id, load_id) values ('9', '1')", "9"),
    ("statuses", "insert into {0} from {0}", "2"),
    ("users", "insert into {} (load_id) values ('1')", "None"),
    ("issues", "delete from {} where is_deleted", "13"),
    ("issues", "update {} set sequence = sequence + 1 where record_id = '11'", "11"),
    ("fields", "update {} set load_id = '1' where field_name = 'Squad'", world.TEAM),
)
"""Stream, what is done to its base model, and a record that is then not as it landed."""

DONE = """
select product_id, team_id, issues_done, throughput_split from marts.mart_delivery where issues_done > 0 order by all
"""


BEHIND_JIRA = ("--select", "source:jira+")
WORK = ("--select", "+mart_delivery")
"""What the company's files bring is not built but for this mart: they land once, and increments of other sources are
tests of their own."""
ONLY_JIRA = "select product_id, sum(throughput_split) from marts.mart_delivery group by all"


class Story:
    """One home through a build of nothing, its first source, increments, compaction and full refresh; what it held
    after each."""

    def __init__(self, home: Path) -> None:
        self.warehouse = Warehouse(home)
        self.warehouse.build()
        self.empty = self.warehouse.tables()
        self.health = self.warehouse.query("select numerator, denominator from marts.mart_data_health")
        self.warehouse.land("jira", world.jira())
        self.warehouse.build(*BEHIND_JIRA)
        self.only_jira = self.warehouse.query(ONLY_JIRA)
        self.warehouse.land("files", world.files())
        self.warehouse.run(*WORK)
        self.first = self.warehouse.query(DONE)
        self.hidden = self._run_with_hidden_files()
        self.later = self.warehouse.query(DONE)
        self.points_before = self._points()
        self._new_catalogue_and_compaction()
        self.points_after = self._points()
        self.incremental = self.warehouse.tables()
        self.warehouse.run("--full-refresh", *BEHIND_JIRA)
        self.full = self.warehouse.tables()

    def _points(self) -> list[tuple[Any, ...]]:
        issues = "staging.stg_jira__issues where issue_id in ('11', '12')"
        return self.warehouse.query(f"select issue_id, story_points from {issues} order by all")

    def _run_with_hidden_files(self) -> set[str]:
        """Lands a day more and builds it while the files of the first load are out of the way."""
        landing = self.warehouse.home / "landing" / "jira"
        old = [path for path in landing.glob("*/*.parquet") if path.name != "empty.parquet"]
        self.warehouse.land(
            "jira",
            {
                "issues": [
                    world.issue(11, 2, status="2", updated="2026-01-20T12:00:00.000+0100"),
                    record("13", "", deleted=True),
                    world.issue(16, 7, status="3", updated="2026-01-21T12:00:00.000+0100"),
                ],
                "changelogs": [
                    world.moved(104, 11, "2026-01-08T10:00:00.000+0100", "3", "2"),
                    world.history(
                        105,
                        11,
                        "2026-01-08T10:00:00.000+0100",
                        field="IssueParentAssociation",
                        **{"from": "10", "fromString": "PAY-1", "to": None, "toString": None},
                    ),
                    world.history(
                        106,
                        11,
                        "2026-01-09T10:00:00.000+0100",
                        field="Squad",
                        fieldtype="custom",
                        **{"from": "t", "fromString": "Falcon", "to": None},
                    ),
                ],
            },
        )
        for path in old:
            path.rename(path.with_suffix(".hidden"))
        self.warehouse.run(*BEHIND_JIRA)
        for path in old:
            path.with_suffix(".hidden").rename(path)
        return {path.parent.name for path in old}

    def _new_catalogue_and_compaction(self) -> None:
        """Story points get a field of their own; all small files become one; a day more lands after that."""
        estimate = world.field("customfield_10009", "Estimate", "com.pyxis.greenhopper.jira:jsw-story-points")
        self.warehouse.land("jira", {"fields": [estimate]})
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(compaction, "WORTH_IT", 2)
            compacted = compaction.compact("jira", SOURCES["jira"].streams, grace=timedelta(0))
        assert {one.stream for one in compacted if one.after < one.before} >= {"fields", "issues", "changelogs"}
        done = world.moved(107, 12, "2026-01-12T10:00:00.000+0100", "2", "3")
        issue = world.issue(12, 3, status="3", **{"customfield_10009": 8})
        self.warehouse.land("jira", {"changelogs": [done], "issues": [issue]})
        self.warehouse.build(*BEHIND_JIRA)


@pytest.fixture(scope="session")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("increments") / "home")


def test_where_nothing_ever_landed_every_mart_is_there_and_empty(story: Story) -> None:
    """Built with all checks green, whose quality is 0 of 0."""
    marts = {name: rows for name, rows in story.empty.items() if name.startswith("marts.mart_")}
    marts.pop("marts.mart_data_health")
    health = story.health
    assert len(marts) >= 11
    assert [name for name, rows in marts.items() if rows] == []
    assert set(health) == {(0, 0)}


def test_a_first_source_is_served_before_any_other(story: Story) -> None:
    assert [(product, int(issues)) for product, issues in story.only_jira] == [("UNMAPPED", 2)]


def test_a_first_build_counts_what_was_done_by_product_and_team(story: Story) -> None:
    assert [tuple(map(str, row)) for row in story.first] == [
        ("app", "T-FALCON", "1", "0.400000"),
        ("pay", "UNMAPPED", "1", "1.000000"),
        ("web", "T-FALCON", "1", "0.600000"),
    ]


def test_a_refresh_reads_only_files_with_new_loads(story: Story) -> None:
    """The files of these streams were out of the way during the refresh and nobody missed them."""
    assert story.hidden == {"fields", "statuses", "issues", "changelogs"}


def test_the_past_stays_where_it_was_and_a_deleted_issue_leaves(story: Story) -> None:
    """Issue 11 left epic and team after it was done; bug 13 is deleted; 16 was created done."""
    assert [tuple(map(str, row)) for row in story.later] == [
        ("app", "T-FALCON", "1", "0.400000"),
        ("pay", "UNMAPPED", "1", "1.000000"),
        ("web", "T-FALCON", "1", "0.600000"),
    ]
    assert ("13",) not in story.warehouse.query("select issue_id from intermediate.int_issue_fields_ranged")


def test_a_new_field_in_the_catalogue_is_read_from_old_issues_too(story: Story) -> None:
    assert story.points_before == [("11", None), ("12", None)]
    assert story.points_after == [("11", None), ("12", 8.0)]


def test_increments_and_compaction_end_in_what_a_full_refresh_makes(story: Story) -> None:
    assert story.incremental.keys() == story.full.keys()
    assert [name for name, rows in story.full.items() if rows != story.incremental[name]] == []
    assert len(story.full["intermediate.int_issue_fields_ranged"]) > 20


def test_a_record_that_is_no_json_waits_in_quarantine(story: Story) -> None:
    found = story.warehouse.query("select stream, record_id, quarantine_reason from staging.stg_jira__quarantine")
    assert found == [("issues", "15", "payload: not JSON")]


def test_a_table_that_was_a_view_and_a_view_that_was_a_table_take_each_others_place(story: Story) -> None:
    """As after an edit of how a model is made; a mistake here stops the first build after it."""
    story.warehouse.change("drop view staging.stg_jira__boards; create table staging.stg_jira__boards as select 1 as a")
    story.warehouse.change("drop table marts.dim_team; create view marts.dim_team as select 1 as a")
    story.warehouse.run("--select", "stg_jira__boards", "dim_team")
    kinds = "select table_name, table_type from information_schema.tables where table_name in {} order by all"
    found = story.warehouse.query(kinds.format("('stg_jira__boards', 'dim_team')"))
    assert found == [("dim_team", "BASE TABLE"), ("stg_jira__boards", "VIEW")]


def test_unit_tests_of_the_rules_pass(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """dbt asks for the columns of each input of each test by a macro, a quarter of the time. Here DuckDB is asked
    itself, and once for each table that is not made for one test."""
    known = dict[str, list[Any]]()

    def columns(adapter: DuckDBAdapter, relation: Any) -> list[Any]:
        name = str(relation)
        if "__dbt_tmp" in name or name not in known:
            asked = f"select column_name, column_type from (describe {name})"
            rows = adapter.connections.get_thread_connection().handle.cursor().execute(asked).fetchall()
            known[name] = [adapter.Column(*row) for row in rows]
        return known[name]

    monkeypatch.setattr(DuckDBAdapter, "get_columns_in_relation", columns)
    statuses = story.warehouse.dbt("test", "--select", "test_type:unit")
    assert len(statuses) >= 26
    assert {name for name, status in statuses.items() if status != "pass"} == set()


def test_data_tests_turn_red_when_the_warehouse_is_wrong(story: Story) -> None:
    """Each mutation is a bug somebody could make; the test named below it must catch it."""
    mutations = [line.split("\n    -> ") for line in re.split(r"\n(?! )", MUTATIONS.strip())]
    for mutation, _ in mutations:
        story.warehouse.change(mutation)
    statuses = story.warehouse.dbt("test", "--select", *(test for _, test in mutations))
    assert len(mutations) == 10
    assert [(test, statuses.get(test)) for _, test in mutations] == [(test, "fail") for _, test in mutations]


def test_the_proof_turns_red_when_a_base_model_is_not_what_landed(story: Story) -> None:
    for stream, mutation, _ in UNLIKE_LANDING:
        story.warehouse.change(mutation.format(f"staging.base_jira__{stream}"))
    differing = {count.stream: count.differing for count in story.warehouse.proof("jira") if not count.ties}
    assert set(differing) == {stream for stream, *_ in UNLIKE_LANDING}
    assert [one for one in UNLIKE_LANDING if one[2] not in differing[one[0]]] == []

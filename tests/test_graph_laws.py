"""Laws of the graph: short rules over Dagster's definitions and dbt's manifest.

Belongs here: what must hold for every asset, whatever it is. Does not: whether a figure is right.
"""

import inspect
import itertools
import json
import os
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pyarrow as pa
import pytest
import yaml
from jinja2 import Environment

import planning.cost_scenarios
import planning.price_scenarios
import quality.mapping
from ingestion.manifests import ENVELOPE, EVENTS
from ingestion.sources import SOURCES, forecasts, streams_by_source
from ingestion.sources.files.goals import MEASURES
from ingestion.sources.files.rows import PolicySwitches
from planning.results import RESULTS, TODAY
from quality.controls import CONTROLS
from serving import restatements
from tests.in_process_dbt import parsed_home

ROOT = Path(__file__).parents[1]
UNCOUNTED = ("_info", "_compensation", "_quarantine")
"""Words without a plural that staging models are named by."""
SINGULAR = ("alias", "productops")
"""Words that end in s and are no plurals."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    before = dict(os.environ)
    home = parsed_home(tmp_path_factory.mktemp("laws") / "home")
    for name in [name for name in os.environ if name.startswith(("SOURCES__", "PRODOPS_", "DAGSTER_", "DBT_"))]:
        del os.environ[name]
    os.environ["PRODOPS_HOME"] = str(home)
    yield home
    os.environ.clear()
    os.environ.update(before)


@pytest.fixture(scope="module")
def definitions(home: Path) -> dg.Definitions:
    """Loaded as the server would: no secret, no network, no company."""
    from orchestration.definitions import of_home

    return of_home(home)


@pytest.fixture(scope="module")
def graph(definitions: dg.Definitions) -> Any:
    return definitions.resolve_asset_graph()


@pytest.fixture(scope="module")
def manifest(definitions: dg.Definitions) -> dict[str, Any]:
    from orchestration import dbt_process

    found: dict[str, Any] = json.loads(dbt_process.prepare().read_text())
    return found


def nodes(manifest: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == kind]


def models(manifest: dict[str, Any], schema: str) -> list[dict[str, Any]]:
    return [node for node in nodes(manifest, "model") if node["config"]["schema"] == schema]


def test_definitions_are_valid_and_load_without_secrets(definitions: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(definitions)


def test_every_asset_has_group_owner_kinds_description_and_freshness(graph: Any) -> None:
    specs = {key: graph.get(key) for key in graph.materializable_asset_keys}
    assert [key for key, node in specs.items() if node.group_name in (None, "default")] == []
    assert [key for key, node in specs.items() if not node.owners] == []
    assert [key for key, node in specs.items() if not node.kinds] == []
    assert [key for key, node in specs.items() if not node.description] == []
    assert [key for key, node in specs.items() if node.freshness_policy is None] == []


def test_groups_are_sources_and_domains_and_none_reads_what_is_built_of_it(
    manifest: dict[str, Any], graph: Any
) -> None:
    """Red means: the lineage in the UI is no longer drawn from sources on the left to what is published on the right,
    or somebody looks for a model in a group where it is not. A model that two domains need of each other names the
    later one in its yml (meta.dagster.group)."""
    names = {key: graph.get(key).group_name for key in graph.get_all_asset_keys()}
    domains = {model["fqn"][2] for model in nodes(manifest, "model") if model["fqn"][1] != "staging"}
    assert set(names.values()) == {*(f"sources/{source}" for source in SOURCES), *domains, "published"}
    for source, streams in SOURCES.items():
        assert {names[dg.AssetKey([source, stream.name])] for stream in streams.streams} == {f"sources/{source}"}
    for model in nodes(manifest, "model"):
        layer, folder = model["fqn"][1:3]
        if layer == "staging" and folder in SOURCES:
            assert names[dg.AssetKey([model["config"]["schema"], model["name"]])] == f"sources/{folder}", model["name"]
    for depth in (1, 2):  # as drawn first, with all sources as one, and with each of them
        drawn = {key: "/".join(name.split("/")[:depth]) for key, name in names.items()}
        read: dict[str, set[str]] = {name: set() for name in drawn.values()}
        for key, name in drawn.items():
            read[name] |= {drawn[parent] for parent in graph.get(key).parent_keys} - {name}
        assert [*TopologicalSorter(read).static_order()][-1] == "published"


def test_every_landing_asset_shows_its_columns_and_what_each_says(graph: Any) -> None:
    for source, streams in streams_by_source().items():
        for stream in streams:
            shown = graph.get(dg.AssetKey([source, stream.name])).metadata["dagster/column_schema"]
            assert [column.name for column in shown.columns] == stream.schema.names
            assert [column.name for column in shown.columns if not column.description] == []


def test_no_asset_is_an_orphan_and_none_comes_from_nowhere(manifest: dict[str, Any], graph: Any) -> None:
    materializable = set(graph.materializable_asset_keys)
    assert set(graph.get_all_asset_keys()) == materializable, "an upstream that nothing here makes"
    landed = {dg.AssetKey([source.name, stream.name]) for source in SOURCES.values() for stream in source.streams}
    seeds = {dg.AssetKey(["staging", node["name"]]) for node in nodes(manifest, "seed")}
    roots = {key for key in materializable if not graph.get(key).parent_keys}
    assert roots == landed | seeds, "what has no upstream is landing or a seed, and these have none"
    # Staging and intermediate models that no mart needs yet are ends as well; a mart that is not published is not.
    leaves = {key for key in materializable if not graph.get(key).child_keys}
    inner = ("staging", "intermediate")
    assert {key for key in leaves if key.path[0] not in inner} == {dg.AssetKey(["board", "packs"])}


def test_landing_streams_are_the_tables_of_dbts_sources_and_each_is_read(manifest: dict[str, Any]) -> None:
    declared = {(node["source_name"], node["name"]): unique_id for unique_id, node in manifest["sources"].items()}
    assert set(declared) == {(source, stream.name) for source, its in streams_by_source().items() for stream in its}
    for table, unique_id in declared.items():
        readers = [child for child in manifest["child_map"][unique_id] if child.startswith("model.")]
        assert readers, f"{table} is read by nobody"
        assert all(manifest["nodes"][reader]["config"]["schema"] == "staging" for reader in readers), table


def test_dbts_list_of_streams_is_the_loaders_own(manifest: dict[str, Any]) -> None:
    """One list feeds quarantine, counts, health figures and clocks: a stream that it lacks would be in none of them."""
    listed = listed_streams(manifest)
    assert {source: set(streams) for source, streams in listed.items()} == {
        source.name: {stream.name for stream in source.streams} for source in SOURCES.values()
    }
    for source in SOURCES.values():
        for stream in source.streams:
            facts = listed[source.name][stream.name]
            assert facts.get("is_restricted", False) == stream.is_restricted, stream
            assert facts.get("is_events", False) == stream.is_events, stream
            assert facts.get("parent", stream.name) in listed[source.name], stream


def test_what_a_key_result_may_be_bound_to_is_what_the_loader_accepts(manifest: dict[str, Any]) -> None:
    """A failure here refuses a metric that the warehouse measures, or accepts one that stays without a value."""
    found = {
        mart: {*facts.get("figures", ()), *facts.get("sums", ()), *facts.get("quotients", ())}
        for mart, facts in returned(manifest, "goal_measures").items()
    }
    assert {mart: set(measures) for mart, measures in MEASURES.items()} == found


def listed_streams(manifest: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    listed: dict[str, dict[str, dict[str, Any]]] = returned(manifest, "landed_streams")
    return listed


def returned(manifest: dict[str, Any], macro: str, argument: str = "") -> Any:
    """What a macro returns that is made of literals, rendered without dbt."""
    values: list[Any] = []
    text = manifest["macros"][f"macro.prodops.{macro}"]["macro_sql"] + f"{{{{ {macro}({argument}) }}}}"
    Environment(extensions=["jinja2.ext.do"]).from_string(text).render({"return": values.append})
    return values[0]


def test_each_control_is_of_one_catalogue_and_has_a_switch(manifest: dict[str, Any]) -> None:
    """dbt compares what quality/ explains: a control that one of them lacks is compared in vain, or never."""
    compared = {
        (facts["source"], control) for facts in returned(manifest, "controls").values() for control in facts["controls"]
    }
    people = {(one.source, one.id) for one in CONTROLS if one.source == "bamboohr"}
    assert compared | people == {(one.source, one.id) for one in CONTROLS}
    assert len(CONTROLS) == len({one.id for one in CONTROLS})
    assert {one.switch for one in CONTROLS} <= PolicySwitches.model_fields.keys()


@pytest.mark.parametrize(("schema", "is_events"), [(ENVELOPE, "false"), (EVENTS, "true")])
def test_a_stream_that_never_landed_has_the_columns_of_one_that_did(
    manifest: dict[str, Any], schema: pa.Schema, is_events: str
) -> None:
    columns = returned(manifest, "landed_columns", is_events)
    never = duckdb.sql("select " + ", ".join(f"null::{kind} as {name}" for name, kind in columns.items()))
    landed = duckdb.from_arrow(schema.empty_table())
    assert list(zip(never.columns, never.types, strict=True)) == list(zip(landed.columns, landed.types, strict=True))


def is_base(node: dict[str, Any]) -> bool:
    return bool(node["name"].startswith("base_"))


def test_a_base_model_is_made_by_its_folder_and_its_name_and_staging_alone_reads_it(manifest: dict[str, Any]) -> None:
    bases = [node for node in nodes(manifest, "model") if is_base(node)]
    streams = {f"base_{source}__{stream.name}" for source, its in streams_by_source().items() for stream in its}
    assert {base["name"].removesuffix("_versions") for base in bases} == streams
    for base in bases:
        name, config = base["name"], base["config"]
        table = name.removeprefix("base_").removesuffix("_versions").replace("__", ".")
        assert base["fqn"][-2] == "base", name
        assert [one for one in base["depends_on"]["nodes"] if "source." in one] == [f"source.prodops.{table}"], name
        assert config["materialized"] == "incremental", name
        hooks = [hook["sql"] for hook in config["pre-hook"] + config["post-hook"]]
        assert hooks == ["{{ open_landing() }}", "{{ close_landing() }}"], name
        children = manifest["child_map"][base["unique_id"]]
        readers = [manifest["nodes"][child] for child in children if child.startswith("model.")]
        assert [one["name"] for one in readers if one["config"]["schema"] != "staging"] == [], name


def test_staging_models_are_named_by_what_their_rows_are_in_the_plural(manifest: dict[str, Any]) -> None:
    """house.md: stg_<source>__<plural>; a base is named as its stream, which the vendor or a file names."""
    for node in models(manifest, "staging"):
        layer, source = node["name"].split("__")[0].split("_")
        assert (layer in ("base", "stg"), source) == (True, node["fqn"][2]), node["name"]
        if layer == "stg":
            assert node["name"].endswith("s") or node["name"].endswith(UNCOUNTED), node["name"]


def test_intermediate_models_are_named_in_the_plural_and_what_people_read_in_the_singular(
    manifest: dict[str, Any],
) -> None:
    """CONTRIBUTING.md, Names: int_subscription_items_split, but dim_product, fct_gl_line, mart_arr_movement."""
    kinds = {"base", "stg", "int", "dim", "fct", "bridge", "mart"}
    for node in nodes(manifest, "model"):
        kind, *words = node["name"].split("_")
        assert kind in kinds, node["name"]
        plurals = [word for word in words if word.endswith("s") and not word.endswith("ss") and word not in SINGULAR]
        if kind not in ("base", "stg"):
            assert bool(plurals) == (kind == "int"), node["name"]


def test_every_mart_has_grain_key_owner_contract_exposure_and_a_blocking_check(
    manifest: dict[str, Any], graph: Any
) -> None:
    exposed = {parent for exposure in manifest["exposures"].values() for parent in exposure["depends_on"]["nodes"]}
    groups = {group["name"]: group for group in manifest["groups"].values()}
    marts = models(manifest, "marts")
    assert marts
    for mart in marts:
        name = mart["name"]
        assert mart["description"].startswith("One row per"), f"{name}: the description starts with the grain"
        assert mart["config"]["contract"]["enforced"], name
        assert mart["access"] == "public", name
        assert groups[mart["config"]["group"]]["owner"]["email"], name
        assert mart["unique_id"] in exposed, f"{name}: nobody is named who uses it"
        columns = set(mart["columns"])
        assert set(mart["config"]["meta"]["key"]) <= columns, name
        assert set(mart["config"]["meta"].get("measures", [])) <= columns, name
        assert {"data_as_of", "loaded_at"} <= columns or not name.startswith("mart_"), name
        checks = [key for key in graph.asset_check_keys if key.asset_key == dg.AssetKey(["marts", name])]
        assert any(graph.get(key).blocking for key in checks), name


def test_readers_are_exposures_of_marts_and_our_own_commands_of_models_above_the_bases(
    manifest: dict[str, Any],
) -> None:
    """Consumers read what is published. A command or a result reads models of the warehouse itself, by name."""
    marts = {mart["unique_id"] for mart in models(manifest, "marts")}
    bases = {node["unique_id"] for node in models(manifest, "staging") if is_base(node)}
    commands = {}
    for exposure in manifest["exposures"].values():
        read, meta = set(exposure["depends_on"]["nodes"]), exposure["config"]["meta"]
        if command := meta.get("command") or (meta.get("result") and exposure["name"]):
            commands[command] = {manifest["nodes"][key]["name"] for key in read - bases}
            assert not read & bases, exposure["name"]
        else:
            assert read <= marts, exposure["name"]
        assert exposure["owner"]["email"], exposure["name"]
    rooms = {"whatif price": planning.price_scenarios, "whatif cost": planning.cost_scenarios}
    for command, room in {"mapping": quality.mapping, **rooms}.items():
        named = set(re.findall(r"\b(?:staging|intermediate|marts)\.(\w+)", inspect.getsource(room)))
        assert named, command
        assert named <= commands[command], f"{command} reads what its exposure does not name"


def test_the_exposure_of_the_board_pack_names_every_mart_that_pages_read(manifest: dict[str, Any]) -> None:
    (pack,) = (one for one in manifest["exposures"].values() if one["name"] == "board_pack")
    code = " ".join(path.read_text() for path in (ROOT / "serving" / "board").rglob("*.py"))
    marts = {mart["name"] for mart in models(manifest, "marts")}
    read = marts & {*re.findall(r"\b(?:mart|dim)_\w+", code)}
    assert {manifest["nodes"][key]["name"] for key in pack["depends_on"]["nodes"]} == read


def test_a_result_is_made_by_one_function_and_its_exposure_names_what_that_reads(manifest: dict[str, Any]) -> None:
    """Else it would be computed before what it reads is built, or not again when that was built again."""
    assert RESULTS.keys() == {stream.name for stream in forecasts.STREAMS}
    for name, compute in RESULTS.items():
        exposure = manifest["exposures"][f"exposure.prodops.{name}"]
        read = {manifest["nodes"][one]["name"] for one in exposure["depends_on"]["nodes"]}
        texts = TODAY + inspect.getsource(inspect.getmodule(compute) or compute)
        named = set(re.findall(r"\b(?:staging|intermediate|marts)\.(\w+)", texts))
        assert "stg_files__read_days" in named
        assert named <= read, f"{name} reads {named - read}, which its exposure does not name"
    tested = manifest["nodes"][next(one for one in manifest["nodes"] if ".assert_every_forecast_fits_" in one)]
    bases = {node["name"] for node in nodes(manifest, "model") if node["name"].startswith("base_forecasts__")}
    assert {manifest["nodes"][one]["name"] for one in tested["depends_on"]["nodes"]} == bases


def test_models_are_protected_and_say_their_grain(manifest: dict[str, Any]) -> None:
    inner = models(manifest, "staging") + models(manifest, "intermediate")
    assert [node["name"] for node in inner if node["access"] != "protected"] == []
    # Of a base model the source's own description says it: what landed, in its newest version.
    described = [node for node in inner if not is_base(node)] + list(manifest["sources"].values())
    assert [node["name"] for node in described if not node["description"].startswith("One row")] == []


def test_what_is_restricted_stays_in_its_database_and_no_model_outside_reads_it(manifest: dict[str, Any]) -> None:
    """Rows of single people and their pay: a mart, or anything that a mart could read, is never built on them. What
    leaves says so: counts of people and their time, amounts, which the audit of pay reads, or amounts that nothing
    about pay is above of."""
    built = {node["unique_id"]: node for node in nodes(manifest, "model")}
    restricted = {key for key, node in built.items() if "restricted" in node["config"]["tags"]}
    assert restricted == {key for key, node in built.items() if node["database"] == "restricted"}
    assert {"base_bamboohr__compensation", "dim_worker"} <= {built[key]["name"] for key in restricted}
    leaving = {key: node for key, node in built.items() if "leaves" in node["config"]["meta"]}
    assert leaving.keys() <= restricted
    for node in leaving.values():
        meta, columns = node["config"]["meta"], node["columns"].keys()
        # Of one person there is nothing, whatever it is.
        assert not {one for one in columns if re.search("worker|employee|human|person", one)}, node["name"]
        amounts = {one for one in columns if re.search("_minor$|amount|cost|pay|rate|salar", one)}
        if meta["leaves"] == "cost":
            audited = set(re.findall(r"\w+", " ".join(meta["amounts"])))
            assert amounts <= audited <= columns, f"{node['name']}: the audit of pay reads all amounts"
            assert {*meta.get("each", ())} <= columns, node["name"]
        elif meta["leaves"] == "no_pay":
            above = {built[key]["name"] for key in everything_above(manifest, node["unique_id"]) if key in built}
            assert "dim_worker" in above, f"{node['name']}: nothing of people, so it need not be restricted"
            of_pay = {one for one in above if re.search("compensation|int_pay_|fct_worker_day|standard_rates", one)}
            assert of_pay == set(), node["name"]
        else:
            assert (meta["leaves"], amounts) == ("no_amounts", set()), node["name"]
    rows = restricted - leaving.keys()
    readers = {child for key in rows for child in manifest["child_map"][key] if child in built}
    assert [built[key]["name"] for key in readers - restricted] == []
    assert [built[key]["name"] for key in restricted if built[key]["config"]["schema"] == "marts"] == []


def everything_above(manifest: dict[str, Any], node: str) -> set[str]:
    found, coming = set[str](), [node]
    while coming:
        new = [key for key in manifest["parent_map"].get(coming.pop(), ()) if key not in found]
        found |= {*new}
        coming += new
    return found


def test_a_mart_that_is_not_its_controls_is_held_back_and_one_that_was_not_compared_is_not(
    definitions: dg.Definitions,
) -> None:
    from orchestration import gate

    red = {mart: {*gate.held_by(key, gate.RED)} for key, mart in gate.reconciliations().items()}
    assert all({mart, "mart_reconciliation"} <= held for mart, held in red.items())
    assert {"mart_product_cost", "mart_product_pnl"} <= red["mart_product_cost"]
    assert not red["mart_product_cost"] & {"mart_usage", "mart_revenue", "mart_arr"}
    measured = {"mart_okr", "mart_forecast_calibration", "mart_board_metric"}  # by it
    assert red["mart_revenue"] == {"mart_revenue", "mart_reconciliation", *measured}
    unmade = {gate.held_by(key, "never ran to its end") for key in gate.reconciliations()}
    assert unmade == {("mart_reconciliation",)}


def test_a_restatement_holds_back_what_would_show_it_too(definitions: dg.Definitions) -> None:
    """Else the board is shown another figure of a closed period than the mart, before anybody accepted it."""
    from orchestration.defs.publish import restating
    from serving.failures import Check

    waits = restating(Check(restatements.CHECK, "marts/mart_product_pnl", passed=False, holds=("mart_product_pnl",)))
    assert waits.holds is not None
    assert {"mart_product_pnl", "mart_budget", "mart_board_metric"} <= {*waits.holds}
    assert not {"mart_arr", "mart_usage", "mart_product_cost"} & {*waits.holds}


def test_every_mart_with_cost_of_people_is_behind_the_audit_of_pay(manifest: dict[str, Any], graph: Any) -> None:
    """By lineage: whatever is built of an amount that leaves the restricted database."""
    children = manifest["child_map"]
    coming = [one["unique_id"] for one in nodes(manifest, "model") if one["config"]["meta"].get("leaves") == "cost"]
    assert coming
    below: set[str] = set()
    while coming:
        below.add(one := coming.pop())
        coming += [child for child in children[one] if child.startswith("model.") and child not in below]
    marts = {node["name"] for node in models(manifest, "marts") if node["unique_id"] in below}
    assert {"mart_product_cost", "mart_product_cost_range", "mart_product_pnl"} <= marts
    audited = {key.asset_key.path[-1] for key in graph.asset_check_keys if key.name == "pay_is_not_disclosed"}
    assert audited == marts


def test_every_test_of_dbt_is_a_check_and_blocks_where_it_can_fail_a_build(
    manifest: dict[str, Any], graph: Any
) -> None:
    """A test that Dagster shows as an observation only would be invisible to the gate, and so would one of two with
    one name."""
    from orchestration import manifest as project

    tests = {node["unique_id"]: node["config"]["severity"].lower() == "error" for node in nodes(manifest, "test")}
    assert len(tests) > 300
    assert {one: graph.get(key).blocking for one, key in project.checks().items()} == tests
    assert len({*project.checks().values()}) == len(tests)
    names = [node["name"] for node in nodes(manifest, "test")]
    assert len(names) == len({*names}), "dbt selects a test by its name"


def test_every_check_has_a_short_name_and_says_what_red_means_and_what_to_do_next(graph: Any) -> None:
    """In three sentences at most, statements to be run left aside; yellow is what holds nothing back."""
    from orchestration import gate

    keys = sorted(graph.asset_check_keys)
    assert len(keys) > 500
    holding = gate.beside_dbt()  # what is expected of landings blocks nothing in its own run, and holds back marts
    for key in keys:
        check = graph.get(key)
        assert len(key.name) <= 60, key
        assert check.description, key
        assert check.description.startswith("Red: " if check.blocking or key in holding else "Yellow: "), key
        sentences = re.split(r"\. (?=[A-Z])", re.sub("`.+`", "it", check.description))
        assert len(sentences) <= 3, (key, sentences)
        assert sentences[-1].startswith("Next"), key


def test_every_asset_is_described_in_words_column_by_column(graph: Any) -> None:
    """What landed has the columns of the vendor's answer, and a base model those that its SQL names beside their paths:
    the staging model above it describes them."""
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        assert not re.search(r"{{|{%|Raw SQL|```", node.description), key
        schema = node.metadata.get("dagster/column_schema")
        if "dbt" in node.kinds and not key.path[-1].startswith("base_"):
            assert schema, key
        if schema:
            assert [column.name for column in schema.columns if not column.description] == [], key


def test_a_proof_is_on_what_it_is_about_and_holds_back_what_is_built_of_it(graph: Any) -> None:
    from orchestration import gate
    from orchestration import manifest as project

    for source in SOURCES.values():
        for stream in source.streams:
            proof = gate.proof(source.name, stream)
            assert proof in graph.asset_check_keys, "a stream is staged by the model of its name"
            assert gate.held_by(proof, gate.RED) == project.marts_behind(source.name, [stream.name]), proof
    assert len({key.asset_key for key in gate.controls()}) >= 5
    for key in gate.beside_dbt() | gate.controls():
        assert graph.get(key).parent_entity_keys == {key.asset_key}, "left out wherever another check is red"


def test_the_gate_asks_for_every_blocking_check_on_what_dbt_builds(graph: Any) -> None:
    from orchestration import gate
    from orchestration import manifest as project

    built = set(project.assets().values())
    assert built == {key for key in graph.materializable_asset_keys if "dbt" in graph.get(key).kinds}
    blocking = {key for key in graph.asset_check_keys if key.asset_key in built and graph.get(key).blocking}
    asked = {*project.blocking(), *gate.beside_dbt()}
    assert blocking <= asked
    # In a run of a part of the assets these would make a circle: the build would wait for a check that waits for it.
    # Of a landing, the whole build would wait for one stream; of pay, the proofs of other marts.
    landed = {key for key in asked if key.asset_key.path[0] in SOURCES}
    assert landed
    assert {key.name for key in asked - blocking - landed} == {"landed_is_staged", "equals_its_control", gate.PAY}


def test_one_table_drives_schedules_and_freshness(definitions: dg.Definitions, graph: Any) -> None:
    from orchestration import cadence

    assert set(cadence.LOADED) == set(SOURCES)
    crons = {schedule.name: schedule.cron_schedule for schedule in definitions.get_repository_def().schedule_defs}
    for row in cadence.LOADED.values():
        assert crons[f"load_{row.name}"] == row.cron
    loads = [crons.pop(name) for name in {f"load_{row.name}" for row in cadence.LOADED.values()}]
    assert len(loads) == len(set(loads)), "one run for all that is due at a time"
    others = [cadence.CENSUS, cadence.MAIN, cadence.RESYNC, cadence.COMPACT, cadence.PRUNE, cadence.PACKS.cron]
    assert sorted(crons.values()) == sorted(others)
    follows = {"published": cadence.PUBLISHED, "board": cadence.PACKS}
    for key in graph.materializable_asset_keys:
        node = graph.get(key)
        row = {**cadence.LOADED, **follows}.get(key.path[0], cadence.BUILT)
        assert node.freshness_policy == row.freshness, key
        assert node.automation_condition is None, f"{key}: what is due is requested by one sensor"


def test_the_main_job_reaches_everything(definitions: dg.Definitions, graph: Any) -> None:
    main = definitions.resolve_job_def("main").asset_layer.asset_graph
    assert set(main.materializable_asset_keys) == set(graph.materializable_asset_keys)
    assert set(main.asset_check_keys) == set(graph.asset_check_keys)


def test_no_line_of_sql_is_longer_than_120() -> None:
    """As in Python; yml holds the rows of unit tests, which are tables and may be wide."""
    files = sorted((ROOT / "dbt_project").rglob("*.sql"))
    assert len(files) > 300
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > 120
    ]
    assert long == []


def test_no_key_of_a_file_of_dbt_stands_twice() -> None:
    """YAML keeps the last one and says nothing of the first."""

    class Unique(yaml.CSafeLoader):
        def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
            keys = [self.construct_object(key) for key, _ in node.value]
            assert len(keys) == len(set(keys)), f"a key of {sorted(keys)} stands twice:{node.start_mark}"
            return super().construct_mapping(node, deep=deep)

    files = list((ROOT / "dbt_project").rglob("*.yml"))
    assert len(files) > 50
    for file in files:
        yaml.load(file.read_text(), Unique)


def test_no_description_ends_at_its_first_comma() -> None:
    """In braces YAML takes what follows a comma for the next part, and dbt says nothing of parts without a value."""
    read = 0
    for path in sorted((ROOT / "dbt_project").rglob("*.yml")):
        for line in path.read_text().splitlines():
            if line.lstrip().startswith("- {name:") and "description:" in line:
                read += 1
                assert None not in yaml.load(line.lstrip()[2:], yaml.CSafeLoader).values(), f"{path.stem}: {line}"
    assert read > 1000


def test_what_another_model_does_not_have_is_asked_for_with_not_exists() -> None:
    """One null among the rows of a subquery makes ``not in`` false for every row, and nothing says so."""
    pattern = re.compile(r"\bnot\s+in\s*\(\s*(select|with)\b", re.IGNORECASE)
    assert pattern.search("where a not in (\n    select b from c)")
    texts = list((ROOT / "dbt_project").rglob("*.sql"))
    assert not [path.name for path in texts if pattern.search(path.read_text())]


def test_a_model_that_reads_more_than_two_others_imports_them_at_its_top() -> None:
    """Each is a CTE of its own name in one line, before anything else; `inlined()` where it is read more than once."""
    imported = re.compile(
        r"^(?:with (?:recursive )?)?(\w+) as(?: {{ inlined\(\) }})? \(select \* from {{ (?:ref\('\1'\)|\1\(\)) }}\)"
    )
    for path in sorted((ROOT / "dbt_project" / "models").rglob("*.sql")):
        # What only a what-if reads is imported under its condition.
        lines = [
            line for line in path.read_text().splitlines() if not line.lstrip().startswith(("--", "{% if", "{% endif"))
        ]
        read = re.findall(r"ref\('(\w+)'\)|from {{ (active_items)\(\)", "\n".join(lines))
        read = [model or macro for model, macro in read]
        if len(set(read)) > 2:
            found = [match[1] for line in lines if (match := imported.match(line))]
            assert sorted(found) == sorted(read), f"{path.stem} reads {set(read) - set(found)} in place"
            first = next(number for number, line in enumerate(lines) if line.startswith("with "))
            assert all(imported.match(line) for line in lines[first : first + len(found)]), f"{path.stem}: at its top"


def test_a_contract_is_followed_from_its_bill_to_mart_arr_in_eight_steps(manifest: dict[str, Any]) -> None:
    """docs/metrics/recurring-revenue.md lists them: the first reads the lines of bills, each next one the last."""
    page = (ROOT / "docs" / "metrics" / "recurring-revenue.md").read_text()
    steps = re.findall(r"^\d\. `(\w+)`", page, re.MULTILINE)
    reads = {
        node["name"]: {unique_id.rsplit(".", 1)[-1] for unique_id in node["depends_on"]["nodes"]}
        for node in nodes(manifest, "model")
    }
    assert (len(steps), steps[-1]) == (8, "mart_arr")
    for before, after in itertools.pairwise(["stg_stripe__invoice_lines", *steps]):
        assert before in reads[after], f"{after} does not read {before}"


def test_the_entry_stays_small() -> None:
    assert len((ROOT / "orchestration" / "definitions.py").read_text().splitlines()) < 30
    assert len((ROOT / "Makefile").read_text().splitlines()) < 60
    long = {path.name for path in (ROOT / "orchestration" / "defs").glob("*.py") if path.read_text().count("\n") > 150}
    assert long == set()

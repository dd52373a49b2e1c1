"""Every command explains itself."""

from click.testing import CliRunner

from cli.main import main

COMMANDS = ["run", "load", "build", "check", "publish", "rebuild", "compact", "doctor", "mapping", "explain", "ui"]
TABLES = [
    *(["run"], ["load"], ["check"], ["publish"], ["mapping"], ["restate", "list"], ["explain"], ["whatif", "price"]),
    *(["whatif", "cost"], ["sandbox", "compare"], ["sandbox", "cases"]),
]
"""Commands that print tables."""


def test_help_is_there_for_every_command() -> None:
    for command in [*([name] for name in COMMANDS), *(["sandbox", name] for name in ("serve", "truth", "compare"))]:
        reported = CliRunner().invoke(main, [*command, "--help"])
        assert reported.exit_code == 0, command
        assert len(reported.output.splitlines()) > 3, command


def test_no_line_of_the_list_of_commands_is_cut() -> None:
    for group in ([], ["restate"], ["whatif"], ["sandbox"]):
        reported = CliRunner().invoke(main, [*group, "--help"], terminal_width=80)
        assert "..." not in reported.output.replace("[ARGS]...", ""), group


def test_every_command_that_prints_tables_prints_them_for_programs_too() -> None:
    for command in TABLES:
        refused = CliRunner().invoke(main, [*command, "--format", "xml"])
        assert refused.exit_code == 2
        assert "'xml' is not one of 'text', 'json', 'csv'" in refused.stderr, command

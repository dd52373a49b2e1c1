"""Every command explains itself."""

from click.testing import CliRunner

from cli.main import main


def test_help_is_there_for_every_command() -> None:
    commands = ["run", "load", "build", "check", "publish", "rebuild", "compact", "doctor", "mapping", "ui"]
    for command in [*([name] for name in commands), *(["sandbox", name] for name in ("serve", "truth", "compare"))]:
        reported = CliRunner().invoke(main, [*command, "--help"])
        assert reported.exit_code == 0, command
        assert len(reported.output.splitlines()) > 3, command

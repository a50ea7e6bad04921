"""The command `doodle-lab` of the installed program: the dashboard, or one of its commands."""

import os
import sys

from doodle_core.files import HOME, PROGRAM, bring_shipped_runs, explain

ABOUT = (
    "Doodle Lab. Without a command it starts the dashboard; with one it does what the command says, "
    f"without the dashboard. Runs and drawings are kept in {HOME}, or where DOODLE_HOME says."
)


def main() -> int:
    """Start the dashboard, or run the command that was given. Returns the exit status."""
    if sys.argv[1:]:
        from doodle_core.__main__ import main as run_command

        return run_command(sys.argv[1:], "doodle-lab", ABOUT)
    try:
        bring_shipped_runs()
        HOME.mkdir(parents=True, exist_ok=True)
        os.chdir(HOME)  # a relative folder of drawings is the same one wherever this was started
    except OSError as error:
        print(explain(error), file=sys.stderr)
        return 1
    from streamlit.web import cli

    # Streamlit reads the .streamlit/config.toml beside the script, and puts its folder on sys.path.
    sys.argv = ["streamlit", "run", str(PROGRAM / "dashboard.py")]
    status: int = cli.main()
    return status


if __name__ == "__main__":
    sys.exit(main())

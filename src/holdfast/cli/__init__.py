"""The command line: one verb per flow, errors in one message, exit code 2 for bad input."""

from holdfast.cli.ending import main
from holdfast.cli.spending import app

__all__ = ["app", "main"]

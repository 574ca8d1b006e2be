"""The command line: one verb per flow, errors in one message, exit code 2 for bad input."""

from holdfast.cli import ratings, runs, spending, validation
from holdfast.cli.application import app
from holdfast.cli.ending import main

__all__ = ["app", "main", "ratings", "runs", "spending", "validation"]

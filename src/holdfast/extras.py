"""Packages that only some work needs: the extras of the installation."""

from importlib.util import find_spec

from holdfast.errors import DataMissing


def require(package: str, extra: str, what: str) -> None:
    """Refuse work that needs a package which is not installed, and name the extra that brings it.

    Raises
    ------
    DataMissing
        Saying which work (`what`) needs it, and how to install it.

    Examples
    --------
    >>> require("no_such_package", "deep", "a rating method with a network")
    Traceback (most recent call last):
    holdfast.errors.DataMissing: a rating method with a network needs the package no_such_package: pip install "holdfast[deep]"
    """
    if find_spec(package) is None:
        text = f'{what} needs the package {package}: pip install "holdfast[{extra}]"'
        raise DataMissing(text)

"""What is assumed of people: the packaged table of figures, and what a study says instead."""

from collections.abc import Mapping

from holdfast.data import packaged
from holdfast.errors import Problem, TableError, UnknownName
from holdfast.tables import check

SHARES = ("_share", "renters_")
"""Parts of the names of figures that are shares of a whole."""


def agent_figures(chosen: Mapping[str, float]) -> dict[str, float]:
    """Figures of the table ``people_figures`` by name, with those that a study states in their place.

    Parameters
    ----------
    chosen : mapping of str to float
        Figure to value, in the unit of its row.

    Raises
    ------
    UnknownName
        If the table has no such figure.
    TableError
        If a rate, day or amount is below 0 or a share above 1.

    Examples
    --------
    >>> figures = agent_figures({"return_notice": 3})
    >>> figures["return_notice"], figures["leave_share"]
    (3.0, 0.25)
    """
    table = check(packaged("people_figures"), "people_figures")
    figures = {str(name): float(value) for name, value in zip(table["figure"], table["value"], strict=True)}
    problems = []
    for name, value in chosen.items():
        if name not in figures:
            raise UnknownName("figure of the agents", name, figures, "recovery.agent_figures")
        share = any(part in name for part in SHARES)
        # coefficients of a logit may have either sign
        if not name.startswith("dislocation_") and (value < 0 or (share and value > 1)):
            text = f"{value:g} is no {'share; give 0 to 1' if share else 'amount; give 0 or more'}"
            problems.append(Problem(text, column=f"agent_figures.{name}"))
    if problems:
        raise TableError("recovery", problems)
    return figures | {name: float(value) for name, value in chosen.items()}

"""The model card of service capacity, from the tables of its training."""

import pandas as pd

from holdfast.training.service_training import SOURCES, TrainedService

TITLE = "Model card: service capacity (SC)"


def service_parts(
    trained: TrainedService, surveys: tuple[str, str]
) -> list[tuple[str, str | list[str] | pd.DataFrame]]:
    """Headings and contents of the card, for `card_text`; `surveys` of homes and of other buildings, by their names."""
    named = [SOURCES.get(name, name) for name in surveys]
    chosen = trained.errors[trained.errors["chosen"].astype(bool)].set_index("group")["model"].to_dict()
    return [
        (
            "Data",
            [
                f"{named[0]} (homes) and {named[1]} (other buildings); the year of each survey is in its name.",
                "No survey holds a service outage, and the open subsets hold no water, household size, income or gas of "
                "commercial buildings: the response to services is assumed, each row of the assumptions with its reason.",
                "No quarter of the pandemic is in the surveys, so there is no shock window to show apart.",
            ],
        ),
        ("Chosen model by group", [f"{group}: {model}" for group, model in sorted(chosen.items())]),
        ("Features kept and dropped", trained.features.set_index("group")),
        ("Tests of the features", trained.tests.set_index(["group", "feature"])),
        ("Cross-validated errors", trained.errors.set_index(["group", "model"])),
        ("Errors of the chosen model by sector, region and size", trained.errors_by.set_index("group")),
        ("r_SS with one service gone", trained.reference.set_index(trained.reference.columns[0])),
        (
            "Intended use",
            [
                "Shares of function under missing services in a screening simulation of a city; comparing scenarios and measures.",
            ],
        ),
        (
            "Banned use",
            [
                "Consumption or bills of one household or building; pricing; statements about one building or person.",
            ],
        ),
    ]

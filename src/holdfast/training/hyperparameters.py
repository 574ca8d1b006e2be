"""What is chosen before the models are trained: sizes, splits, and limits of tests."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OutputSettings:
    """Training of the model of net output.

    Parameters
    ----------
    hidden, dense : int
        Units of the recurrent encoder and of the dense layers.
    epochs : int
        At most so many passes; the validation rows choose how many.
    places_per_batch : int
        States x years per step, each with all its industries.
    learning_rate, weight_decay : float
        Step and shrinkage of the optimiser AdamW.
    members : int
        Networks whose mean is the prediction.
    trees : int
        At most so many boosted trees; the validation rows choose.
    significance : float
        Level below which a temporal feature is kept.
    folds : int
        Parts into which the states are divided, 3 or more: one is predicted, one chooses the size of a model, the rest fit it.
    """

    hidden: int = 16
    dense: int = 32
    epochs: int = 15
    places_per_batch: int = 16
    learning_rate: float = 0.003
    weight_decay: float = 0.01
    members: int = 3
    trees: int = 300
    significance: float = 0.05
    folds: int = 5


@dataclass(frozen=True)
class ServiceSettings:
    """Training of the model of consumption behind service capacity.

    Parameters
    ----------
    trees, rows_per_leaf, features_per_split : int, int, float
        Of the random forest: its trees, fewest survey rows in a leaf, share of the features tried at a split.
    folds : int
        Parts of the cross-validation.
    significance : float
        Greatest corrected p of a test that counts.
    cohen_d, eta_squared, epsilon_squared : float
        Least effect of a test that counts (small: 0.2, 0.01, 0.01).
    least_kwh_per_m2 : float
        Floor of the logarithm of consumption, kWh/m2/year.
    interval_draws : int
        Draws over the ranges of the assumptions.
    """

    trees: int = 200
    rows_per_leaf: int = 5
    features_per_split: float = 0.5
    folds: int = 5
    significance: float = 0.01
    cohen_d: float = 0.2
    eta_squared: float = 0.01
    epsilon_squared: float = 0.01
    least_kwh_per_m2: float = 0.1
    interval_draws: int = 500


@dataclass(frozen=True)
class TrainingSettings:
    """Of both models, and the exponent of the response of production to a service (1: a straight line)."""

    net_output: OutputSettings = OutputSettings()
    service: ServiceSettings = ServiceSettings()
    response_shape: float = 1.0

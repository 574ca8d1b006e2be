"""How the models of productivity and service capacity are trained."""

from pydantic import Field

from holdfast.config.base import Section


class OutputTraining(Section):
    """Training of the model of net output."""

    hidden: int = Field(16, ge=1, le=256, description="units of the recurrent encoder")
    dense: int = Field(32, ge=1, le=256, description="units of the dense layers")
    epochs: int = Field(15, ge=1, le=1000, description="at most so many passes; the validation rows choose how many")
    places_per_batch: int = Field(16, ge=1, description="states x years per step, each with all its industries")
    learning_rate: float = Field(0.003, gt=0, le=1, description="step of AdamW")
    weight_decay: float = Field(0.01, ge=0, description="of AdamW")
    # a mean of several networks: one alone hangs on its seed
    members: int = Field(3, ge=1, le=50, description="networks whose mean is the prediction")
    trees: int = Field(300, ge=10, le=10_000, description="at most so many boosted trees; the validation rows choose")
    significance: float = Field(0.05, gt=0, lt=1, description="level below which a temporal feature is kept")
    folds: int = Field(
        5, ge=3, le=25, description="parts of the states, each predicted by models that have not seen it"
    )


class ServiceTraining(Section):
    """Training of the model of consumption behind service capacity."""

    trees: int = Field(200, ge=1, le=10_000, description="trees of the random forest")
    rows_per_leaf: int = Field(5, ge=1, description="fewest survey rows in a leaf of a tree")
    features_per_split: float = Field(0.5, gt=0, le=1, description="share of the features tried at a split")
    folds: int = Field(5, ge=2, le=50, description="parts of the cross-validation")
    significance: float = Field(0.01, gt=0, lt=1, description="greatest corrected p of a test that counts")
    cohen_d: float = Field(0.2, ge=0, description="least Cohen's d of a test that counts (small: 0.2)")
    eta_squared: float = Field(0.01, ge=0, le=1, description="least eta squared of a test that counts (small: 0.01)")
    epsilon_squared: float = Field(0.01, ge=0, le=1, description="least epsilon squared of a test that counts")
    least_kwh_per_m2: float = Field(0.1, gt=0, description="floor of the logarithm of consumption, kWh/m2/year")
    interval_draws: int = Field(500, ge=20, description="draws over the ranges of the assumptions")


class TrainingOptions(Section):
    """Training of the models behind the packaged tables."""

    net_output: OutputTraining = OutputTraining()
    service: ServiceTraining = ServiceTraining()
    response_shape: float = Field(1.0, gt=0, le=10, description="1: production falls in a straight line with a service")

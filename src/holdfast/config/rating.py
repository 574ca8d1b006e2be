"""The region of a study and how its cells are rated."""

from typing import Annotated, Literal

from pydantic import Field

from holdfast.config.base import Section


class RegionOptions(Section):
    """The metropolitan area and its grid."""

    table: str = Field("areas", description="polygon table whose union is the region")
    crs: str | None = Field(None, description="projected CRS of the grid; equal-area around the region if omitted")
    cell_size: float = Field(2000.0, ge=1, le=100_000, description="side of a cell, m")
    offset: float = Field(0.0, ge=0, lt=1, description="share of a cell by which the grid is shifted east and north")
    cells: str | None = Field(None, description="a ready cell table (CSV) instead of `tables`")


class AutoencoderOptions(Section):
    """Size and training of the autoencoder. Not specified in the paper: all ours."""

    hidden: int = Field(16, ge=1, le=1024, description="units of the hidden layer")
    latent: int = Field(4, ge=1, le=64, description="numbers that code a cell")
    epochs: int = Field(300, ge=1, le=100_000, description="passes over the cells")
    learning_rate: float = Field(0.01, gt=0, le=1, description="step of the Adam optimiser")
    refine_epochs: int = Field(200, ge=1, le=100_000, description="passes of the refinement in dec, idec, resilinet")
    update_interval: int = Field(10, ge=1, le=10_000, description="passes between two targets of the refinement")
    cluster_weight: float = Field(0.1, gt=0, le=1000, description="weight of the groups in idec's loss")


class SensitivityOptions(Section):
    """Which other choices are rated too, to see how far the map hangs on them."""

    enabled: bool = Field(False, description="rate the variants; takes one rating's time for each")
    cell_sizes: list[Annotated[float, Field(ge=1, le=100_000)]] = Field(
        [1000.0, 2000.0, 4000.0], description="sides of cells to compare, m"
    )
    grids: bool = Field(True, description="vary size and position of the cells (not with a ready cell table)")
    features: bool = Field(True, description="turn round and leave out each feature; leave out the social ones")


class WeightOptions(Section):
    """What pillars and features are meant to weigh, and how far a weight may be another."""

    pillars: dict[str, float] = Field({}, description="pillar = its weight; 1 where nothing is said")
    features: dict[str, float] = Field(
        {}, description="feature = its weight within its pillar; 1 where nothing is said"
    )
    range: float = Field(0.5, ge=0, le=1, description="share by which a weight may be larger or smaller")
    ranges: dict[str, float] = Field({}, description="pillar or feature = a share of its own, over `range`")


class CertaintyOptions(Section):
    """What is drawn again to see how sure a level is."""

    draws: int = Field(200, ge=0, le=10_000, description="draws behind the certainty; 0 for the refits alone")
    error: float = Field(
        0.35, ge=0, le=10, description="error of a measurement, in standard deviations of its feature, if not published"
    )
    errors: dict[str, float] = Field({}, description="feature = an error of its own, over `error`")
    doubts: dict[str, float] = Field(
        {"green_space": 0.25, "road_density": 0.25},
        description="feature = chance that its direction is the other one",
    )
    left_out: float = Field(0.3, ge=0, le=1, description="chance that a draw does without one of the features")
    grids: bool = Field(True, description="draw from grids shifted and of other sizes too (not with a cell table)")
    absent: bool = Field(True, description="draw what those of the twelve features could be that are absent")


class ResilinetOptions(Section):
    """The paper's way beside the rating, in the report of every result that is written. Numbers are ours."""

    enabled: bool = Field(True, description="draw it, where torch is installed")
    refits: int = Field(
        5, ge=2, le=1000, description="networks trained with seeds of their own; their vote is its level"
    )
    fitted_cells: int = Field(2_000, ge=50, description="cells that one network is trained on at most")
    most_cells: int = Field(10_000, ge=50, description="rated cells above which it is left out, and the report says so")


class IndexColumn(Section):
    """A known index by area, such as SVI, NRI, BRIC or CRE, to lay beside the levels."""

    column: str = Field(
        pattern=r"[a-z_]+\.[A-Za-z0-9_]+", description="table.column, such as areas.own_svi or cells.own_bric"
    )
    direction: Literal[1, -1] = Field(description="1 where more is more resilient, -1 where more is less")
    weight: Literal["homes", "area"] = Field("homes", description="what its mean over a cell counts")


class RatingOptions(Section):
    """How cells are rated."""

    # which features, from what, and how they are read; where nothing is said the schema of features holds
    features: list[str] | None = Field(
        None, min_length=1, description="features to use; all that the data allow if omitted"
    )
    also: list[str] = Field([], description="optional features to use besides")
    leave_out: list[str] = Field([], description="features not to use")
    replace: dict[str, str] = Field({}, description="feature = table to take it from, such as given or green_areas")
    per: dict[str, str] = Field({}, description="count = person (per 1,000 residents or homes) or km2")
    directions: dict[str, int] = Field({}, description="feature = 1 (more is better) or -1, over the schema's")
    missing: dict[str, str] = Field({}, description="feature = unrated, median or refuse, over the schema's")
    # keywords of features: one that has a keyword of such a name gets its value
    reference_year: int = Field(2018, ge=1900, le=2200, description="year at which buildings have their age")
    reach: float = Field(10_000.0, gt=0, le=1e6, description="distance within which a hospital counts, m")
    access: str = Field("straight", description="how far it is to a hospital or fire station: straight or streets")
    tower_reach: float = Field(3_000.0, gt=0, le=1e6, description="distance within which a cell tower counts, m")
    tower_range: float = Field(
        1_000.0, gt=0, le=1e5, description="range of a cell tower that does not state its own, m"
    )
    longest_tower_range: float = Field(
        5_000.0, gt=0, le=1e5, description="range at which longer stated ones are cut, m"
    )
    service_reach: float = Field(5_000.0, gt=0, le=1e6, description="distance within which other services count, m")
    # the fit, or the model that takes its place
    method: str = Field("holdfast", description="how cells are grouped into levels")
    model: str | None = Field(None, description="result folder whose model is applied instead of fitting one")
    scores: Literal["normal", "standard"] = Field(
        "normal", description="normal: ranks bent to a normal curve; standard: transform of the schema, mean, deviation"
    )
    neighbour_weight: float = Field(
        0.0, ge=0, le=1, description="weight of the touching cells in methods that look at them"
    )
    refits: int = Field(20, ge=2, le=1000, description="models fitted with seeds of their own; their vote is the level")
    subsample: float = Field(0.8, gt=0, le=1, description="share of the cells that one refit is fitted to")
    most_cells: int = Field(20_000, ge=50, description="cells that one refit is fitted to at most")
    fewest_homes: float = Field(10.0, ge=0, description="homes below which a cell shapes no level and is not counted")
    weights: WeightOptions = WeightOptions()
    certainty: CertaintyOptions = CertaintyOptions()
    # what else is read, and what is made besides levels
    pool: list[str] = Field(
        [],
        description="result folders of other metros, relative to `data` or to the working directory, fitted together with this one",
    )
    aggregate_to: list[str] = Field([], description="polygon tables to whose areas levels are summed up")
    sensitivity: SensitivityOptions = SensitivityOptions()
    resilinet: ResilinetOptions = ResilinetOptions()
    indices: dict[str, IndexColumn] = Field({}, description="name = a known index to lay beside the levels")
    permutations: int = Field(999, ge=99, le=99_999, description="permutations behind the p-value of Moran's I")
    autoencoder: AutoencoderOptions = AutoencoderOptions()

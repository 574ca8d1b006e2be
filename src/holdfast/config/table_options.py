"""Input tables of a study."""

from pydantic import Field

from holdfast.config.base import Section


class CrosswalkOptions(Section):
    """A table that carries attributes from old areas to new ones."""

    path: str = Field(description="CSV file, relative to `data`")
    old_id: str = Field("old_id", description="column with the area of the attributes")
    new_id: str = Field("new_id", description="column with the area of the outlines")
    weight: str = Field("weight", description="column with the share of the old area that goes to the new one, if any")


class TableOptions(Section):
    """Where one input table comes from and how its columns are called there."""

    # what is read
    source: str = Field(description="reader, such as polygons, points, lines, raster, osm, buildings, nsi; see docs")
    path: str = Field(description="file, relative to `data`")
    layer: str | None = Field(None, description="layer of a GeoPackage; its only layer if omitted")
    # a second file that holds the attributes of the shapes, and how its rows find theirs
    attributes: str | None = Field(None, description="CSV file whose rows are joined to the shapes by `key`")
    key: str | None = Field(None, description="column that joins shapes and attributes")
    crosswalk: CrosswalkOptions | None = Field(
        None, description="from the areas of `attributes` to those of the outlines"
    )
    dissolve: bool = Field(False, description="merge outlines of one id: parts of one area")
    allow_unmatched: float | None = Field(
        None,
        ge=0,
        le=1,
        description="share of the homes, or of the area, that may lack a partner in the other file; 0.1 if omitted",
    )
    # points from a text table
    longitude: str = Field("longitude", description="column with degrees east (points from a CSV file)")
    latitude: str = Field("latitude", description="column with degrees north (points from a CSV file)")
    # from the file's columns to Holdfast's: `where` and `null_values` name the file's, all others Holdfast's
    columns: dict[str, str] = Field({}, description="Holdfast's column name = the file's column name")
    scale: dict[str, float] = Field(
        {}, description="Holdfast's column = factor to its unit, such as 0.09290304 for ft2"
    )
    where: dict[str, list[str | int | float | bool]] = Field(
        {}, description="keep rows whose column has a listed value"
    )
    null_values: dict[str, list[str | int | float]] = Field({}, description="codes that mean unknown, by file column")
    drop_null: list[str] = Field([], description="drop rows in which one of these Holdfast columns is empty")
    recode: dict[str, dict[str, str]] = Field(
        {}, description="Holdfast's column = table from the file's codes to Holdfast's, such as occupancies"
    )
    # of building tables alone: what nobody can see from the numbers
    area: str | None = Field(
        None, description="what the floor area of a building table is: total (all stories) or footprint (of one)"
    )
    infer: dict[str, str | int | float] = Field(
        {}, description="attribute of a building table that may be filled = the rule; see docs/city.md"
    )
    # of tables of shaking, water and wind alone
    units: dict[str, str] = Field({}, description="intensity measure = the file's unit, such as PGA = '%g'")
    fill: dict[str, float] = Field(
        {}, description="measure = value where a raster has none, such as depth = 0 where only wet pixels have one"
    )
    tiles: list[str] = Field([], description="further files of a raster in tiles; the first that has a value counts")
    # of a water level over a terrain alone
    level_m: float | None = Field(None, ge=-500, le=10_000, description="level of the water, m above the datum")
    level_datum: str | None = Field(None, description="height datum of `level_m`, such as NAVD88")
    datum: str | None = Field(None, description="height datum of the terrain; the same, or the table is refused")
    water_from: tuple[float, float] | None = Field(
        None,
        description="longitude and latitude in the water from which land must be reached; any low ground if omitted",
    )
    crs: str | None = Field(None, description="CRS of a file that does not state its own")
    # provenance: copied into manifest and report as written, read by no code
    title: str = Field("", description="name of the data set, for the report")
    licence: str = Field("", description="licence of the data set, for the report")
    date: str = Field("", description="date or period of the data, for the report")
    link: str = Field("", description="where the data set is published, for the report")
    note: str = Field("", description="what a reader must know, such as 'stand-in polygons'")

"""What every section of a study shares."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Base of all sections: frozen, no unknown keys, no infinite numbers."""

    # frozen: a study that was checked stays so; forbid: a misspelt key would otherwise be a silent default
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

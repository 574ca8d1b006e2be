"""Who is behind the data of a study, what may be handed on, and whether levels fall on groups alike."""

from pydantic import Field

from holdfast.config.base import Section


class RegisterEntry(Section):
    """What a register of inputs says of one table, besides title, licence, date and link of the table itself."""

    purpose: str = Field("", description="what the data were collected for")
    owner: str = Field("", description="who answers for the data set")
    collection: str = Field("", description="how the data were collected")
    personal: bool | None = Field(None, description="whether it holds data of persons; null where nobody has said")
    consent: str = Field("", description="of personal data: by what consent or law they are used")


class GovernanceOptions(Section):
    """Register of inputs, suppression in what is handed on, audit of levels by group."""

    register_of: dict[str, RegisterEntry] = Field({}, description="table = what the register says of it")
    fewest_households: float = Field(
        10.0, ge=3, le=1000, description="homes below which nothing of a cell is handed on"
    )
    audit: list[str] = Field(
        [], description="groups to audit levels by: features, or columns of your own as table.column"
    )

"""How the models of productivity and service capacity are trained."""

from holdfast.config.base import Section


class TrainingOptions(Section):
    """Training of the models behind the packaged tables."""

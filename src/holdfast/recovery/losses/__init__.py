"""What a run is summed up to: losses, milestones, causes, exceedance, comparison."""

from holdfast.recovery.losses.comparison import paired
from holdfast.recovery.losses.exceedance import average_annual_loss, loss_of_return_period
from holdfast.recovery.losses.losses import estimate
from holdfast.recovery.losses.milestones import days_to

__all__ = ["average_annual_loss", "days_to", "estimate", "loss_of_return_period", "losses", "paired"]

"""Size and training of the networks."""

from dataclasses import dataclass


@dataclass(frozen=True)
class NetworkSettings:
    """Size and training of an autoencoder. Not specified in the paper: all ours.

    Parameters
    ----------
    hidden, latent : int
        Units of the hidden layer, and numbers that code a cell.
    epochs : int
        Passes over the cells.
    learning_rate : float
        Step of the Adam optimiser.
    refine_epochs, update_interval : int
        Passes of the refinement by DEC and IDEC, and passes between two of its targets.
    cluster_weight : float
        Weight of the groups in the loss of IDEC.
    """

    hidden: int = 16
    latent: int = 4
    epochs: int = 300
    learning_rate: float = 0.01
    refine_epochs: int = 200
    update_interval: int = 10
    cluster_weight: float = 0.1


NETWORK = NetworkSettings()
"""What methods take where nothing is said."""

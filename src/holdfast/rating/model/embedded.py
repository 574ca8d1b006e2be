"""Deep embedded clustering: the code of an autoencoder is bent until its groups stand apart. Needs torch."""

import numpy as np
import torch

from holdfast.errors import NotConverged
from holdfast.rating.model.autoencoder import Network, forward, one_thread, single
from holdfast.rating.model.network_settings import NetworkSettings
from holdfast.types import Floats

STILL = 0.001  # share of the cells that may change group between two targets when training ends
LEAST = 1e-12  # shares below it are taken as this in a logarithm


def soft_assignment(codes: torch.Tensor, centroids: torch.Tensor) -> torch.Tensor:
    """How far each cell belongs to each group, (refit, cell, group): Student's t with one degree of freedom.

    References
    ----------
    Xie, Girshick & Farhadi (2016), equation 1; van der Maaten & Hinton (2008).
    """
    distance = codes.square().sum(-1, keepdim=True) - 2.0 * codes @ centroids.mT
    closeness = 1.0 / (1.0 + (distance + centroids.square().sum(-1)[:, None, :]).clamp_min(0.0))
    return closeness / closeness.sum(-1, keepdim=True)


def target(assignment: torch.Tensor) -> torch.Tensor:
    """Sharpened assignment (refit, cell, group) over all cells of the fit, with large groups held back.

    References
    ----------
    Xie, Girshick & Farhadi (2016), equation 3.

    Examples
    --------
    >>> target(torch.tensor([[[0.8, 0.2], [0.2, 0.8]]])).round(decimals=3).tolist()[0][0]
    [0.9409999847412109, 0.05900000035762787]
    """
    weight = assignment.square() / assignment.sum(dim=1, keepdim=True)
    return weight / weight.sum(-1, keepdim=True)


def divergence(goal: torch.Tensor, assignment: torch.Tensor) -> torch.Tensor:
    """Kullback-Leibler divergence of the assignment from its target, mean over the cells, sum over the refits.

    References
    ----------
    Xie, Girshick & Farhadi (2016), equation 2.
    """
    ratio = goal.clamp_min(LEAST) / assignment.clamp_min(LEAST)
    return (goal * ratio.log()).sum(-1).mean(1).sum()


def refine(network: Network, values: Floats, centroids: Floats, settings: NetworkSettings, *, rebuild: bool) -> Floats:
    """Train encoder and centroids on towards their own sharpened assignment; `network` is changed.

    Parameters
    ----------
    network, values : Network, ndarray
        One network per refit, and what they were fitted to, (refit, cell, input).
    centroids : ndarray
        Shape (refit, group, latent), from k-means on the codes; the result has the same.
    settings : NetworkSettings
        ``refine_epochs``, ``update_interval``, ``learning_rate`` and, with `rebuild`, ``cluster_weight``.
    rebuild : bool
        Keep the reconstruction error in the loss (IDEC) or not (DEC).

    Raises
    ------
    NotConverged
        If a loss is not finite.

    References
    ----------
    Xie, Girshick & Farhadi (2016), DEC; Guo et al. (2017), IDEC. Departs from both in full batches and Adam.
    """
    inputs, middle = single(values), single(centroids).requires_grad_()
    trained = network.layers if rebuild else network.layers[:2]
    optimiser = torch.optim.Adam([middle, *(p for layer in trained for p in layer)], lr=settings.learning_rate)
    weight = settings.cluster_weight if rebuild else 1.0
    before: torch.Tensor | None = None
    goal = torch.empty(0)
    with one_thread():
        for epoch in range(settings.refine_epochs):
            optimiser.zero_grad()
            code, output = forward(network.layers, inputs)
            assignment = soft_assignment(code, middle)
            # as in both papers, the target is held between updates, and training ends when few cells change group
            if epoch % settings.update_interval == 0:
                goal = target(assignment.detach())
                groups = assignment.detach().argmax(-1)
                if before is not None and bool(((groups != before).float().mean(1) < STILL).all()):
                    break
                before = groups
            loss = weight * divergence(goal, assignment)
            if rebuild:
                loss = loss + (output - inputs).square().mean(dim=(1, 2)).sum()
            if not torch.isfinite(loss):
                text = "deep embedded clustering diverged; lower the learning_rate of its autoencoder"
                raise NotConverged(text)
            loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
            optimiser.step()
    return middle.detach().numpy().astype(np.float64)

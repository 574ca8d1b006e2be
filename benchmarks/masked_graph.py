"""Attempts at a deep rating: networks that learn to fill in masked features, put before the default.

Each takes standardised features (cell, feature), who touches whom and people, and gives features from which errors are taken
out as far as the other features of the cell, and of the touching cells, tell what a feature should be. The default then sums
them up as it does the features themselves: a monotone head.
"""

import numpy as np
from scipy import sparse

from holdfast.rating.model.neighbours import neighbour_means

OWN = 0.75  # of the measured value; the rest is what the network fills in
RIDGE = 10.0
HIDDEN, EPOCHS, MASKED, RATE = 32, 300, 0.3, 0.01


def masked_ridge(scaled: np.ndarray, touching: sparse.csr_array, people: np.ndarray, _: int) -> np.ndarray:
    """Each feature from the others of the cell and the means of all over the touching cells, by ridge regression."""
    means = neighbour_means(scaled, touching)
    filled = np.empty_like(scaled)
    for k in range(scaled.shape[1]):
        seen = np.column_stack([np.ones(len(scaled)), np.delete(scaled, k, axis=1), means])
        weighted = seen * people[:, None]
        inside = weighted.T @ seen / people.mean() + RIDGE * np.eye(seen.shape[1])
        filled[:, k] = seen @ np.linalg.solve(inside, weighted.T @ scaled[:, k] / people.mean())
    return OWN * scaled + (1 - OWN) * filled


def _network(scaled: np.ndarray, means: np.ndarray | None, people: np.ndarray, seed: int) -> np.ndarray:
    """Fill in masked features by a network of one hidden layer that sees the rest, the mask, and perhaps the neighbours."""
    import torch

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    values = torch.tensor(scaled, dtype=torch.float32)
    beside = values[:, :0] if means is None else torch.tensor(means, dtype=torch.float32)
    count = scaled.shape[1]
    network = torch.nn.Sequential(
        torch.nn.Linear(2 * count + beside.shape[1], HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, count)
    )
    weight = torch.tensor(people / people.mean(), dtype=torch.float32)[:, None]
    optimiser = torch.optim.Adam(network.parameters(), RATE, weight_decay=1e-3)
    for _ in range(EPOCHS):
        mask = (torch.rand(values.shape) < MASKED).float()
        found = network(torch.cat([values * (1 - mask), mask, beside], dim=1))
        loss = (weight * mask * (found - values) ** 2).sum() / (weight * mask).sum()
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    filled = np.empty_like(scaled)
    with torch.no_grad():
        for k in range(count):  # one feature hidden at a time
            mask = torch.zeros_like(values)
            mask[:, k] = 1
            filled[:, k] = network(torch.cat([values * (1 - mask), mask, beside], dim=1))[:, k].numpy()
    return OWN * scaled + (1 - OWN) * filled


def masked_network(scaled: np.ndarray, _: sparse.csr_array, people: np.ndarray, seed: int) -> np.ndarray:
    """A masked autoencoder of the cell alone."""
    return _network(scaled, None, people, seed)


def masked_graph(scaled: np.ndarray, touching: sparse.csr_array, people: np.ndarray, seed: int) -> np.ndarray:
    """A masked autoencoder that sees the means of the touching cells too."""
    return _network(scaled, neighbour_means(scaled, touching), people, seed)


ATTEMPTS = {"masked ridge": masked_ridge, "masked network": masked_network, "masked graph network": masked_graph}

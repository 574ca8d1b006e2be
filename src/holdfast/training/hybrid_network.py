"""The hybrid network: a recurrent encoder of months and a dense encoder of static features, joined. Needs torch."""

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from holdfast.errors import NotConverged
from holdfast.training.hyperparameters import OutputSettings
from holdfast.training.model_inputs import Inputs

Parts = dict[str, torch.Tensor]


def start(temporal: int, static: int, options: OutputSettings, generator: np.random.Generator) -> Parts:
    """Random first weights, uniform within one over the root of the inputs; name to tensor that learns."""
    h, d = options.hidden, options.dense
    # rows, columns, and the number of inputs; the recurrent unit holds its three gates side by side
    shapes = {
        "recurrent.input": (temporal, 3 * h, temporal),
        "recurrent.state": (h, 3 * h, h),
        "static": (static, d, static),
        "joined": (h + d, d, h + d),
        "output": (d, 1, d),
    }
    parts: Parts = {}
    for name, (rows, columns, fan) in shapes.items():
        bound = 1.0 / np.sqrt(fan)
        for kind, size in (("weight", (rows, columns)), ("bias", (1, columns))):
            values = generator.uniform(-bound, bound, size)
            parts[f"{name}.{kind}"] = torch.tensor(values, dtype=torch.float32, requires_grad=True)
    return parts


def forward(parts: Parts, months: torch.Tensor, place: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
    """Normalised level (row,), in spreads of the industry, of rows with months of their place and static features.

    References
    ----------
    Zhou, Xiao & Xu (2025): a recurrent encoder for temporal and a dense one for static features, concatenated.
    Not specified in the paper: kind of cell, sizes, loss and training.
    """
    size = parts["recurrent.state.weight"].shape[0]
    # a gated recurrent unit (Cho et al. 2014) reads the months of each place, of which many rows share one
    state = torch.zeros((months.shape[0], size))
    seen = months @ parts["recurrent.input.weight"] + parts["recurrent.input.bias"]
    for month in range(months.shape[1]):
        now = seen[:, month]
        past = state @ parts["recurrent.state.weight"] + parts["recurrent.state.bias"]
        reset = torch.sigmoid(now[:, :size] + past[:, :size])
        keep = torch.sigmoid(now[:, size : 2 * size] + past[:, size : 2 * size])
        fresh = torch.tanh(now[:, 2 * size :] + reset * past[:, 2 * size :])
        state = (1.0 - keep) * fresh + keep * state
    static = torch.relu(dense @ parts["static.weight"] + parts["static.bias"])
    joined = torch.cat([state[place], static], dim=1)
    joined = torch.relu(joined @ parts["joined.weight"] + parts["joined.bias"])
    return (joined @ parts["output.weight"] + parts["output.bias"])[:, 0]


def predict(parts: Parts, given: Inputs) -> np.ndarray:
    """Normalised level of every row, shape (row,), in units of the industry's spread."""
    with threadpool_limits(limits=1), torch.no_grad():
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        made = forward(parts, _tensor(given.months), torch.from_numpy(given.place), _tensor(given.dense))
        torch.set_num_threads(threads)
    return made.numpy().astype(np.float64)


def train(
    given: Inputs, fit: np.ndarray, epochs: int, options: OutputSettings, generator: np.random.Generator
) -> tuple[Parts, np.ndarray]:
    """Fit one network to the rows `fit` of all rows given.

    Returns
    -------
    dict
        Fitted weights and biases.
    ndarray
        Predictions of all rows after each epoch, shape (epoch, row), float32.

    Raises
    ------
    NotConverged
        If a prediction is not finite.

    References
    ----------
    AdamW (Loshchilov & Hutter 2019) on Huber's loss; one batch holds all industries of some places.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # sums in another order differ in the last bit
    try:
        parts = start(given.months.shape[2], given.dense.shape[1], options, generator)
        optimiser = torch.optim.AdamW(list(parts.values()), lr=options.learning_rate, weight_decay=options.weight_decay)
        months, dense, target = _tensor(given.months), _tensor(given.dense), _tensor(given.target)
        order = np.flatnonzero(fit)
        # rows of one place stand together, so that the months of a place are read once for all its industries
        order = order[np.argsort(given.place[order], kind="stable")]
        starts = np.flatnonzero(np.diff(given.place[order], prepend=-1))
        groups = np.split(order, starts[1:])
        history = np.zeros((epochs, fit.size), dtype=np.float32)
        every = torch.from_numpy(given.place)
        for epoch in range(epochs):
            shuffled = generator.permutation(len(groups))
            for first in range(0, len(groups), options.places_per_batch):
                chosen = [groups[k] for k in shuffled[first : first + options.places_per_batch]]
                rows = torch.from_numpy(np.concatenate(chosen))
                local = torch.from_numpy(np.repeat(np.arange(len(chosen)), [len(c) for c in chosen]))
                spots = torch.from_numpy(given.place[[c[0] for c in chosen]])
                optimiser.zero_grad()
                made = forward(parts, months[spots], local, dense[rows])
                loss = torch.nn.functional.huber_loss(made, target[rows])
                loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
                optimiser.step()
            with torch.no_grad():
                # kept for every epoch, from which the caller chooses the number of passes
                history[epoch] = forward(parts, months, every, dense).numpy()
    finally:
        torch.set_num_threads(threads)
    if not np.isfinite(history).all():
        text = "the network of net output diverged; lower training.net_output.learning_rate"
        raise NotConverged(text)
    return {name: tensor.detach() for name, tensor in parts.items()}, history


def _tensor(values: np.ndarray) -> torch.Tensor:
    """Single precision."""
    return torch.tensor(values, dtype=torch.float32)

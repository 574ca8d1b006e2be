"""Wing A: how resilient each cell of a region is. Pure: no input or output."""

from holdfast.kernels import share_kernels

share_kernels()  # before anything here loads numba

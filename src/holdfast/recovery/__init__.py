"""Wing B: how a city loses and regains its functions. Pure: no input or output."""

from holdfast.kernels import share_kernels

share_kernels()  # before anything here loads numba

"""Wing A: how resilient each cell of a region is. Pure: no input or output."""

"""Training of the models behind the packaged tables of productivity and service capacity. Pure: no input or output."""

"""The features of a cell: one function each, one module per pillar."""

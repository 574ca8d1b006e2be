"""Colours that stay apart under every colour-vision deficiency (a test holds them to that)."""

LEVELS = ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725")
SEQUENTIAL = ("#00224e", "#434e6c", "#7d7c78", "#bcae6c", "#fee838")
CATEGORIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#000000")
NO_DATA = "#d9d9d9"
CHANGES = ("#e66101", "#fdb863", "#f7f7f7", "#b2abd2", "#5e3c99")

"""Colours that stay apart under every colour-vision deficiency (a test holds them to that)."""

LEVELS = ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725")
SEQUENTIAL = ("#00224e", "#434e6c", "#7d7c78", "#bcae6c", "#fee838")
CATEGORIES = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#f0e442", "#000000")
NO_DATA = "#d9d9d9"
CHANGES = ("#e66101", "#fdb863", "#f7f7f7", "#b2abd2", "#5e3c99")
RISKS = ("#00224e", "#35456c", "#666970", "#948e77", "#c8b866", "#fee838")
BIVARIATE = ("#d8690d", "#f6cf7c", "#e4f7f7", "#8c2421", "#96908d", "#7fbaef", "#0f0813", "#09158a", "#4f6db8")
"""Three of low risk, three of middle, three of high; of each three low, middle and high resilience. Darker is riskier, warmer is
less resilient; found by a search for the largest least difference under every deficiency."""
NEITHER = "#bebebe"  # beside them: of a cell without both levels

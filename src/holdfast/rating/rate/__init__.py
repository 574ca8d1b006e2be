"""The stages of a rating in order (`stages`), and the same for a frame of a researcher's own columns (`own_features`)."""

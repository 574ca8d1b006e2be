"""Why a cell has its level: what each feature contributes, how far that can be believed, and kinds of cells."""

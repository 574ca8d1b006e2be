"""What may be handed on of a rating, and whether its levels fall on groups of people alike."""

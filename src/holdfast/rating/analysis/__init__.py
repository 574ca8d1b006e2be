"""Reading aids beside a rating: additive index, spatial pattern, sensitivity, effective weights."""

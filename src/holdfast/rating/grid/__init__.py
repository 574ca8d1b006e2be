"""The ground of a rating: cells, pieces of shapes in cells, streets, reach."""

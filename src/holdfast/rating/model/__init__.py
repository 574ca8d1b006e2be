"""From features to levels: scaling, methods, refits, orderings, and the model they leave behind."""

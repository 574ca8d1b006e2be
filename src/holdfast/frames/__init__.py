"""From frames to checked tables, whether of a file or of memory: what is missing is filled by rules, and marked."""

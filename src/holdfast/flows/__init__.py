"""The verbs, one module each: read, call the core, write, report."""

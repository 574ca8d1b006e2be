"""From files to tables that pass their schema."""

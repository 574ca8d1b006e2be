"""Pictures and text from results."""

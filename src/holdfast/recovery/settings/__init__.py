"""What a run is given: the published figures (`parameters`) and the settings of damage, recovery and production (`run_settings`)."""

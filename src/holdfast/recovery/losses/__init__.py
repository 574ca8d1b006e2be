"""What a run is summed up to: losses, milestones, causes, exceedance, comparison."""

"""What would become of a rating: interventions on features, who gains and falls, and the cheapest change."""

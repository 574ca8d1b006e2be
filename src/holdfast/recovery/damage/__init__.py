"""From shaking to damage: states, repair work and cost, delays, casualties."""

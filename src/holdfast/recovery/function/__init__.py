"""What buildings can do: economic productivity and service capacity under given services."""

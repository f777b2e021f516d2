"""What stands in for Azure on a laptop: the simulated Resource Manager, the Functions host, the demo."""

"""A simulated Resource Manager: as much of it as this app can see, held to real recordings."""

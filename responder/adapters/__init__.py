"""The only code that talks to Azure, to storage, to the disk or to a collector."""

"""Who and where: organisations, police areas, areas of work."""

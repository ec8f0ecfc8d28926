"""Restore drills: the latest backup, restored beside the live database and compared with it."""

"""Sections of long pages; each is handed what it shows."""

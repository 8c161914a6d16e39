"""Boundaries: a base map of communities, experiments on it, and what each change does."""

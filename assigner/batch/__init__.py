"""Every community in one run: what is to be solved, where it is kept, and who solves it."""

"""Answers as people read them: the terminal, and how a solve is going."""

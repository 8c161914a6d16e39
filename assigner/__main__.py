"""``python -m assigner``."""

from assigner.cli import main

main()

"""``python -m assigner``, ``py -m assigner``: for those whose console does not find the program ``assigner``.

Python puts the current folder first on its path then, where a file ``models.py`` of the reader's own would stand in the
way of ours. Nothing is needed from that folder unless the program itself lies there, so it is taken off the path.
"""

import sys
from pathlib import Path

_BESIDE = Path(__file__).resolve().parent.parent
if not sys.flags.safe_path and sys.path and Path(sys.path[0] or ".").resolve() != _BESIDE:
    del sys.path[0]

from assigner.cli import main  # noqa: E402

main()

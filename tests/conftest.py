"""What all tests share: no example is judged by the time it took, which says more of the machine than of the code."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")

"""What all tests share: how many examples a property is tried on.

By default the same few each time, so that a run is short and says the same as the last one; `make campaign` draws many
anew. No example is judged by the time it took, which says more of the machine than of the code.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None, max_examples=25, derandomize=True)
settings.register_profile("campaign", deadline=None, max_examples=1000)
settings.load_profile("house")

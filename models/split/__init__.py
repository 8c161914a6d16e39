"""Two plans instead of one [捌、一（二）]: whether a split is allowed, which division is best, and what it trades."""

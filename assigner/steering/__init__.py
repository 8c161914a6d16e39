"""To steer a plan that stands: ways out, two plans side by side, repair, the next year, fairness.

`models` does the mathematics; here files become values, and values the documents that are written.
"""

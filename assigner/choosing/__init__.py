"""What else could be decided: largest load against travel, all optimal plans, clearly different plans."""

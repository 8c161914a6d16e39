"""Two plans instead of one: from a scenario to the best pair, what it trades, and the files of it."""

"""Why this plan, what if, the price of each rule, what hangs on our numbers: questions about the plan of a scenario."""

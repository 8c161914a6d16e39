"""What if: the best plan under changes, the cost of each host, the price of each rule, what hangs on our numbers.

Everything is solved again through all tiers and proven; nothing is a local swap.
"""

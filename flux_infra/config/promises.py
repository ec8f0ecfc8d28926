"""What Flux promises, where functions and objectives must mean the same number."""

SALES_VISIBLE_SECONDS = 1_200
"""A sale is stored at most this long after it was rung up, s: the 15 minutes between two syncs, and their work."""

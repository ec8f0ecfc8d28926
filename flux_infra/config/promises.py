"""What Flux promises, where functions and objectives must mean the same number."""

# A sale is stored at most this long after it was rung up, seconds: the 15 minutes between two syncs, and their work.
SALES_VISIBLE_SECONDS = 1_200

# The night's forecasts are complete at this hour, UTC: before kitchens in Europe order.
FORECASTS_DUE_HOUR = 5

"""HTTP APIs of API Gateway: what a function receives and what becomes of its answer. Nothing here knows ministack."""

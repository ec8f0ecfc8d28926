"""Running functions: processes that behave like Lambda's Python 3.13 runtime. Nothing here knows ministack."""

"""Metrics and alarms as CloudWatch defines them. Nothing here knows ministack."""

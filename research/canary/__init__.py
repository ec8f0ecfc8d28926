"""Simulation of canary releases: what is caught, when, and what it costs users."""

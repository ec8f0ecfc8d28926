"""What an environment costs a month, read from its templates."""

"""A game day: what may go wrong does, on the platform of this machine, and alarms and runbooks are tried on it."""

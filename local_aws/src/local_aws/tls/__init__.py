"""TLS in front of the local PostgreSQL and Valkey, whose binaries have none: clients connect as they do on AWS."""

"""How the HTTP API tells CloudFront from everybody else."""

# CloudFront adds it to every request to the API, and replaces whatever a viewer sent under this name ("Add custom
# headers to origin requests", CloudFront Developer Guide).
ORIGIN_HEADER = "x-flux-origin"

# The field of the origin secret that holds the header's value.
ORIGIN_FIELD = "value"

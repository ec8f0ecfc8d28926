"""What Flux's functions agree on about Square's API."""

# The version of the API that all calls name, and that the models of its answers were written against.
API_VERSION = "2025-01-23"

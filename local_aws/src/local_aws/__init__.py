"""What ministack lacks to be Flux's AWS, added in its own process.

A module that reaches into ministack lists what it relies on there in `EXPECTATIONS`; those named in `parts.py` have an
`install()` that patches ministack. `server.py` checks every expectation before it installs anything. The packages
`http_api`, `releases`, `runtime`, `serving`, `telemetry` and `tls` know nothing of ministack, so any Python tests them.
"""

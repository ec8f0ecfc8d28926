"""What ministack lacks to be Flux's AWS, added in its own process.

Each module is one part. A part has `EXPECTATIONS` (what it relies on inside ministack) and `install()`, which patches
ministack; `server.py` checks all expectations before it installs anything.
"""

"""AWS on this machine, behind one endpoint URL. `python -m local_aws --help` says how to start it.

`local_aws.alarms` is for everybody: how CloudWatch evaluates alarms, without dependencies. Everything else is private.

What the modules rely on inside ministack stands in `ministack.txt`; those named in `patches.py` have an `install()`
that patches it. The packages `alarms`, `http_api`, `releases`, `runtime`, `serving`, `telemetry` and `tls` know nothing
of ministack.
"""

"""How long the functions wait for AWS: not so long that they could not answer before their own time is up."""

CONNECT_SECONDS = 1
READ_SECONDS = 1.5
ATTEMPTS = 2

# What a call takes at the most: botocore waits up to a second before the first retry. A function with ten seconds still
# answers for itself when a service hangs; who has less left does not begin a call.
SLOWEST_CALL_SECONDS = ATTEMPTS * (CONNECT_SECONDS + READ_SECONDS) + (ATTEMPTS - 1)

"""The log: one JSON object a line, with the function's name, the request id and, once it is known, the tenant."""

from aws_lambda_powertools import Logger

# The name comes from POWERTOOLS_SERVICE_NAME, the level from Lambda (LoggingConfig).
logger = Logger(utc=True, use_rfc3339=True)

"""The log: one JSON object a line, with the function's name, the request id and, once it is known, the tenant."""

from aws_lambda_powertools import Logger

# Name and level come from POWERTOOLS_SERVICE_NAME and POWERTOOLS_LOG_LEVEL.
logger = Logger(utc=True, use_rfc3339=True)

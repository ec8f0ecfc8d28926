"""The AWS services that an environment reaches through interface endpoints of its VPC."""

# By construct id; the last part of the service's name, `com.amazonaws.<region>.<name>`.
ENDPOINT_SERVICES = {
    "SecretsManager": "secretsmanager",
    "Sqs": "sqs",
    "SageMakerRuntime": "sagemaker.runtime",
    "Kms": "kms",
    # The release gate invokes the new version and tells CodeDeploy what it found.
    "Lambda": "lambda",
    "CodeDeploy": "codedeploy",
    # Migrations begin with a snapshot.
    "Rds": "rds",
    # The rotation of the cache's password.
    "ElastiCache": "elasticache",
}
# Logs, metrics and traces are not here: Lambda delivers them itself, from outside the VPC.

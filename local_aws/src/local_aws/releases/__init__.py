"""CodeDeploy for Lambda: what it knows and how it shifts traffic. Nothing here knows ministack."""

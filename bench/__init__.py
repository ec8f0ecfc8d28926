"""What synthesis costs beside aws-cdk-lib's own work on the same templates."""

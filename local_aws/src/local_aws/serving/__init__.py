"""Serving models as SageMaker's scikit-learn container does; knows nothing of ministack."""

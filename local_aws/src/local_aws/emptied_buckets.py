"""The CDK's custom resource that empties buckets, done here instead of by its function.

`Custom::S3AutoDeleteObjects` is a Node function with the SDK of Lambda's runtime, which is not on this machine.
"""

from typing import override

from .clients import s3
from .resources import Request, Resource, ResourceType, register
from .values import Properties


class EmptiedBucket(ResourceType):
    """`Custom::S3AutoDeleteObjects`: empties a bucket, old versions included, before the bucket is deleted."""

    name = "Custom::S3AutoDeleteObjects"
    slow = True

    @override
    def create(self, request: Request) -> Resource:
        return Resource(physical_id=f"emptied-{request.properties.text('BucketName')}")

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        bucket = properties.text("BucketName")
        client = s3()
        try:
            pages = list(client.get_paginator("list_object_versions").paginate(Bucket=bucket))
        except client.exceptions.NoSuchBucket:
            return
        for page in pages:
            for version in page.get("Versions", []):
                client.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
            for marker in page.get("DeleteMarkers", []):
                client.delete_object(Bucket=bucket, Key=marker["Key"], VersionId=marker["VersionId"])


def install() -> None:
    """Register the type, so that ministack does not call its function."""
    register(EmptiedBucket())

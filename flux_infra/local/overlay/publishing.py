"""The CDK's custom resources that fill and empty buckets, done here instead of by their functions.

`Custom::CDKBucketDeployment` runs `aws s3 sync` from a Lambda layer with the AWS CLI, and `Custom::S3AutoDeleteObjects`
a Node function with the SDK of Lambda's runtime; neither is on this machine. Not imitated: invalidation, because the
local CloudFront caches nothing.
"""

import uuid
from typing import TYPE_CHECKING, override

from .bucket_content import Filters, Source, content_type
from .clients import s3
from .expectations import Expectation
from .resources import Request, Resource, ResourceType, register
from .values import Properties

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PutObjectRequestTypeDef

EXPECTATIONS: tuple[Expectation, ...] = ()


class BucketDeployment(ResourceType):
    """`Custom::CDKBucketDeployment`: the files of archives, in a bucket."""

    name = "Custom::CDKBucketDeployment"
    slow = True

    @override
    def create(self, request: Request) -> Resource:
        return self._deploy(f"aws.cdk.s3deployment.{uuid.uuid4()}", request.properties)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        if _destination(old) != _destination(request.properties):
            self.delete(physical_id, old)
        return self._deploy(physical_id, request.properties)

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        if not properties.flag("RetainOnDelete", default=True):
            bucket, prefix = _destination(properties)
            for key in _keys(bucket, prefix):
                s3().delete_object(Bucket=bucket, Key=key)

    def _deploy(self, physical_id: str, properties: Properties) -> Resource:
        bucket, prefix = _destination(properties)
        filters = Filters(exclude=properties.texts("Exclude"), include=properties.texts("Include"))
        files = _files(properties)
        for name, content in files.items():
            if filters.admit(name):
                s3().put_object(**_put(properties, bucket=bucket, key=prefix + name, content=content))
        if properties.flag("Prune", default=True):
            for key in _keys(bucket, prefix):
                name = key.removeprefix(prefix)
                if name not in files and filters.admit(name):
                    s3().delete_object(Bucket=bucket, Key=key)
        keys = properties.texts("SourceObjectKeys") if properties.flag("OutputObjectKeys", default=True) else []
        return Resource(
            physical_id=physical_id,
            attributes={
                "DestinationBucketArn": properties.text("DestinationBucketArn", f"arn:aws:s3:::{bucket}"),
                "SourceObjectKeys": [*keys],
            },
        )


class EmptiedBucket(ResourceType):
    """`Custom::S3AutoDeleteObjects`: empties a bucket, old versions included, before the bucket is deleted."""

    name = "Custom::S3AutoDeleteObjects"
    slow = True

    @override
    def create(self, request: Request) -> Resource:
        return Resource(physical_id=f"emptied-{request.properties.text('BucketName')}")

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        return self.create(request)

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


def _destination(properties: Properties) -> tuple[str, str]:
    """Bucket and key prefix; a prefix ends in a slash."""
    prefix = properties.text("DestinationBucketKeyPrefix", "").strip("/")
    return properties.text("DestinationBucketName"), f"{prefix}/" if prefix else ""


def _files(properties: Properties) -> dict[str, bytes]:
    """The files of all archives by name; a later archive's file replaces an earlier one's."""
    buckets, keys = properties.texts("SourceBucketNames"), properties.texts("SourceObjectKeys")
    markers = properties.children("SourceMarkers") or [Properties({})] * len(buckets)
    settings = properties.children("SourceMarkersConfig") or [Properties({})] * len(buckets)
    files: dict[str, bytes] = {}
    for bucket, key, marker, setting in zip(buckets, keys, markers, settings, strict=True):
        archive = s3().get_object(Bucket=bucket, Key=key)["Body"].read()
        if not properties.flag("Extract", default=True):
            files[key.rpartition("/")[2]] = archive
            continue
        values = {name: marker.text(name) for name in marker.values}
        source = Source(archive=archive, markers=values, escape=setting.flag("jsonEscape", default=False))
        files.update(source.files())
    return files


def _put(properties: Properties, *, bucket: str, key: str, content: bytes) -> "PutObjectRequestTypeDef":
    """One upload with the deployment's metadata.

    Raises:
        ValueError: it wants metadata that nothing here imitates.
    """
    metadata = {name.lower(): value for name, value in properties.texts_by_name("SystemMetadata").items()}
    put: PutObjectRequestTypeDef = {
        "Bucket": bucket,
        "Key": key,
        "Body": content,
        "ContentType": metadata.pop("content-type", content_type(key)),
        "Metadata": {name.lower(): value for name, value in properties.texts_by_name("UserMetadata").items()},
    }
    if "cache-control" in metadata:
        put["CacheControl"] = metadata.pop("cache-control")
    if "content-disposition" in metadata:
        put["ContentDisposition"] = metadata.pop("content-disposition")
    if "content-encoding" in metadata:
        put["ContentEncoding"] = metadata.pop("content-encoding")
    if "content-language" in metadata:
        put["ContentLanguage"] = metadata.pop("content-language")
    if metadata:
        raise ValueError(f"SystemMetadata: AWS on this machine does not imitate {', '.join(sorted(metadata))}")
    return put


def _keys(bucket: str, prefix: str) -> list[str]:
    pages = s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def install() -> None:
    """Register the types, so that ministack does not call their functions."""
    register(BucketDeployment(), EmptiedBucket())

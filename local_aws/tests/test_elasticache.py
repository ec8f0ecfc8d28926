"""A replication group on this machine is a real Valkey that lets in whom its template names."""

import os
import secrets
import signal
import time
from collections.abc import Mapping

import pytest
import valkey

from .emulator import Aws
from .stacks import CloudFormation, Resources, attribute

# ElastiCache's passwords have 16 characters or more.
FIRST, SECOND = secrets.token_hex(10), secrets.token_hex(10)

OUTPUTS = {
    "Host": attribute("Cache", "PrimaryEndPoint.Address"),
    "Port": attribute("Cache", "PrimaryEndPoint.Port"),
}


def cache(stack: str, access: str, password: str) -> Resources:
    return {
        "User": {
            "Type": "AWS::ElastiCache::User",
            "Properties": {
                "Engine": "valkey",
                "UserId": stack,
                "UserName": "shop",
                "AccessString": access,
                "Passwords": [password],
            },
        },
        "Users": {
            "Type": "AWS::ElastiCache::UserGroup",
            "Properties": {"Engine": "valkey", "UserGroupId": stack, "UserIds": [{"Ref": "User"}]},
        },
        "Cache": {
            "Type": "AWS::ElastiCache::ReplicationGroup",
            "Properties": {
                "Engine": "valkey",
                "CacheNodeType": "cache.t4g.micro",
                "ReplicationGroupDescription": "test",
                "NumCacheClusters": 1,
                "Port": 16380,
                "TransitEncryptionEnabled": True,
                "UserGroupIds": [{"Ref": "Users"}],
            },
        },
    }


def client(aws: Aws, outputs: Mapping[str, str], username: str, password: str) -> valkey.Valkey:
    return valkey.Valkey(
        host=outputs["Host"],
        port=int(outputs["Port"]),
        username=username,
        password=password,
        ssl=True,
        ssl_ca_certs=aws.authority,
        socket_timeout=5,
    )


def test_a_replication_group_lets_in_its_user_alone_and_with_its_rights(cloudformation: CloudFormation) -> None:
    outputs = cloudformation.create("cache", cache("cache", "on ~* +@all -@dangerous", FIRST), OUTPUTS)
    shop = client(cloudformation.aws, outputs, "shop", FIRST)
    assert shop.set("key", "value")
    with pytest.raises(valkey.exceptions.NoPermissionError):
        shop.flushall()
    with pytest.raises(valkey.exceptions.AuthenticationError):
        client(cloudformation.aws, outputs, "shop", SECOND).ping()
    with pytest.raises(valkey.exceptions.AuthenticationError):
        client(cloudformation.aws, outputs, "default", "").ping()


def test_a_changed_user_reaches_the_cache_and_its_keys_stay(cloudformation: CloudFormation) -> None:
    outputs = cloudformation.create("rotated", cache("rotated", "on ~* +@all", FIRST), OUTPUTS)
    client(cloudformation.aws, outputs, "shop", FIRST).set("key", "value")
    outputs = cloudformation.update("rotated", cache("rotated", "on ~* +@read", SECOND), OUTPUTS)
    shop = client(cloudformation.aws, outputs, "shop", SECOND)
    assert shop.get("key") == b"value"
    with pytest.raises(valkey.exceptions.NoPermissionError):
        shop.set("key", "other")


def test_a_killed_cache_comes_back_by_itself_on_its_port_with_its_keys_and_users(
    cloudformation: CloudFormation,
) -> None:
    outputs = cloudformation.create("killed-cache", cache("killed-cache", "on ~* +@all", FIRST), OUTPUTS)
    shop = client(cloudformation.aws, outputs, "shop", FIRST)
    shop.set("key", "value")
    server = shop.info("server")
    assert isinstance(server, dict)
    os.kill(server["process_id"], signal.SIGKILL)
    for _ in range(200):
        try:
            assert shop.get("key") == b"value"
        except valkey.exceptions.ConnectionError:
            time.sleep(0.1)
        else:
            break
    assert shop.get("key") == b"value"
    with pytest.raises(valkey.exceptions.AuthenticationError):
        client(cloudformation.aws, outputs, "default", "").ping()

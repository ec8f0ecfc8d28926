"""ElastiCache for Valkey: every replication group is a real Valkey with the template's users, behind TLS.

Access follows the group: the users of its user groups with their access strings, or everybody.
Not imitated: replicas and shards (all endpoints are the one server), failover, snapshots, parameter groups.
"""
# ruff: noqa: SLF001 - ministack's private names; each is listed in ministack.txt

import shutil
import threading
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from typing import override
from xml.sax.saxutils import escape

from ministack.services import elasticache
from ministack.services.cloudformation import provisioners

from .caches import EVERYTHING, Cache, User
from .resources import Request, Resource, Stock, register
from .settings import HOST
from .shutdown import at_shutdown
from .values import Properties

_DEFAULT_PORT = 6379
_PASSWORDS = 2  # ElastiCache User Guide, "Authenticating users with RBAC"


class Caches:
    """Every cache and every user, and who is let in where.

    Attributes:
        users: by user id. ministack keeps no passwords, so they are kept here.
        running: by replication group.
    """

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.running: dict[str, Cache] = {}
        self._lock = threading.Lock()

    def admit(self) -> None:
        """Bring every cache's access up to date with users, user groups and tokens."""
        with self._lock:
            for group, cache in list(self.running.items()):
                cache.admit(self._admitted(group))

    def stop(self) -> None:
        """Stop every cache."""
        with self._lock:
            for cache in list(self.running.values()):
                cache.stop()

    def _admitted(self, group: str) -> dict[str, User]:
        user_groups: list[str] = elasticache._replication_groups[group].get("UserGroupIds") or []
        if user_groups:
            ids = [user for user_group in user_groups for user in elasticache._user_groups[user_group]["UserIds"]]
            admitted = [self.users[user] for user in ids if user in self.users]
            return {user.name: user for user in admitted}
        return {"default": User(name="default", rules=EVERYTHING)}


CACHES = Caches()
"""The caches behind ministack's records."""


def _install_modify_user() -> None:
    """ModifyUser, too, reaches the caches at once: a user may have two passwords, so that one can replace the other."""
    modify = elasticache._modify_user

    def modify_user(p: Mapping[str, object]) -> tuple[int, dict[str, str], bytes]:
        answer: tuple[int, dict[str, str], bytes] = modify(p)
        user_id = elasticache._p(p, "UserId")
        if answer[0] != HTTPStatus.OK or user_id not in CACHES.users:
            return answer
        passwords = tuple(elasticache._p(p, f"Passwords.member.{number}") for number in range(1, _PASSWORDS + 2))
        passwords = tuple(password for password in passwords if password)
        if len(passwords) > _PASSWORDS:
            refusal: tuple[int, dict[str, str], bytes] = elasticache._error(
                "InvalidParameterValue", f"A user has at most {_PASSWORDS} passwords.", HTTPStatus.BAD_REQUEST
            )
            return refusal
        rules = tuple(elasticache._p(p, "AccessString").split())
        user = CACHES.users[user_id]
        CACHES.users[user_id] = replace(user, passwords=passwords or user.passwords, rules=rules or user.rules)
        CACHES.admit()
        return answer

    elasticache._modify_user = modify_user


def _install_user_xml() -> None:
    """An access string may hold `&`, which ministack puts into its XML as it is."""
    user_xml = elasticache._user_xml

    def escaped(user: Mapping[str, object]) -> str:
        return str(user_xml({**user, "AccessString": escape(str(user["AccessString"]))}))

    elasticache._user_xml = escaped


class CacheUser(Stock):
    """`AWS::ElastiCache::User`: a change of password or rights reaches the caches at once."""

    name = "AWS::ElastiCache::User"
    slow = True

    @override
    def create(self, request: Request) -> Resource:
        _user(request.properties)  # refuses a user before there is a record of it
        return super().create(request)

    @override
    def complete(self, made: Resource, request: Request) -> Resource:
        CACHES.users[made.physical_id] = _user(request.properties)
        CACHES.admit()
        return made

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        super().delete(physical_id, properties)
        CACHES.users.pop(physical_id, None)
        CACHES.admit()


class UserGroup(Stock):
    """`AWS::ElastiCache::UserGroup`: a change of members reaches the caches at once."""

    name = "AWS::ElastiCache::UserGroup"
    slow = True

    @override
    def complete(self, made: Resource, request: Request) -> Resource:
        CACHES.admit()
        return made


class ReplicationGroup(Stock):
    """`AWS::ElastiCache::ReplicationGroup`: ministack's record, and a cache behind it.

    The endpoint's port is the template's, or a free one if another program has that; the attributes tell.
    """

    name = "AWS::ElastiCache::ReplicationGroup"
    slow = True

    @override
    def create(self, request: Request) -> Resource:
        if "AuthToken" in request.properties:
            raise ValueError("AuthToken: AWS on this machine lets users of user groups in, or everybody")
        return super().create(request)

    @override
    def update(self, physical_id: str, old: Properties, request: Request) -> Resource:
        if provisioners._ec_rg_requires_replacement(old.values, request.properties.values):
            self.delete(physical_id, old)  # the new group takes the generated name again, so the old one goes first
            return self.create(request)
        return super().update(physical_id, old, request)

    @override
    def complete(self, made: Resource, request: Request) -> Resource:
        group = made.physical_id
        new = group not in CACHES.running
        try:
            if new:
                CACHES.running[group] = Cache.create(group, port=request.properties.number("Port", _DEFAULT_PORT))
            CACHES.admit()
        except Exception:
            if new:
                self.delete(group, request.properties)
            raise
        _tell_endpoint(group, CACHES.running[group].terminator.port)
        return made.with_attributes(provisioners._ec_rg_attrs(group))

    @override
    def delete(self, physical_id: str, properties: Properties) -> None:
        cache = CACHES.running.pop(physical_id, None)
        if cache is not None:
            cache.stop()
            shutil.rmtree(cache.server.data)
        super().delete(physical_id, properties)


def _user(properties: Properties) -> User:
    mode = properties.child("AuthenticationMode")
    passwords = properties.texts("Passwords") or mode.texts("Passwords")
    free = properties.flag("NoPasswordRequired", default=False) or mode.text("Type", "") == "no-password-required"
    if not passwords and not free:
        raise ValueError("an ElastiCache user needs Passwords, or NoPasswordRequired=true; IAM is not imitated here")
    return User(
        name=properties.text("UserName"),
        rules=tuple(properties.text("AccessString", "on ~* +@all").split()),
        passwords=tuple(passwords),
    )


def _tell_endpoint(group: str, port: int) -> None:
    """Tell ministack's record, and so DescribeReplicationGroups, where the group listens."""
    for shard in elasticache._replication_groups[group]["NodeGroups"]:
        shard["PrimaryEndpoint"] = shard["ReaderEndpoint"] = {"Address": HOST, "Port": port}
        for member in shard["NodeGroupMembers"]:
            member["ReadEndpoint"] = {"Address": HOST, "Port": port}


def install() -> None:
    """Put caches behind ministack's records."""
    at_shutdown("ElastiCache", CACHES.stop)
    _install_modify_user()
    _install_user_xml()
    register(CacheUser(), UserGroup(), ReplicationGroup())

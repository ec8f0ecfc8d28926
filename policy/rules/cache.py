"""ElastiCache: encrypted both ways, entered by users with passwords, standing by."""

from collections.abc import Iterable

from ..finding import Rules
from ..model import Environment, Resource

RULES = Rules()
GROUP = "AWS::ElastiCache::ReplicationGroup"


@RULES.of("CACHE-USERS", GROUP, source="FSBP ElastiCache.6", remedy="set user_group_ids, without the user `default`")
def only_users_with_passwords_come_in(group: Resource, environment: Environment) -> Iterable[str]:
    """By a user group of these stacks, each of whose users needs a password."""
    for name in group.texts("UserGroupIds"):
        users = environment.find(name)
        if users is None or not users.texts("UserIds") or "default" in users.texts("UserIds"):
            yield f"is open to the user group {name}, which is not in these stacks or holds the user `default`"
    if not group.texts("UserGroupIds"):
        yield "asks nobody who they are"


@RULES.of(
    "CACHE-USER-RIGHTS",
    "AWS::ElastiCache::User",
    source="FSBP ElastiCache.6; Valkey, ACL",
    remedy="demand a password, and end the access string in -@admin -@dangerous",
)
def users_cannot_administer(user: Resource, environment: Environment) -> Iterable[str]:
    """Valkey reads an access string from left to right, so what refuses must come after what grants."""
    words = user.text("AccessString").lower().split()
    granted = max((n for n, word in enumerate(words) if word.startswith("+") or word == "allcommands"), default=-1)
    for refused in ("-@admin", "-@dangerous"):
        if granted >= 0 and refused not in words[granted:]:
            yield f"is given {words[granted]} without {refused} after it"
    if user.flag("NoPasswordRequired") is True or not user.texts("Passwords") or "nopass" in words:
        yield "needs no password"

"""Roles: trusted by one service, permitted exactly what grants.py names, with no wildcard that it does not name."""

from collections.abc import Iterable, Iterator

from ..denials import takes_away
from ..finding import Broken, Rules
from ..grants import EMPTIER, EMPTIES_BUCKETS, OPTIONAL, ROLES, RoleGrants
from ..model import Environment, Resource
from ..statements import Grant, exceeds, lacks, statements
from ..values import Json

RULES = Rules()
ROLE = "AWS::IAM::Role"
UNATTACHED = "Frontend/PublisherPolicy"  # whoever publishes the site carries it
POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def attached(environment: Environment, role: Resource) -> Iterator[tuple[Resource, Json]]:
    """Yield the role's policies: inline ones, and those that name it."""
    for policy in role.items("Policies"):
        yield role, policy.get("PolicyDocument")
    for policy_resource in environment.of(*POLICIES):
        named = [*policy_resource.texts("Roles"), policy_resource.text("RoleName")]
        by_role = policy_resource.refers() in role.texts("ManagedPolicyArns")
        if role.refers() in named or by_role:
            yield policy_resource, policy_resource.get("PolicyDocument")


def _known(environment: Environment, role: Resource) -> RoleGrants | None:
    """Return what grants.py says about a role; None if it says nothing."""
    emptying = not environment.kept and role.name.endswith(f"/{EMPTIER}")
    return ROLES.get(role.name) or (EMPTIES_BUCKETS if emptying else None)


def _needs(environment: Environment, known: RoleGrants) -> tuple[Grant, ...]:
    return (
        *known.grants,
        *(known.where_kept if environment.kept else ()),
        *(known.where_backed_up if environment.backed_up else ()),
        *(known.where_copied if environment.copy_region else ()),
    )


@RULES.rule("IAM-TRUST", source="IAM User Guide, Role trust policies; confused deputy", remedy="one service, exactly")
def every_role_is_trusted_by_one_service(environment: Environment) -> Iterable[Broken]:
    """The one that grants.py names; by accounts, users or everybody never. There is no role that it does not name."""
    for role in environment.of(ROLE):
        known = _known(environment, role)
        if known is None:
            yield Broken(resource=role, what="is a role that grants.py does not know")
            continue
        found = statements(role.get("AssumeRolePolicyDocument"))
        trust = Grant(
            actions=("sts:AssumeRole",),
            resources=(),
            principals=(f"Service:{known.service}",),
            conditions=known.trusted_if or {},
        )
        for statement in found:
            what = exceeds(statement, [trust], environment)
            if what:
                yield Broken(resource=role, what=f"its trust {what}")
        what = lacks(found, trust, environment)
        if any(statement.effect == "Deny" for statement in found):
            what = "denies somebody, though it trusts one service alone"
        if what:
            yield Broken(resource=role, what=f"its trust {what}")


@RULES.rule(
    "IAM-LEAST", source="FSBP IAM.1, IAM.21; Well-Architected SEC03", remedy="grant what grants.py says, or change it"
)
def no_role_may_do_more_than_it_needs(environment: Environment) -> Iterable[Broken]:
    """No other function's queue, secret or key; no NotAction; no wildcard that grants.py does not name."""
    for role in environment.of(ROLE):
        known = _known(environment, role)
        grants = (*_needs(environment, known), *OPTIONAL.get(role.name, ())) if known else ()
        for holder, document in attached(environment, role):
            for statement in statements(document):
                what = exceeds(statement, grants, environment)
                if what:
                    yield Broken(resource=holder, what=what)


@RULES.rule("IAM-ENOUGH", source="policy/grants.py", remedy="restore the permission, or change grants.py")
def every_role_may_do_what_it_must(environment: Environment) -> Iterable[Broken]:
    """A permission that is gone is work that fails, or an alarm that is silent."""
    for name, known in ROLES.items():
        role = environment.named(name)
        if role is None and known.only_for_backups and not environment.backed_up:
            continue
        if role is None:
            yield Broken(subject=name, what=f"no role {name}")
            continue
        held = [statement for _, document in attached(environment, role) for statement in statements(document)]
        for grant in _needs(environment, known):
            what = lacks(held, grant, environment)
            if what:
                yield Broken(resource=role, what=what)
        for statement in held:
            what = takes_away(statement, _needs(environment, known), environment)
            if what:
                yield Broken(resource=role, what=what)


@RULES.rule("IAM-MANAGED", source="FSBP IAM.1; AwsSolutions-IAM4", remedy="attach only what grants.py names")
def roles_carry_no_other_managed_policies(environment: Environment) -> Iterable[Broken]:
    """AWS's policies are wide; the few here are service roles."""
    for role in environment.of(ROLE):
        known = _known(environment, role)
        own = {policy.refers() for policy in environment.of("AWS::IAM::ManagedPolicy")}
        found = {arn for arn in role.texts("ManagedPolicyArns") if arn not in own}
        wanted = set(known.managed) if known else set()
        if found != wanted:
            yield Broken(resource=role, what=f"carries {sorted(found)}; must be {sorted(wanted)}")
        # Such a boundary bounds nothing (AdministratorAccess) or everything (AWSDenyAll).
        if role.text("PermissionsBoundary").startswith("arn:aws:iam::aws:"):
            yield Broken(resource=role, what=f"is bounded by AWS's own {role.text('PermissionsBoundary')}")


@RULES.rule("IAM-ATTACHED", source="IAM User Guide", remedy="attach a policy to its own role alone")
def policies_belong_to_roles(environment: Environment) -> Iterable[Broken]:
    """To no user, no group, and only to roles of these stacks; one that waits for a holder judges nobody's rights."""
    roles = {role.refers() for role in environment.of(ROLE)}
    carried = {arn for role in environment.of(ROLE) for arn in role.texts("ManagedPolicyArns")}
    for policy in environment.of(*POLICIES):
        named = [name for name in (*policy.texts("Roles"), policy.text("RoleName")) if name]
        if policy.get("Users") or policy.get("Groups"):
            yield Broken(resource=policy, what="is attached to users or groups")
        if set(named) - roles:
            yield Broken(resource=policy, what=f"is attached to {sorted(set(named) - roles)}")
        if not named and policy.refers() not in carried and policy.name != UNATTACHED:
            yield Broken(resource=policy, what="is attached to nobody, and nothing says what it is for")
    for kind in ("AWS::IAM::User", "AWS::IAM::AccessKey", "AWS::IAM::Group"):
        for resource in environment.of(kind):
            yield Broken(resource=resource, what="is a standing identity; use roles")


@RULES.rule("IAM-SESSION", source="FSBP IAM", remedy="leave sessions at an hour")
def role_sessions_are_short(environment: Environment) -> Iterable[Broken]:
    """Credentials that live for long are credentials to steal."""
    for role in environment.of(ROLE):
        if (role.number("MaxSessionDuration") or 3_600) > 3_600:
            yield Broken(resource=role, what="has sessions of more than an hour")


_HANDED_OUT = {"Frontend/PublisherPolicy"}  # to the role that publishes the site, which is not these stacks'


@RULES.rule("IAM-LOOSE", source="IAM User Guide", remedy="attach it to its role, or leave it out")
def every_policy_is_held_by_a_role(environment: Environment) -> Iterable[Broken]:
    """One that nobody holds is judged by nobody, and waits for whoever may attach it."""
    held = {holder.name for role in environment.of(ROLE) for holder, _ in attached(environment, role)}
    for policy in environment.of(*POLICIES):
        if policy.name not in held | _HANDED_OUT:
            yield Broken(resource=policy, what="is held by no role")

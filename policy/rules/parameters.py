"""PostgreSQL's parameters: TLS is forced, nothing hangs for ever, and logs hold no personal data."""

from collections.abc import Iterable, Mapping

from ..finding import Broken, Rules
from ..model import Environment
from ..values import as_map
from ..wanted import Test, at_least, at_most, between, one_of

RULES = Rules()
PARAMETERS = "AWS::RDS::DBParameterGroup"
_ON, _SCRAM = one_of("1", "on", "true"), one_of("scram-sha-256", "scram")

# Name, what the value must be, why. Milliseconds for the timeouts.
_PARAMETERS = (
    ("rds.force_ssl", one_of("1"), "would accept unencrypted connections"),
    ("statement_timeout", between(1_000, 60_000), "lets a query run for longer than any caller waits, or not at all"),
    (
        "idle_in_transaction_session_timeout",
        between(1_000, 60_000),
        "lets a dead function hold its locks, or a live one not finish",
    ),
    ("log_lock_waits", one_of("1", "on"), "does not log what waits for a lock"),
    ("log_min_duration_statement", between(1, 5_000), "does not log slow queries"),
    ("log_parameter_max_length", one_of("0"), "logs the values of queries, which are people's data"),
    ("lc_messages", one_of("C"), "is not understood by flux_core/logins.py, which reads why a login was refused"),
)

# What may be set besides, and what it must be then. PostgreSQL's own value is right for all of these.
_BESIDES: Mapping[str, Test] = {
    **dict.fromkeys(("autovacuum", "fsync", "full_page_writes", "jit", "row_security", "synchronous_commit"), _ON),
    **dict.fromkeys(("track_activities", "track_counts", "track_io_timing"), _ON),
    **dict.fromkeys(("log_checkpoints", "log_connections", "log_disconnections"), _ON),
    **dict.fromkeys(("password_encryption", "rds.accepted_password_auth_method"), _SCRAM),
    "ssl_min_protocol_version": one_of("TLSv1.2", "TLSv1.3"),
    "log_parameter_max_length_on_error": one_of("0"),
    "log_statement": one_of("none", "ddl"),
    "log_autovacuum_min_duration": at_least(0),
    "log_temp_files": at_least(0),
    **dict.fromkeys(("lock_timeout", "idle_session_timeout", "transaction_timeout"), at_most(3_600_000)),
    **dict.fromkeys(("checkpoint_timeout", "effective_cache_size", "maintenance_work_mem", "work_mem"), at_least(1)),
    "random_page_cost": at_least(1),
}


@RULES.rule(
    "RDS-PARAMETER-VALUES",
    source="FSBP RDS.38; PostgreSQL manual, Client connection defaults",
    remedy="set the parameter in data/database.py",
)
def parameters_are_what_flux_relies_on(environment: Environment) -> Iterable[Broken]:
    """Those that must be set, and those that may be."""
    for group in environment.of(PARAMETERS):
        parameters = as_map(group.get("Parameters"))
        for name, test, otherwise in _PARAMETERS:
            value = parameters.get(name)
            if not test.holds(value, environment):
                yield Broken(resource=group, what=f"{name}={value!r} {otherwise}; must be {test.says(environment)}")
        for name in sorted(set(parameters) & set(_BESIDES)):
            if not _BESIDES[name].holds(parameters[name], environment):
                says = _BESIDES[name].says(environment)
                yield Broken(resource=group, what=f"{name}={parameters[name]!r}; must be {says}, if it is set")


@RULES.rule(
    "RDS-PARAMETER-NAMES", source="PostgreSQL manual, Server Configuration", remedy="say in rules/parameters.py what "
    "the parameter may be"
)  # fmt: skip
def no_other_parameter_is_set(environment: Environment) -> Iterable[Broken]:
    """One can give up durability, isolation of tenants, or the privacy of logs."""
    known = {name for name, _, _ in _PARAMETERS} | set(_BESIDES)
    for group in environment.of(PARAMETERS):
        unknown = sorted(set(as_map(group.get("Parameters"))) - known)
        if unknown:
            yield Broken(resource=group, what=f"sets {', '.join(unknown)}, which no rule judges")


@RULES.rule("RDS-FAMILY", source="RDS User Guide, Parameter groups", remedy="use the engine's own family")
def parameters_belong_to_the_engine(environment: Environment) -> Iterable[Broken]:
    """A group of another family cannot be attached."""
    for instance in environment.of("AWS::RDS::DBInstance"):
        group = environment.find(instance.text("DBParameterGroupName"))
        family = "postgres" + instance.text("EngineVersion").split(".")[0]
        if group is not None and group.text("Family") != family:
            yield Broken(resource=group, what=f"is of family {group.text('Family')}, the engine needs {family}")

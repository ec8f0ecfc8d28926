"""FSBP: what belongs to the account as a whole."""

from collections.abc import Mapping

from .answers import Answer, ByHand, Met, NotApplicable, Open, account, rules

_HUB = ("PostureFoundational",)
_NO_USERS = "have no IAM users: people sign in through IAM Identity Center, functions and workflows take roles"
_TESTS = "tests/infra/test_account.py"

ANSWERS: Mapping[str, Answer] = {
    "Account.1": account("SettingsSecurityContact"),
    **{f"CloudTrail.{number}": account("Trail") for number in (1, 2, 3, 4, 5)},
    "CloudTrail.6": account("TrailRecordsBucket"),
    "CloudTrail.7": account("TrailRecordsBucket", "TrailRecordsAccessLogs"),
    "Config.1": account("ConfigRecorder", "ConfigChannel", "ConfigRole"),
    "GuardDuty.1": account("GuardDutyDetector"),
    "GuardDuty.9": account("GuardDutyDetector"),
    "GuardDuty.10": account("GuardDutyDetector"),
    "IAM.1": Open(
        why="the permission boundary of Flux-delivery allows everything in order to forbid; a boundary grants nothing. "
        "No role of an environment is allowed everything (gate: IAM-LEAST)"
    ),
    "IAM.2": rules("IAM-ATTACHED", note="Flux makes no users; see IAM.5 for people"),
    "IAM.3": ByHand(what=_NO_USERS, watched=_HUB),
    "IAM.4": ByHand(what="delete the root user's access keys", watched=_HUB),
    "IAM.5": ByHand(what=_NO_USERS, watched=_HUB),
    "IAM.6": ByHand(what="give the root user a hardware key", watched=_HUB),
    "IAM.7": account("SettingsPasswordPolicy"),
    "IAM.8": ByHand(what=_NO_USERS, watched=_HUB),
    "IAM.9": ByHand(what="give the root user a second factor", watched=_HUB),
    "IAM.10": account("SettingsPasswordPolicy"),
    "IAM.19": ByHand(what=_NO_USERS, watched=_HUB),
    "IAM.21": Met(
        rules=("IAM-LEAST",),
        tests=(f"{_TESTS}::test_the_function_behind_the_calls_may_make_these_and_write_its_log",),
    ),
    "IAM.22": ByHand(what=_NO_USERS, watched=_HUB),
    "IAM.26": NotApplicable(
        reason="certificates are ACM's; none is stored in IAM", absent=("AWS::IAM::ServerCertificate",)
    ),
    "Macie.1": account("PostureMacie"),
}

"""How soon somebody must act on an alarm."""

from enum import StrEnum


class Severity(StrEnum):
    """PAGE: users are hurt now, or will be before the morning; somebody is woken up. TICKET: it can wait until then."""

    PAGE = "page"
    TICKET = "ticket"

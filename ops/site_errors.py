"""What can go wrong with a site's release."""


class SiteError(Exception):
    """The site's live release was not changed; the message says why and what to do."""

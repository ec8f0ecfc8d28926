"""Who signs in for the rehearsal's restaurant: somebody whom no table has.

The release gate signs in so while its event's mark (flux_core/rehearsal.py), which nobody outside can set, says that it
is a rehearsal. The probe does at any time, with a password of its own that is a secret. The token is good for the
rehearsal's restaurant, which holds nothing of anybody.
"""

from flux_core.probe import ProbeSecret
from flux_core.rehearsal import RESTAURANT_ID
from flux_core.secrets import Secrets

from .passwords import hash_password

# With the parameters of passwords.py, so that it takes as long as any other.
HASHED = "$argon2id$v=19$m=65536,t=3,p=4$+yhHtn7XS3hFD8MUqrKlgg$zcglRa9vQM/qbqQwZr02B240IFBpN2dbn9q+LpW0pjk"

USER_ID = RESTAURANT_ID


class ProbePassword:
    """The hash that the probe's password must have.

    name: of the secret with the password.
    """

    def __init__(self, secrets: Secrets, *, name: str) -> None:
        self._secrets = secrets
        self._name = name
        self._known: tuple[str, str] | None = None

    def hashed(self) -> str:
        """The hash of the password as it is now; it is made once for each password.

        Raises:
            SecretError: the password cannot be read.
        """
        password = self._secrets.refresh(self._name, ProbeSecret).password
        if self._known is None or self._known[0] != password:
            self._known = password, hash_password(password)
        return self._known[1]

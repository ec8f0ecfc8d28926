"""Who signs in when the release gate rehearses a sign-in: somebody whom no table has.

The event's mark (flux_core/rehearsal.py) makes it possible, and nobody outside can set that. The token is good for the
rehearsal's restaurant, which holds nothing of anybody.
"""

from flux_core.rehearsal import RESTAURANT_ID

EMAIL = "owner@rehearsal.invalid"

# With the parameters of passwords.py, so that it takes as long as any other.
HASHED = "$argon2id$v=19$m=65536,t=3,p=4$+yhHtn7XS3hFD8MUqrKlgg$zcglRa9vQM/qbqQwZr02B240IFBpN2dbn9q+LpW0pjk"

USER_ID = RESTAURANT_ID

"""`./flux`: operate a deployed environment. `python -m ops` is the same."""

import signal
import sys

# The modules take a second to load. Ctrl-C ends that at once, as nothing is begun; Python would show a traceback.
# It still does in its own first hundredths of a second: to hold Ctrl-C back from outside would be to lose it.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from .command import main  # noqa: E402

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main())

"""``python -m fanout_helpers`` is the ``fanout`` command."""

import sys

from fanout_helpers.cli import main

sys.exit(main())

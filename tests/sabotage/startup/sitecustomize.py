"""Every Python that finds this directory on its search path runs this first; in a notebook's kernel it breaks things.

What else starts, such as pytest or a Jupyter server, is left whole: it is not what is sabotaged.
"""

import sys

if "ipykernel_launcher" in sys.orig_argv:
    from tests.sabotage import kernel

    kernel.apply()

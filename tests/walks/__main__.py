"""``python -m tests.walks NN_name``: prints the sentences that are not mapped yet, as TOML to fill in."""

import json
import sys

from tests.walks.table import unmapped

for lesson in sys.argv[1:]:
    for sentence in unmapped(lesson):
        text = json.dumps(sentence.text, ensure_ascii=False)
        sys.stdout.write(f'[[sentence]]\ncell = "{sentence.cell}"\ntext = {text}\nstep = ""\n\n')

"""`python -m tests.infrastructure.translated FOLDER`: for tools that don't read SAM."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from tests.infrastructure.stack import translated

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    for path, template in translated().items():
        (folder / Path(path).with_suffix(".json").name).write_text(json.dumps(template, indent=1))

"""`python -m tests.infrastructure.translated`: the template, for tools that don't read SAM."""

from __future__ import annotations

import json
import sys

from tests.infrastructure.stack import translated

if __name__ == "__main__":
    json.dump(translated(), sys.stdout, indent=1)

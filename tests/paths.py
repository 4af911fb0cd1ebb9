"""Where tests find what is not part of the project."""

from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
RECORDINGS = PROJECT.parent / "shared" / "recordings"

#: Marks a test that reads responses the real sites once gave; they are never copied into the project.
needs_recordings = pytest.mark.skipif(
    not RECORDINGS.is_dir(), reason=f"no recordings of the real sites at {RECORDINGS}"
)

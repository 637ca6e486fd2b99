"""The pictures of the staff's handbook: ``make docs`` walks the browser tests that take them and keeps those it shows.

.venv/bin/python -m tests.browser.handbook        # keep what the last walks left in build/shots
.venv/bin/python -m tests.browser.handbook walk   # walk first
"""

from __future__ import annotations

import subprocess
import sys

from PIL import Image

from config import ROOT

#: picture of docs/staff-tags.md -> the shot of a walk
PICTURES = {
    "staff-queue.png": "tag-queue-zh-1280.png",
    "staff-rule.png": "rule-typed-zh-1280.png",
    "staff-term.png": "vocabulary-typed-zh-1280.png",
    "staff-preview.png": "vocabulary-preview-zh-1280.png",
    "staff-compare.png": "vocabulary-compare-zh-1280.png",
}
WALKS = ("test_tag_review.py", "test_rules.py", "test_vocabulary.py")
#: pixels: what is below is not worth its bytes
TALLEST, WIDE = 1300, 960


def main() -> None:
    """Keep the pictures, smaller and in few colours."""
    if "walk" in sys.argv[1:]:
        tests = [str(ROOT / "tests" / "browser" / name) for name in WALKS]
        subprocess.run([sys.executable, "-m", "pytest", "-q", *tests], cwd=ROOT, check=True)
    for name, shot in PICTURES.items():
        with Image.open(ROOT / "build" / "shots" / shot) as picture:
            top = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, TALLEST)))
            small = top.resize((WIDE, round(top.height * WIDE / top.width)), Image.Resampling.LANCZOS)
            small.quantize(64).save(ROOT / "docs" / name, optimize=True)


if __name__ == "__main__":
    main()

"""``python -m gpxstage``: the same as the command ``gpxstage``."""

from __future__ import annotations

from gpxstage.cli import main

if __name__ == "__main__":
    main()

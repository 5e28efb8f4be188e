"""What scripts/fuzz.py feeds gpxstage: made samples with mutations, and commands."""

"""Report -> files for other programs: watches and maps (GPX, GeoJSON), calendars."""

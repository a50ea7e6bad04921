"""The views: what is shown and asked. No numerics here; those are in `doodle_core`."""

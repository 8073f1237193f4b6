"""Quality review: what waits to be scored, scoring, evaluations, results, calibration, disputes and coaching."""

"""Reports: what there are, one of them with its figures, and the calls behind a figure."""

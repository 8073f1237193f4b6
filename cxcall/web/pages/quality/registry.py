"""The pages of this folder."""

from cxcall.web.pages.quality import calibration, coaching, disputes, evaluation, results, scoring, waiting

PAGES = (waiting, scoring, evaluation, results, calibration, disputes, coaching)

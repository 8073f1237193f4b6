"""What is wrong with a report, as `cxcall.reports.checking` finds it; a test sees to it that the sentences agree."""

from __future__ import annotations

from cxcall.web.words import N_

PROBLEMS: dict[str, str] = {
    "no_measures": N_("Choose at least one figure."),
    "many_measures": N_("A report shows at most {most} figures. Leave some out."),
    "unknown_measure": N_("There is no figure {measure}."),
    "measure_twice": N_("{measure} is asked for twice."),
    "cannot_split": N_("{measure} can't be told by {row}. Leave out one of them."),
    "cannot_narrow": N_("{measure} can't be narrowed to {row}. Leave out one of them."),
    "many_rows": N_("A report has at most two kinds of rows."),
    "row_twice": N_("Rows by {row} are asked for twice."),
    "two_times": N_("Rows by {row} and {other} together say the same twice. Choose one of them."),
    "long_for_interval": N_("Rows of 15 minutes need a period of at most {most} days."),
    "long_for_hour": N_("Rows of hours need a period of at most {most} days."),
    "long_period": N_("A period has at most {most} days."),
    "many_lines": N_("That would be {n} rows; a report has at most {most}. Choose longer times, or a shorter period."),
    "two_comparisons": N_("A report is compared either with another queue or with another time."),
    "other_queue_rows": N_("Compared with another queue, rows can't be queues."),
    "other_queue_narrowing": N_("To compare with another queue, choose the queue that is compared."),
    "wrong_hour": N_("Hours are 0 to 23 and weekdays 0 (Monday) to 6."),
}
"""By code."""

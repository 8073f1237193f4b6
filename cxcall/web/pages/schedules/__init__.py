"""/reports/schedules: reports that are sent by mail or laid into a folder at set times."""

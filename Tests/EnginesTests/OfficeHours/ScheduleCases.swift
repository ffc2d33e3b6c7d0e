import Contract

/// The zones and specifications of the matrix, and the year they are compared over.
enum ScheduleCases {
    /// 2026 in UTC.
    static let year: Range<Int64> = 1_767_225_600..<1_798_761_600

    /// Whole hours, halves and quarters; clocks changed at midnight, by half an hour, in the south, for Ramadan; never.
    static let zones = [
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Pacific/Chatham",
        "Africa/Cairo", "America/Santiago", "America/Havana", "Africa/Casablanca", "Etc/GMT+5", "Asia/Kolkata",
    ]

    /// Forty specifications in all four syntaxes; `%Z` stands for the zone.
    static let specs: [JSONValue] = [
        "Mon-Fri 07:30-20:30 %Z", "Mon-Fri 08:00-18:00", "Fri-Mon 00:00-24:00 %Z", "Sat 10:00-14:00",
        "Mon-Sun 22:00-06:00 %Z", "Sun-Thu 23:30-07:15", "Mon-Fri 00:00-02:30", "Mon-Sun 02:30-03:30",
        "Mon-Sun 02:15-02:45 %Z", "Mon-Sun 01:30-02:00", "Sun 00:15-23:45", "Mon-Sun 00:00-00:30",
        "always", "never", "Mon-Fri 09:00-17:00 America/New_York, Sat-Sun 10:00-12:00 %Z",
        "Mon-Thu 07:00-19:07, Fri 07:00-15:37 %Z", "Mon-Sun 23:59-00:01", "Mon-Sun 12:00-11:45",
        "2026-03-28T00:00:00+01:00-2026-03-30T06:45:00+02:00, Sun 01:00-04:00",
        "2025-12-31T23:00:00Z-2026-01-01T01:10:00Z, 2026-12-31T00:00:00-05:00-2027-01-05T00:00:00Z",
        ["uptime": "Mon-Fri 06:00-22:00 %Z", "downtime": "Mon-Fri 12:00-13:00 %Z, Wed 00:00-24:00"],
        ["downtime": "Sat-Sun 00:00-24:00 %Z"],
        ["uptime": "Mon-Sun 02:00-03:00", "holidays": ["2026-03-29", "2026-10-25", "2026-12-25"]],
        ["weekdays": ["start": "08:00", "end": "18:00"], "weekends": ["enabled": false]],
        ["weekdays": ["start": "08:00", "end": "18:00"], "weekends": ["enabled": true], "timezone": "%Z"],
        [
            "weekdays": ["start": "20:00", "end": "04:00"],
            "weekends": ["enabled": true, "start": "02:30", "end": "02:59"],
        ],
        ["weekends": ["start": "00:00", "end": "24:00"], "holidays": ["2026-01-03", "2026-04-05", "2026-10-31"]],
        ["weekdays": ["enabled": false, "start": "08:00", "end": "18:00"], "weekends": ["enabled": true]],
        ["weekdays": ["start": "6:05", "end": "21:50"], "holidays": ["2026-05-01", "2026-12-24", "2026-12-25"]],
        ["weekdays": "1-5", "sleepAt": "20:00", "wakeUpAt": "08:00", "timeZone": "%Z"],
        ["weekdays": "*", "sleepAt": "02:30", "wakeUpAt": "02:45"],
        ["weekdays": "0,6", "sleepAt": "23:00", "wakeUpAt": "00:30", "timeZone": "%Z"],
        ["weekdays": "mon-fri", "sleepAt": "19:45", "wakeUpAt": "7:15", "holidays": ["2026-03-09", "2026-11-02"]],
        ["weekdays": "1-5", "sleepAt": "*/6:10", "wakeUpAt": "*/6:40"],
        "off=[(M-F,19)];on=[(M-F,7)];tz=%Z", "off=(M-F,19);on=(M-F,7)", "on",
        "off=[(M-F,21),(U,18)];on=[(M-F,6),(U,10)];tz=pt", "off=[(F-M,2)];on=[(F-M,3)];tz=%Z",
        "off=[(M-U,23)];on=[(M-U,2)]",
    ]
}

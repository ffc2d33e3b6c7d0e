import FoundationEssentials

/// What the service does by the calendar of its own accord: schedules like any other, but that they cannot be deleted.
package enum BuiltinSchedules {
    /// The tenant of what nobody asked for.
    package static let tenant = "system"

    /// Creates those that are missing; those that are there stay as operators have made them.
    ///
    /// - Returns: The names of those that were created.
    package static func ensure(_ wanted: [NewSchedule], in store: ScheduleStore) async throws -> [String] {
        var created: [String] = []
        for schedule in wanted where try await store.createIfAbsent(schedule) { created.append(schedule.name) }
        return created
    }

    /// The feed carries no date of its next change, and asking costs one conditional request.
    package static func spotAdvisor() throws -> NewSchedule {
        try make("spot-advisor-check", "17 * * * *", .pricingFetch, #"{"data_type":"spot_advisor"}"#, jitter: 600)
    }

    /// The offer file is published every few weeks, and is hundreds of megabytes long.
    package static func onDemand(region: String) throws -> NewSchedule {
        let payload = #"{"data_type":"on_demand_prices","regions":["\#(region)"]}"#
        return try make("on-demand-weekly", "weekly sun 03:30", .pricingFetch, payload, jitter: 1800)
    }

    /// AWS adds types a few times a month.
    package static func instanceTypes(region: String) throws -> NewSchedule {
        let payload = #"{"data_type":"instance_types","regions":["\#(region)"]}"#
        return try make("instance-types-daily", "daily 04:10", .pricingFetch, payload, jitter: 1800)
    }

    /// Completes the last weeks of the spot price history; what is there already costs no call.
    package static func gapFill(regions: [String], lookbackDays: Int) throws -> NewSchedule {
        let names = regions.map { "\"\($0)\"" }.joined(separator: ",")
        let payload = #"{"regions":[\#(names)],"lookback_days":\#(lookbackDays)}"#
        return try make("gap-fill-daily", "daily 01:20", .spotHistory, payload, jitter: 1800)
    }

    /// Makes the data of all active models complete.
    package static func autoRefresh(expression: String, lookbackDays: Int, isEnabled: Bool) throws -> NewSchedule {
        let payload = #"{"lookback_days":\#(lookbackDays),"refresh_type":"auto"}"#
        var schedule = try make("auto-refresh", expression, .modelRefresh, payload)
        if !isEnabled {
            schedule.pauseReason = "AUTO_REFRESH_ENABLED was not set when it was made; resume it to use it"
        }
        return schedule
    }

    /// Drops what is past its time, whole days at once.
    package static func retention() throws -> NewSchedule { try make("retention", "25 * * * *", .retention) }

    /// Makes the partitions of the days and months to come.
    package static func partitions() throws -> NewSchedule { try make("partitions", "daily 00:40", .partitions) }

    static let names: Set<String> = [
        "spot-advisor-check", "on-demand-weekly", "instance-types-daily", "gap-fill-daily", "auto-refresh",
        "retention", "partitions",
    ]

    /// `jitter` in seconds, so that fleets of the whole world do not ask AWS in the same second.
    private static func make(
        _ name: String,
        _ expression: String,
        _ kind: JobKind,
        _ payload: String = "{}",
        jitter: Int = 0
    ) throws -> NewSchedule {
        var schedule = try NewSchedule(
            tenant: tenant,
            name: name,
            expression: expression,
            kind: kind,
            payload: payload
        )
        schedule.jitterSeconds = jitter
        schedule.overlap = .skip
        return schedule
    }
}

extension Schedule {
    /// Whether the service made it of its own accord: it can be changed and paused, not deleted.
    package var isBuiltin: Bool {
        tenant == BuiltinSchedules.tenant && BuiltinSchedules.names.contains(name)
    }
}

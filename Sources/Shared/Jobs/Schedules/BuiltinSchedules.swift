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
        var schedule = try NewSchedule(
            tenant: tenant,
            name: "spot-advisor-check",
            expression: "17 * * * *",
            kind: .pricingFetch,
            payload: #"{"data_type":"spot_advisor"}"#
        )
        // So that fleets of the whole world do not ask in the same second.
        schedule.jitterSeconds = 600
        schedule.overlap = .skip
        return schedule
    }

    /// The offer file is published every few weeks, and is hundreds of megabytes long.
    package static func onDemand(region: String) throws -> NewSchedule {
        try fetch("on-demand-weekly", "weekly sun 03:30", "on_demand_prices", region)
    }

    /// AWS adds types a few times a month.
    package static func instanceTypes(region: String) throws -> NewSchedule {
        try fetch("instance-types-daily", "daily 04:10", "instance_types", region)
    }

    /// Completes the last weeks of the spot price history; what is there already costs no call.
    package static func gapFill(regions: [String], lookbackDays: Int) throws -> NewSchedule {
        let names = regions.map { "\"\($0)\"" }.joined(separator: ",")
        var schedule = try NewSchedule(
            tenant: tenant,
            name: "gap-fill-daily",
            expression: "daily 01:20",
            kind: .spotHistory,
            payload: #"{"regions":[\#(names)],"lookback_days":\#(lookbackDays)}"#
        )
        schedule.jitterSeconds = 1800
        schedule.overlap = .skip
        return schedule
    }

    /// Makes the data of all active models complete.
    package static func autoRefresh(expression: String, lookbackDays: Int, isEnabled: Bool) throws -> NewSchedule {
        var schedule = try NewSchedule(
            tenant: tenant,
            name: "auto-refresh",
            expression: expression,
            kind: .modelRefresh,
            payload: #"{"lookback_days":\#(lookbackDays),"refresh_type":"auto"}"#
        )
        schedule.overlap = .skip
        if !isEnabled {
            schedule.pauseReason = "AUTO_REFRESH_ENABLED was not set when it was made; resume it to use it"
        }
        return schedule
    }

    /// Drops what is past its time, whole days at once.
    package static func retention() throws -> NewSchedule { try upkeep("retention", "25 * * * *", .retention) }

    /// Makes the partitions of the days and months to come.
    package static func partitions() throws -> NewSchedule { try upkeep("partitions", "daily 00:40", .partitions) }

    static let names: Set<String> = [
        "spot-advisor-check", "on-demand-weekly", "instance-types-daily", "gap-fill-daily", "auto-refresh",
        "retention", "partitions",
    ]

    private static func fetch(_ name: String, _ expression: String, _ type: String, _ region: String) throws
        -> NewSchedule
    {
        var schedule = try NewSchedule(
            tenant: tenant,
            name: name,
            expression: expression,
            kind: .pricingFetch,
            payload: #"{"data_type":"\#(type)","regions":["\#(region)"]}"#
        )
        schedule.jitterSeconds = 1800
        schedule.overlap = .skip
        return schedule
    }

    private static func upkeep(_ name: String, _ expression: String, _ kind: JobKind) throws -> NewSchedule {
        var schedule = try NewSchedule(tenant: tenant, name: name, expression: expression, kind: kind)
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

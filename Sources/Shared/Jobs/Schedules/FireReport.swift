package import FoundationEssentials

/// What one turn did to the schedules it was given.
package struct FireReport: Sendable {
    package internal(set) var jobs: [JobID] = []
    /// Fires that the overlap or the catch-up policy dropped.
    package internal(set) var dropped = 0
    /// Schedules that this build cannot understand, or not with this zone database; they were left as they are.
    package internal(set) var problems: [UUID: JobError] = [:]

    /// Whether any fire was decided, so that more may be due.
    package var hasFired: Bool { !jobs.isEmpty || dropped > 0 }
}

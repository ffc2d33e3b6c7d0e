package import FoundationEssentials

/// One decided fire of a schedule.
package struct ScheduleFire: Sendable {
    /// Why it was fired when it was.
    package enum Origin: String, Sendable {
        /// On time.
        case schedule
        /// Late, by the catch-up policy.
        case catchUp = "catch_up"
        /// Late, because the job before it had not ended.
        case buffered
        case runNow = "run_now"
        case backfill
    }

    package let time: Date
    package let origin: Origin
    /// Nil when the overlap policy dropped the fire.
    package let job: JobID?
    /// Nil when there is no job, or retention has removed it.
    package let state: JobState?
}

/// What a cancel found.
package enum CancelAnswer: UInt8, Sendable {
    /// The job waited, and has ended as cancelled.
    case cancelled
    /// The job runs; its worker hears of it with the next heartbeat.
    case requested
    /// The job had ended before: its end stands.
    case ended
    case unknown
}

extension MemoryLedger {
    /// Cancels a job, and with a parent its children.
    package mutating func cancel(_ job: JobNumber, now: Moment) -> CancelAnswer {
        if rows[job].state == .absent { return .unknown }
        if rows[job].state.isTerminal { return .ended }
        let answer: CancelAnswer
        if rows[job].state == .running {
            rows[job].cancelRequested = true
            answer = .requested
        } else {
            end(job, as: .cancelled, failure: .cancelled, now: now)
            answer = .cancelled
        }
        cancelChildren(of: job, now: now)
        return answer
    }

    /// The flawed twin: ends the job in whatever state it is by now.
    package mutating func cancelAsRead(_ job: JobNumber, now: Moment) {
        end(job, as: .cancelled, failure: .cancelled, now: now)
    }

    private mutating func cancelChildren(of parent: JobNumber, now: Moment) {
        for child in 0..<rows.count where rows[child].parent == parent && rows[child].state.isLive {
            _ = cancel(child, now: now)
        }
    }
}

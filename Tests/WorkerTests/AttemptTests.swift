import Foundation
import Jobs
import Synchronization
import Testing

@testable import Worker

@Suite("An attempt within its time")
struct AttemptTests {
    private func job(limit: Duration = .seconds(60), timeLeft: Duration? = nil, crashes: Int = 0) -> ClaimedJob {
        ClaimedJob(
            lease: Lease(job: .make(), epoch: 1),
            tenant: "acme",
            lane: .batch,
            kind: JobKind(name: "test", lane: .batch, retryPolicy: .decision, timeLimit: limit),
            payload: "{}",
            acceptedAt: Date(),
            timeLeft: timeLeft,
            crashCount: crashes
        )
    }

    /// Works until it is told to stop.
    private static let obedient: @Sendable () async -> JobOutcome = {
        try? await Task.sleep(for: .seconds(60))
        return .cancelled
    }

    @Test("a handler that ends in time is heard")
    func inTime() async {
        guard case .outcome(.succeeded("{}")) = await Attempt(job()).run({ .succeeded(result: "{}") }) else {
            Issue.record("another end")
            return
        }
    }

    @Test("past the kind's limit it is stopped, and tried again")
    func timeLimit() async {
        guard
            case .outcome(.retry(let failure, nil)) = await Attempt(job(limit: .milliseconds(50))).run(Self.obedient)
        else {
            Issue.record("another end")
            return
        }
        #expect(failure.code == "time_limit")
    }

    @Test("past the limit a suspect is not tried again")
    func suspect() async {
        let end = await Attempt(job(limit: .milliseconds(50), crashes: 2)).run(Self.obedient)
        guard case .outcome(.quarantined(let failure)) = end else {
            Issue.record("another end")
            return
        }
        #expect(failure.code == "time_limit")
    }

    @Test("past its deadline it is stopped for good")
    func deadline() async {
        let end = await Attempt(job(timeLeft: .milliseconds(50))).run(Self.obedient)
        guard case .outcome(.failed(let failure)) = end else {
            Issue.record("another end")
            return
        }
        #expect(failure.code == "deadline_exceeded")
    }

    @Test("a deadline that has passed already gives no time at all")
    func overdue() async {
        guard case .outcome(.failed) = await Attempt(job(timeLeft: .seconds(-5))).run(Self.obedient) else {
            Issue.record("another end")
            return
        }
    }

    @Test("a result that comes in spite of the stop is a result")
    func lateSuccess() async {
        let end = await Attempt(job(limit: .milliseconds(50))).run {
            try? await Task.sleep(for: .seconds(60))
            return .succeeded(result: "{}")
        }
        guard case .outcome(.succeeded) = end else {
            Issue.record("another end")
            return
        }
    }

    @Test("a handler that ignores the stop is given up after the grace, and its late word is not heard")
    func stuck() async {
        let release = Mutex(false)
        let end = await Attempt(job(limit: .milliseconds(50)), grace: .milliseconds(100)).run {
            while !release.withLock({ $0 }) { try? await Task.sleep(for: .milliseconds(20)) }
            return .succeeded(result: "{}")
        }
        release.withLock { $0 = true }
        guard case .stuck = end else {
            Issue.record("another end")
            return
        }
    }

    @Test("a caller's cancel reaches the handler, even when it comes before the start")
    func cancelled() async {
        for delay in [Duration.zero, .milliseconds(30)] {
            let attempt = Task { await Attempt(job()).run(Self.obedient) }
            try? await Task.sleep(for: delay)
            attempt.cancel()
            guard case .outcome(.cancelled) = await attempt.value else {
                Issue.record("another end")
                return
            }
        }
    }
}

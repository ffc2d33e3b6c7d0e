import ArgumentParser
import FoundationEssentials
import Jobs
import Logging

/// Jobs that do nothing of use, sent to see what becomes of them.
struct Canaries {
    /// Whose they are: an operator finds them by it, and no customer's share is touched.
    static let tenant = "drill"

    let ledger: JobLedger
    let ids: [JobID]

    /// Accepts `count` canaries, by many senders at once; each works for `seconds`, 0 ends at once.
    static func send(
        _ count: Int,
        seconds: Double,
        lane: Lane,
        senders: Int,
        ledger: JobLedger,
        doorbell: Doorbell
    ) async throws -> Canaries {
        let intake = JobIntake(ledger: ledger, doorbell: doorbell, logger: Logger(label: "drill"))
        let payload = seconds > 0 ? #"{"drill":true,"seconds":\#(seconds)}"# : #"{"drill":true}"#
        let share = (count + senders - 1) / senders
        let ids = try await withThrowingTaskGroup(of: [JobID].self) { group in
            for sender in 0..<senders {
                let part = min(share, count - sender * share)
                guard part > 0 else { break }
                group.addTask {
                    var ids: [JobID] = []
                    for _ in 0..<part {
                        let job = NewJob(tenant: tenant, kind: .drill, payload: payload, lane: lane)
                        ids.append(try await intake.accept(job).id)
                    }
                    return ids
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        return Canaries(ledger: ledger, ids: ids)
    }

    /// Asks until the answer satisfies; nil when the time is over first.
    func wait(
        seconds: Int,
        worker: UUID? = nil,
        since moment: Date,
        until isEnough: (CanaryReport) -> Bool
    ) async throws -> CanaryReport? {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while true {
            let report = try await ledger.canaries(ids, worker: worker, since: moment)
            if isEnough(report) { return report }
            guard ContinuousClock.now < deadline else { return nil }
            try await Task.sleep(for: .milliseconds(50))
        }
    }
}

/// What a drill proved, or did not.
struct DrillVerdict {
    let name: String
    let jobs: Int
    let report: CanaryReport
    /// Until work went on, and its bound.
    let recovery: Double
    let recoveryBound: Double
    /// Until the last canary had ended.
    let total: Double
    let remark: String

    var passed: Bool {
        report.live == 0 && report.succeeded == jobs && report.otherwise == 0 && recovery <= recoveryBound
    }

    var json: String {
        func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
        return """
            {"drill":"\(name)","passed":\(passed),"jobs":\(jobs),"succeeded":\(report.succeeded),\
            "otherwise":\(report.otherwise),"live":\(report.live),"lost_leases":\(report.lostLeases),\
            "recovery_seconds":\(rounded(recovery)),"total_seconds":\(rounded(total))}
            """
    }

    var text: String {
        let counts =
            "\(report.succeeded) of \(jobs) canaries ended once, \(report.otherwise) otherwise, \(report.live) not at all"
        return """
            \(passed ? "PASSED" : "FAILED")  \(remark)
              \(counts)
              work went on after \(Age.text(recovery)) (bound \(Age.text(recoveryBound))), all had ended after \(Age.text(total))
            """
    }
}

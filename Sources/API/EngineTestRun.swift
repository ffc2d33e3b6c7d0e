import Access
import Contract
import CustomEngines
import FoundationEssentials
import Jobs
import Scripts

/// Has a worker run an engine on its sample: the API itself never runs anybody's code.
struct EngineTestRun {
    /// A test takes milliseconds, or the processor time a script may use; no worker at all is the usual reason for more.
    private static let patience: Duration = .seconds(20)

    let jobs: JobGateway

    enum Outcome {
        /// The report, JSON.
        case passed(JSONValue)
        case failed(JSONValue)
        /// Nobody has come to it yet; the job goes on.
        case pending(JobID)
    }

    func run(_ record: EngineRecord, config: JSONObject, caller: Identity, requestID: String) async throws -> Outcome {
        let payload: JSONValue = ["engine_id": .string(record.engine.id), "config": .object(config)]
        var job = NewJob(tenant: caller.tenant, kind: .engineTest, payload: payload.text())
        job.requestID = requestID
        let (id, ended) = try await jobs.acceptAndWait(job, atMost: Self.patience)
        guard let ended else { return .pending(id) }
        guard ended.state == .succeeded, let text = ended.result else { throw APIError(ended: ended) }
        let report = try JSONParser.parse(text)
        return report["passed"]?.bool == true ? .passed(report) : .failed(report)
    }
}

extension EngineTestRun.Outcome {
    /// As answers show it.
    var json: JSONValue {
        switch self {
        case .passed(let report), .failed(let report): report
        case .pending(let id): ["passed": nil, "job_id": .string(id.description)]
        }
    }

    var status: String {
        switch self {
        case .passed: "test_passed"
        case .failed: "test_failed"
        case .pending: "test_pending"
        }
    }
}

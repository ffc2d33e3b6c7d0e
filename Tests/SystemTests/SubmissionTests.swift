import Contract
import Fetch
import Foundation
import Testing

@Suite("Submitting jobs: one, a thousand, later, and again", .fleet())
struct SubmissionTests {
    private var fleet: Fleet { get throws { try Fleet.current } }

    private static let decision =
        #"{"cluster_state": {}, "requirements": {"cpu": 2, "memory_gb": 4, "region": "us-east-1"}}"#

    private func item(_ members: String, payload: String = SubmissionTests.decision) -> String {
        #"{"kind": "decision.spot_optimize", "payload": \#(payload)\#(members)}"#
    }

    @Test("one job is accepted with its place, and a delayed one says when it runs")
    func one() async throws {
        let answer = try await fleet.post("/api/v1/ml/jobs", item(#", "run_at": "2099-01-01T00:00:00Z""#))
        #expect(answer.status == 422)
        #expect(try answer.json["error"]?["field"]?.string == "run_at")

        let soon = Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970 + 3600).description
        let delayed = try await fleet.post("/api/v1/ml/jobs", item(#", "run_at": "\#(soon)", "cluster_id": "c-1""#))
        #expect(delayed.status == 202)
        #expect(try delayed.json["state"]?.string == "scheduled")
        #expect(try delayed.json["run_at"]?.string == soon)
        let place = try #require(delayed.headers.first { $0.name.lowercased() == "location" }?.value)
        #expect(try await fleet.get(place).json["state"]?.string == "scheduled")
    }

    @Test("each job of a batch stands for itself, and the answer names the place of every fault")
    func batch() async throws {
        let items = [
            item(""), item("", payload: #"{"cluster_state": {}, "requirements": {"cpu": -1, "memory_gb": 4}}"#),
            #"{"kind": "decision.unheard_of", "payload": {}}"#, #"{"kind": "drill.noop", "payload": {}}"#,
            item(#", "deadline": "2020-01-01T00:00:00Z""#), item(#", "lane": "fast""#), #"{"payload": {}}"#, "7",
            item(""),
        ]
        let answer = try await fleet.post("/api/v1/ml/jobs:batch", #"{"jobs": [\#(items.joined(separator: ","))]}"#)
        #expect(answer.status == 202)
        #expect(try answer.json["accepted"]?.integer == 2)
        #expect(try answer.json["refused"]?.integer == 7)
        let jobs = try #require(try answer.json["jobs"]?.array)
        let faults: [(String?, String?)] = jobs.map { ($0["error"]?["code"]?.string, $0["error"]?["field"]?.string) }
        let expected: [(String?, String?)] = [
            (nil, nil), ("invalid_value", "jobs[1].payload.requirements.cpu"), ("invalid_value", "jobs[2].kind"),
            ("forbidden", "jobs[3].kind"), ("invalid_value", "jobs[4].deadline"), ("invalid_value", "jobs[5].lane"),
            ("missing_field", "jobs[6].kind"), ("wrong_type", "jobs[7]"), (nil, nil),
        ]
        for (index, pair) in zip(faults, expected).enumerated() {
            #expect(pair.0 == pair.1, "item \(index)")
        }
    }

    @Test("a thousand in one request are a thousand jobs; one more is refused, with nothing accepted")
    func largest() async throws {
        let fleet = try fleet
        let thousand = Array(repeating: item(#", "cluster_id": "thousand""#), count: 1000).joined(separator: ",")
        let answer = try await fleet.post("/api/v1/ml/jobs:batch", #"{"jobs": [\#(thousand)]}"#)
        #expect(answer.status == 202)
        let ids = try #require(try answer.json["jobs"]?.array).compactMap { $0["job_id"]?.string }
        #expect(Set(ids).count == 1000)
        let tooMany = try await fleet.post("/api/v1/ml/jobs:batch", #"{"jobs": [\#(thousand),\#(item(""))]}"#)
        #expect(tooMany.status == 422)
        #expect(try tooMany.json["error"]?["field"]?.string == "jobs")
        let accepted = """
            SELECT (SELECT count(*) FROM job_live WHERE cluster = 'thousand')
                 + (SELECT count(*) FROM job_result WHERE cluster = 'thousand')
            """
        #expect(try await fleet.count(accepted) == 1000)
    }

    @Test("the same key and the same job give the same id, across requests and within one; another job is a conflict")
    func keys() async throws {
        let key = UUID().uuidString
        let keyed = item(#", "idempotency_key": "\#(key)""#)
        let other = item(#", "idempotency_key": "\#(key)", "lane": "bulk""#)
        let first = try await fleet.post("/api/v1/ml/jobs", keyed)
        let answer = try await fleet.post("/api/v1/ml/jobs:batch", #"{"jobs": [\#(keyed), \#(other), \#(keyed)]}"#)
        let jobs = try #require(try answer.json["jobs"]?.array)
        for place in [0, 2] {
            #expect(try jobs[place]["job_id"]?.string == first.json["job_id"]?.string)
            #expect(jobs[place]["duplicate"]?.bool == true)
        }
        #expect(jobs[1]["error"]?["code"]?.string == "conflict")
    }

    @Test(
        "bodies that are no batch are refused with the field",
        arguments: [
            (#"{"jobs": []}"#, 422, "jobs"), (#"{"jobs": 3}"#, 422, "jobs"), (#"{}"#, 422, "jobs"), ("[", 400, "[0]"),
        ]
    )
    func malformed(body: String, status: Int, field: String?) async throws {
        let answer = try await fleet.post("/api/v1/ml/jobs:batch", body)
        #expect(answer.status == status)
        #expect(try answer.json["error"]?["field"]?.string == field)
    }

    @Test("a trace is kept with its job; a malformed one is not")
    func traces() async throws {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        for (header, kept) in [
            (good, 1), ("00-00000000000000000000000000000000-b7ad6b7169203331-01", 0), ("' OR 1=1", 0),
        ] {
            let soon = Timestamp(secondsSinceEpoch: Date().timeIntervalSince1970 + 3600).description
            let answer = try await fleet.post(
                "/api/v1/ml/jobs",
                item(#", "run_at": "\#(soon)""#),
                headers: [("traceparent", header)]
            )
            let id = try #require(try answer.json["job_id"]?.string)
            #expect(
                try await fleet.count("SELECT count(*) FROM job_live WHERE id = '\(id)' AND traceparent IS NOT NULL")
                    == kept
            )
        }
    }
}

import Contract
import Fetch
import Foundation
import Jobs
import Support
import Testing

@Suite("Failure mode 18: the same request many times at once", .serialized)
struct DuplicateSubmitTests {
    @Test("a hundred concurrent submits with one key make one job, and all hundred get its id")
    func sameKey() async throws {
        try await Fleet.with { fleet async throws in
            let body = #"{"cluster_state": {}, "requirements": {"cpu": 2, "memory_gb": 4, "region": "us-east-1"}}"#
            let answers = try await withThrowingTaskGroup(of: FetchResponse.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        try await fleet.post(
                            "/api/v1/ml/decision/spot-optimize",
                            body,
                            headers: [("Prefer", "respond-async"), ("Idempotency-Key", "once")]
                        )
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let ids = Set(try answers.map { try $0.json["job_id"]?.string })
            #expect(answers.allSatisfy { $0.status == 202 })
            #expect(ids.count == 1)
            #expect(try await fleet.count("SELECT count(*) FROM live_job WHERE tenant = 'acme'") == 1)
            #expect(try await fleet.count("SELECT accepted FROM job_tally_now WHERE tenant = 'acme'") == 1)

            let other = try await fleet.post(
                "/api/v1/ml/decision/spot-optimize",
                body.replacingOccurrences(of: "\"cpu\": 2", with: "\"cpu\": 3"),
                headers: [("Prefer", "respond-async"), ("Idempotency-Key", "once")]
            )
            #expect(other.status == 409)
        }
    }

    @Test("a batch of a thousand with a hundred keys, ten times each, makes a hundred jobs")
    func batch() async throws {
        try await Fleet.with(load: []) { fleet async throws in
            let admin = try await fleet.makeKey(tenant: Fleet.drillTenant, scopes: "submit,read,admin")
            let items = (0..<1000).map {
                #"{"kind":"drill.noop","payload":{"n":\#($0 % 100)},"idempotency_key":"key \#($0 % 100)"}"#
            }
            let body = #"{"jobs":[\#(items.joined(separator: ","))]}"#
            let answer = try await fleet.send("POST", "/api/v1/ml/jobs:batch", key: admin, body: Array(body.utf8))
            #expect(answer.status == 202, "\(answer.text.prefix(300))")
            let jobs = try #require(try answer.json["jobs"]?.array)
            #expect(Set(jobs.compactMap { $0["job_id"]?.string }).count == 100)
            #expect(jobs.count { $0["duplicate"]?.bool == true } == 900)
            #expect(try await fleet.count("SELECT count(*) FROM live_job") == 100)
            try await fleet.expectConservation()
        }
    }
}

import Synchronization
import Testing

@testable import Fetch

@Suite("Retry policy", .timeLimit(.minutes(2)))
struct RetryPolicyTests {
    @Test("the wait doubles, is jittered in full, and never passes the cap", arguments: [0.0, 0.5, 0.999])
    func delays(_ fraction: Double) {
        let policy = RetryPolicy(attempts: 9, base: .seconds(1), cap: .seconds(20))
        for (attempt, ceiling) in [(1, 1.0), (2, 2), (3, 4), (5, 16), (6, 20), (60, 20)] {
            let wait = policy.delay(after: attempt, fraction: fraction)
            #expect(abs(wait / .seconds(1) - ceiling * fraction) < 1e-6)
        }
        #expect(policy.delay(after: 1, retryAfter: .seconds(7), fraction: fraction) == .seconds(7))
        #expect(policy.delay(after: 1, retryAfter: .seconds(3_600), fraction: fraction) == .seconds(20))
    }

    @Test(
        "only answers that time can cure are transient",
        arguments: [
            (200, "", false), (400, "", false), (404, "", false), (429, "", true), (500, "", true), (501, "", false),
            (503, "", true),
            (400, "<Code>Throttling</Code>", true), (400, "<Code>InvalidParameterValue</Code>", false),
            (400, "{\"__type\":\"com.amazon#ThrottlingException\"}", true),
        ]
    )
    func transient(_ status: Int, _ body: String, _ expected: Bool) {
        #expect(RetryPolicy().isTransient(FetchResponse(status: status, body: Array(body.utf8))) == expected)
    }

    @Test("Retry-After is read as seconds and as a date")
    func retryAfter() {
        var headers = FetchHeaders()
        headers.append(line: "Retry-After: 12".utf8)
        #expect(RetryPolicy.retryAfter(headers) == .seconds(12))
        headers = FetchHeaders()
        headers.append(line: "Date: Wed, 21 Oct 2015 07:28:00 GMT".utf8)
        headers.append(line: "Retry-After: Wed, 21 Oct 2015 07:28:30 GMT".utf8)
        #expect(RetryPolicy.retryAfter(headers) == .seconds(30))
        headers = FetchHeaders()
        headers.append(line: "Retry-After: soon".utf8)
        #expect(RetryPolicy.retryAfter(headers) == nil)
    }

    @Test("a request is repeated after 503, a reset and 429, and waits what it was told to")
    func repeats() async throws {
        let server = try ScriptedServer { _, number in
            switch number {
            // Closed, because libcurl itself repeats a request whose reused connection turns out dead.
            case 0: [.answer(503, ["Connection: close"]), .close]
            case 1: [.reset]
            case 2: [.answer(429, ["Retry-After: 3"])]
            default: [.answer(200, [], "done")]
            }
        }
        defer { server.stop() }
        let waits = Mutex<[Duration]>([])
        let environment = RetryEnvironment(sleep: { wait in waits.withLock { $0.append(wait) } }, fraction: { 0.5 })

        let response = try await Fetcher().send(
            FetchRequest(url: server.url),
            retrying: RetryPolicy(attempts: 5, base: .seconds(1)),
            in: environment
        )

        #expect(response.body == Array("done".utf8))
        #expect(waits.withLock { $0 } == [.milliseconds(500), .seconds(1), .seconds(3)])
    }

    @Test("the last answer is returned when the attempts are used up, and a 404 is never repeated")
    func givesUp() async throws {
        let server = try ScriptedServer { request, _ in [.answer(request.target == "/404" ? 404 : 500)] }
        defer { server.stop() }
        let environment = RetryEnvironment(sleep: { _ in }, fraction: { 0 })
        let fetcher = try Fetcher()
        #expect(
            try await fetcher.send(FetchRequest(url: server.url), retrying: RetryPolicy(attempts: 3), in: environment)
                .status == 500
        )
        #expect(server.requests.count == 3)
        #expect(
            try await fetcher.send(FetchRequest(url: server.url + "/404"), retrying: RetryPolicy(), in: environment)
                .status == 404
        )
        #expect(server.requests.count == 4)
    }

    @Test("cancelling while waiting ends the wait")
    func cancelled() async throws {
        let server = try ScriptedServer { _, _ in [.answer(500)] }
        defer { server.stop() }
        let waiting = Atomic<Bool>(false)
        let environment = RetryEnvironment(
            sleep: { _ in
                waiting.store(true, ordering: .releasing)
                try await Task.sleep(for: .seconds(600))
            },
            fraction: { 1 }
        )
        let url = server.url
        let task = Task {
            do throws(FetchError) {
                _ = try await Fetcher().send(FetchRequest(url: url), retrying: RetryPolicy(), in: environment)
                return nil as FetchError.Code?
            } catch { return error.code }
        }
        while !waiting.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(1)) }
        task.cancel()
        #expect(await task.value == .cancelled)
    }
}

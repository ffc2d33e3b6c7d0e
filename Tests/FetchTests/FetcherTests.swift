import Synchronization
import Testing

@testable import Fetch

@Suite("Fetcher", .timeLimit(.minutes(2)))
struct FetcherTests {
    let fetcher: Fetcher

    init() throws { fetcher = try Fetcher() }

    private func code(_ request: FetchRequest) async -> FetchError.Code? {
        do throws(FetchError) {
            _ = try await fetcher.send(request)
            return nil
        } catch {
            return error.code
        }
    }

    @Test(
        "anything but an absolute http or https URL is refused before a connection is made",
        arguments: [
            "", "nonsense", "/path", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://", "gopher://127.0.0.1",
            "http://a\u{0}b/",
        ]
    )
    func invalidURL(_ url: String) async {
        #expect(await code(FetchRequest(url: url)) == .invalidURL)
    }

    @Test("a port where nobody listens is a connect error, transient, and hides the query and the password")
    func refused() async throws {
        let server = try ScriptedServer { _, _ in [.close] }
        server.stop()
        let url = "http://user:secret@127.0.0.1:\(server.port)/path?token=secret"
        do {
            _ = try await fetcher.send(FetchRequest(url: url))
            Issue.record("answered")
        } catch {
            #expect(error.code == .connect)
            #expect(error.isTransient)
            #expect(error.description.contains("127.0.0.1:\(server.port)/path"))
            #expect(!error.description.contains("secret"))
        }
    }

    @Test("a body that ends before its Content-Length is truncated, and so is a chunked one without its last chunk")
    func truncated() async throws {
        let server = try ScriptedServer { request, _ in
            request.target == "/length"
                ? [.raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf"), .close]
                : [.raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"), .close]
        }
        defer { server.stop() }
        #expect(await code(FetchRequest(url: server.url + "/length")) == .truncated)
        #expect(await code(FetchRequest(url: server.url + "/chunked")) == .truncated)
    }

    @Test("a connection that is reset or closed without an answer is a connect error", arguments: ["reset", "close"])
    func broken(_ how: String) async throws {
        let server = try ScriptedServer { _, _ in [how == "reset" ? .reset : .close] }
        defer { server.stop() }
        let found = await code(FetchRequest(url: server.url))
        #expect(found == .connect)
    }

    @Test("a body beyond the limit is refused, announced or not, packed or not")
    func tooLarge() async throws {
        let server = try ScriptedServer { request, _ in
            request.target == "/announced"
                ? [.answer(200, [], String(repeating: "x", count: 2_000))]
                : [
                    .raw(
                        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n"
                            + String(repeating: "x", count: 2_000) + "\r\n0\r\n\r\n"
                    )
                ]
        }
        defer { server.stop() }
        for target in ["/announced", "/chunked"] {
            var request = FetchRequest(url: server.url + target)
            request.maxBodyBytes = 1_999
            #expect(await code(request) == .tooLarge)
            request.maxBodyBytes = 2_000
            #expect(await code(request) == nil)
        }
    }

    @Test("the total deadline ends a body that never comes")
    func timeout() async throws {
        let server = try ScriptedServer { _, _ in
            [.raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), .pause(milliseconds: 600_000)]
        }
        defer { server.stop() }
        var request = FetchRequest(url: server.url)
        request.totalTimeout = .milliseconds(300)
        #expect(await code(request) == .timeout)
    }

    @Test("a body that trickles is stalled, well before the total deadline")
    func stalled() async throws {
        let server = try ScriptedServer { _, _ in
            [.raw("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"), .pause(milliseconds: 600_000)]
        }
        defer { server.stop() }
        var request = FetchRequest(url: server.url)
        request.lowSpeed = .init(bytesPerSecond: 1_000, period: .seconds(1))
        #expect(await code(request) == .stalled)
    }

    @Test("cancelling the task ends the transfer at once")
    func cancel() async throws {
        let server = try ScriptedServer { _, _ in [.pause(milliseconds: 600_000)] }
        defer { server.stop() }
        let url = server.url
        let task = Task { await code(FetchRequest(url: url)) }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }

        let began = ContinuousClock.now
        task.cancel()

        #expect(await task.value == .cancelled)
        // The request's own deadline is a minute; the machine may be busy.
        #expect(began.duration(to: .now) < .seconds(20))
    }

    @Test("a task that is cancelled already sends nothing")
    func cancelledBefore() async throws {
        let server = try ScriptedServer { _, _ in [.answer(200)] }
        defer { server.stop() }
        let url = server.url
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            return await code(FetchRequest(url: url))
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(server.requests.isEmpty)
    }

    @Test("shutting down ends what is under way and refuses what comes later")
    func shutdown() async throws {
        let server = try ScriptedServer { _, _ in [.pause(milliseconds: 600_000)] }
        defer { server.stop() }
        let own = try Fetcher()
        let url = server.url
        let task = Task { () -> FetchError.Code? in
            do throws(FetchError) {
                _ = try await own.send(FetchRequest(url: url))
                return nil
            } catch { return error.code }
        }
        while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        own.shutdown()
        #expect(await task.value == .cancelled)
        await #expect(throws: FetchError.self) { try await own.send(FetchRequest(url: url)) }
    }

    @Test("redirects are followed three times, not four, and never to another protocol")
    func redirects() async throws {
        let server = try ScriptedServer { request, _ in
            let left = Int(request.target.dropFirst()) ?? 0
            if request.target == "/file" { return [.answer(302, ["Location: file:///etc/passwd"])] }
            return left == 0 ? [.answer(200, [], "end")] : [.answer(302, ["Location: /\(left - 1)", "X-Hop: \(left)"])]
        }
        defer { server.stop() }
        let response = try await fetcher.send(FetchRequest(url: server.url + "/3"))
        #expect(response.body == Array("end".utf8))
        #expect(response.headers["x-hop"] == nil)
        #expect(await code(FetchRequest(url: server.url + "/4")) == .redirect)
        #expect(await code(FetchRequest(url: server.url + "/file")) == .redirect)
        var still = FetchRequest(url: server.url + "/1")
        still.followRedirects = false
        #expect(try await fetcher.send(still).status == 302)
    }

    @Test("method, body and headers arrive as given, and a header cannot smuggle in another one")
    func arrives() async throws {
        let server = try ScriptedServer { _, _ in
            [.answer(200, ["X-Reply: one", "x-reply: two", "Set: \u{e9}"], "body")]
        }
        defer { server.stop() }
        for (method, body) in [
            ("POST", "a=1"), ("PUT", "data"), ("POST", ""), ("DELETE", nil), ("GET", nil), ("HEAD", nil),
        ] as [(String, String?)] {
            let headers = [(name: "X-Mine", value: "a\r\nX-Smuggled: yes"), (name: "X-Empty", value: "")]
            let response = try await fetcher.send(
                FetchRequest(
                    method: method,
                    url: server.url + "/p?q=1",
                    headers: headers,
                    body: body.map { Array($0.utf8) }
                )
            )
            let seen = try #require(server.requests.last)
            #expect(seen.method == method)
            #expect(seen.target == "/p?q=1")
            #expect(seen.body == Array((body ?? "").utf8))
            #expect(seen.headers["x-smuggled"] == nil)
            #expect(seen.headers["x-empty"] == "")
            #expect(seen.headers["expect"] == nil)
            #expect(response.headers["X-REPLY"] == "one")
            if method == "HEAD" { break }
            #expect(response.body == Array("body".utf8))
        }
    }

    @Test("a conditional request answers notModified, with its ETag")
    func conditional() async throws {
        let server = try ScriptedServer { request, _ in
            request.headers["if-none-match"] == "\"v1\""
                ? [.raw("HTTP/1.1 304 X\r\nETag: \"v1\"\r\n\r\n")] : [.answer(200, ["ETag: \"v1\""], "new")]
        }
        defer { server.stop() }
        var request = FetchRequest(url: server.url)
        let first = try await fetcher.send(request)
        request.ifNoneMatch = first.etag
        let second = try await fetcher.send(request).requireSuccess(for: request)
        #expect(second.notModified)
        #expect(second.body.isEmpty)
        #expect(second.etag == "\"v1\"")
    }

    @Test("a streamed body is handed over in order; the head comes first")
    func stream() async throws {
        let piece = String(repeating: "0123456789", count: 10_000)
        let server = try ScriptedServer { _, _ in [.answer(200, [], piece + piece + piece)] }
        defer { server.stop() }
        let log = Mutex<(head: Int, bytes: [UInt8])>((0, []))
        let response = try await fetcher.stream(
            FetchRequest(url: server.url),
            onHead: { head in log.withLock { $0.head = $0.bytes.isEmpty ? head.status : -1 } },
            onBytes: { bytes in log.withLock { $0.bytes += bytes } }
        )
        #expect(response.body.isEmpty)
        #expect(log.withLock { $0.head } == 200)
        #expect(log.withLock { $0.bytes } == Array((piece + piece + piece).utf8))
    }

    @Test("a refusal's body is not streamed but kept, and its AWS code is read")
    func streamRefused() async throws {
        let server = try ScriptedServer { _, _ in [.answer(503, [], "<Error><Code>SlowDown</Code></Error>")] }
        defer { server.stop() }
        let response = try await fetcher.stream(
            FetchRequest(url: server.url),
            onBytes: { _ in Issue.record("streamed") }
        )
        #expect(response.status == 503)
        #expect(response.serviceCode == "SlowDown")
    }

    @Test("a receiver that throws ends the transfer with its own error as the cause")
    func streamThrows() async throws {
        struct Enough: Error {}
        let server = try ScriptedServer { _, _ in [.answer(200, [], "body")] }
        defer { server.stop() }
        do {
            _ = try await fetcher.stream(FetchRequest(url: server.url), onBytes: { _ in throw Enough() })
            Issue.record("went through")
        } catch {
            #expect(error.code == .receiver)
            #expect(error.cause is Enough)
        }
    }

    @Test("200 requests at once all get their own answer")
    func many() async throws {
        let server = try ScriptedServer { request, _ in [.answer(200, [], request.target)] }
        defer { server.stop() }
        let url = server.url
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let response = try await fetcher.send(FetchRequest(url: url + "/\(number)"))
                    return response.body == Array("/\(number)".utf8)
                }
            }
            for try await right in group { #expect(right) }
        }
    }
}

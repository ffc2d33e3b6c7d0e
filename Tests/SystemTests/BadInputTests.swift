import Contract
import Fetch
import Foundation
import Support
import Testing

@Suite(
    "Bad input: documented errors, nothing accepted, a server that stays up",
    .fleet(["MAX_BODY_MB": "1"]),
    .serialized
)
struct BadInputTests {
    static let path = DecisionContractTests.path

    @Test(
        "a refused body says what is wrong, where, and what to do, and leaves nothing behind",
        arguments: unreadable + wrong
    )
    func refusedBody(_ bad: Bad) async throws {
        let fleet = try Fleet.current
        let before = try await fleet.jobs()

        let answer = try await fleet.send("POST", Self.path, key: fleet.key, body: bad.body, headers: bad.headers)

        try Self.expectError(answer, bad.status, bad.code)
        let error = try answer.json["error"]
        #expect(error?["field"]?.string == bad.field, "\(answer.text)")
        if let hint = bad.hint { #expect(error?["hint"]?.string?.contains(hint) == true, "\(answer.text)") }
        #expect(try await fleet.jobs() == before)
    }

    @Test("a wrong path, id or method is refused", arguments: bareRequests.indices)
    func refusedRequest(_ index: Int) async throws {
        let fleet = try Fleet.current
        let bad = Self.bareRequests[index]
        let parts = bad.line.split(separator: " ").map(String.init)

        let answer = try await fleet.send(parts[0], parts[1], key: fleet.key, headers: bad.headers)

        try Self.expectError(answer, bad.status, bad.code)
    }

    @Test("a key that is none is refused with 401 before anything is read", arguments: badKeys.indices)
    func refusedKey(_ index: Int) async throws {
        let fleet = try Fleet.current
        let before = try await fleet.jobs()
        let bad = Self.badKeys[index]

        for (method, path, body) in [
            ("POST", Self.path, Array(DecisionContractTests.body.utf8)),
            ("GET", "/api/v1/ml/pricing/spot-advisor", nil),
        ] {
            let answer = try await fleet.send(method, path, key: nil, body: body, headers: bad.headers)
            try Self.expectError(answer, 401, bad.code)
            #expect(answer.headers["www-authenticate"]?.contains("Bearer") == true)
        }
        #expect(try await fleet.jobs() == before)
    }

    @Test("the right id with a wrong secret is refused, and the right key still works")
    func wrongSecret() async throws {
        let fleet = try Fleet.current
        let wrong = fleet.key.dropLast(4) + (fleet.key.hasSuffix("0000") ? "1111" : "0000")

        try Self.expectError(
            try await fleet.get("/api/v1/ml/pricing/spot-advisor", key: String(wrong)),
            401,
            "invalid_credentials"
        )
        #expect(try await fleet.get("/api/v1/ml/pricing/spot-advisor?limit=1").status == 200)
    }

    // MARK: Sizes

    @Test("what is too large is refused with 413, plain, packed and in chunks, and fills no memory")
    func tooLarge() async throws {
        let fleet = try Fleet.current
        let before = try await fleet.jobs()
        let large =
            Array(#"{"cluster_state": {"x": ""#.utf8) + [UInt8](repeating: 0x61, count: 3 << 20) + Array(#""}}"#.utf8)
        let memory = try fleet.peakMemory()

        try Self.expectError(
            try await fleet.send("POST", Self.path, key: fleet.key, body: large),
            413,
            "payload_too_large"
        )

        // 100 MiB of zeros in less than a megabyte.
        let bomb = try GzipText.packed([UInt8](repeating: 0, count: 100 << 20))
        #expect(bomb.count < 1 << 20)
        for _ in 0..<3 {
            let answer = try await fleet.send(
                "POST",
                Self.path,
                key: fleet.key,
                body: bomb,
                headers: [("Content-Encoding", "gzip")]
            )
            try Self.expectError(answer, 413, "payload_too_large")
        }

        let head = try request("Transfer-Encoding: chunked\r\n")
        let chunk = Array("10000\r\n".utf8) + [UInt8](repeating: 0x20, count: 0x10000) + Array("\r\n".utf8)
        let chunked = try await RawHTTP.exchange(
            port: try fleet.port,
            [head] + Array(repeating: chunk, count: 40) + [Array("0\r\n\r\n".utf8)]
        )
        #expect(chunked.status == 413, "\(chunked.text.prefix(300))")

        // Promised but never sent: refused by the promise alone.
        let promised = try await RawHTTP.exchange(
            port: try fleet.port,
            [try request("Content-Length: 99999999999\r\n")],
            patience: 2
        )
        #expect(promised.status == 413, "\(promised.text.prefix(300))")

        #expect(try fleet.peakMemory() - memory < 48 << 10, "KiB more than before")
        #expect(try await fleet.jobs() == before)
    }

    @Test("a body of exactly the limit is read")
    func atTheLimit() async throws {
        let fleet = try Fleet.current
        let start = Array(#"{"requirements": {"cpu": 2}, "cluster_state": {"x": ""#.utf8)
        let end = Array(#""}}"#.utf8)
        let body = start + [UInt8](repeating: 0x61, count: (1 << 20) - start.count - end.count) + end

        #expect(try await fleet.send("POST", Self.path, key: fleet.key, body: body).status == 200)
        try Self.expectError(
            try await fleet.send("POST", Self.path, key: fleet.key, body: body + [0x20]),
            413,
            "payload_too_large"
        )
    }

    // MARK: Rudeness

    @Test("garbage on the socket is answered with an error or a closed connection", arguments: garbage.indices)
    func refusedGarbage(_ index: Int) async throws {
        let fleet = try Fleet.current

        let answer = try await RawHTTP.exchange(port: try fleet.port, [Self.garbage[index].bytes], patience: 2)

        #expect(
            answer.status.map { (400..<600).contains($0) } ?? true,
            "\(Self.garbage[index].what): \(answer.text.prefix(300))"
        )
        #expect(!answer.text.contains("NIO"))
        #expect(try await fleet.send("GET", "/health", key: nil).status == 200)
    }

    @Test("a body in bad chunks is answered once, as unreadable")
    func badChunks() async throws {
        let answer = try await RawHTTP.exchange(
            port: try Fleet.current.port,
            [try request("Transfer-Encoding: chunked\r\n"), Array("ZZ\r\n".utf8)],
            patience: 3
        )

        #expect(answer.status == 400)
        #expect(answer.body.contains("unreadable_body"), "\(answer.text)")
        #expect(answer.text.components(separatedBy: "HTTP/1.1 ").count == 2, "\(answer.text)")
    }

    @Test("callers who hang up in the middle do no harm")
    func hangUp() async throws {
        let fleet = try Fleet.current
        let before = try await fleet.jobs()
        let body = Array(DecisionContractTests.body.utf8)
        for promise in ["Content-Length: \(body.count)\r\n", "Transfer-Encoding: chunked\r\n"] {
            for sent in [0, 1, body.count / 2] {
                _ = try await RawHTTP.exchange(
                    port: try fleet.port,
                    [try request(promise), Array(body.prefix(sent))],
                    abandon: true
                )
            }
        }

        #expect(try await fleet.post(Self.path, DecisionContractTests.body).status == 200)
        #expect(try await fleet.jobs() == before + 1)
        #expect(!fleet.api.log.contains("error api"), "\(fleet.api.log.suffix(2000))")
    }

    @Test("after all of it the same process still answers")
    func stillUp() async throws {
        let fleet = try Fleet.current

        #expect(fleet.api.isRunning)
        #expect(try await fleet.post(Self.path, DecisionContractTests.body).status == 200)
    }

    // MARK: Parts

    private func request(_ more: String) throws -> [UInt8] {
        let head =
            "POST \(Self.path) HTTP/1.1\r\nHost: x\r\nX-API-Key: \(try Fleet.current.key)\r\nConnection: close\r\n"
            + "Content-Type: application/json\r\n\(more)\r\n"
        return Array(head.utf8)
    }

    private static func expectError(_ answer: FetchResponse, _ status: Int, _ code: String) throws {
        #expect(answer.status == status, "\(answer.text)")
        #expect(answer.headers["content-type"]?.hasPrefix("application/json") == true)
        let reply = try answer.json
        let error = try #require(reply["error"]?.object, "\(answer.text)")
        #expect(error["code"]?.string == code, "\(answer.text)")
        #expect(error["message"]?.string?.isEmpty == false)
        #expect(error["hint"]?.string?.isEmpty == false)
        #expect(error["field"] != nil)
        #expect(reply["detail"] == error["message"])
        #expect(reply["request_id"]?.string == answer.headers["x-request-id"])
        for word in ["Error(", "Swift", "NIO", "Hummingbird", "Postgres", "SELECT", "/Sources/", "Optional("] {
            #expect(!answer.text.contains(word), "\(word) leaks: \(answer.text)")
        }
    }
}

extension Fleet {
    /// Jobs of callers that were ever accepted.
    fileprivate func jobs() async throws -> Int {
        try await count(
            "SELECT (SELECT count(*) FROM job_live WHERE tenant <> 'system') + (SELECT count(*) FROM job_result WHERE tenant <> 'system')"
        )
    }

    /// The most memory the API has ever had, in KiB.
    fileprivate func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(api.pid)/status", encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM") }),
            let kibibytes = Int(line.filter(\.isNumber))
        else { throw FleetError("no VmHWM") }
        return kibibytes
    }
}

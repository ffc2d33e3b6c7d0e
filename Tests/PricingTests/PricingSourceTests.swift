import Fetch
import Glibc
import Support
import Testing

@testable import Pricing

// Needs the local AWS and the recorded prices of the shared folder. One after the other: each has a server of its own.
@Suite("Pricing sources against a local AWS", .serialized, .enabled(if: FakeAWS.isFound), .timeLimit(.minutes(5)))
struct PricingSourceTests {
    let aws: FakeAWS

    init() async throws {
        aws = try await FakeAWS()
    }

    private func code(_ body: () async throws -> Void) async -> PricingError? {
        do {
            try await body()
            return nil
        } catch { return error as? PricingError }
    }

    private struct NotModified: Error {}

    private func delivered(
        _ result: SpotAdvisorSource.Result
    ) throws -> (feed: SpotAdvisorFeed, etag: String?, source: String) {
        guard case .feed(let feed, let etag, let source) = result else { throw NotModified() }
        return (feed, etag, source)
    }

    private func prices(_ result: OnDemandSource.Result) throws -> OnDemandPriceList {
        guard case .prices(let list, _) = result else { throw NotModified() }
        return list
    }

    @Test(
        "the feed is fetched through faults, then confirmed by its ETag",
        arguments: [["throttle"], ["e500", "e502", "e503"], ["truncate", "truncate"], ["reset", "html503"], []]
    )
    func advisor(_ faults: [String]) async throws {
        try await aws.script(faults)
        let (feed, etag, source) = try delivered(try await aws.advisor().fetch())
        #expect(feed.rows.count == 25_323)
        #expect(source.hasSuffix("/spot-advisor-data.json") && source.hasPrefix("127.0.0.1"))
        guard case .notModified = try await aws.advisor().fetch(etag: etag) else {
            Issue.record("sent again")
            return
        }
    }

    @Test(
        "a feed that stays broken is refused, and the error says that the last good copy stays",
        arguments: ["truncate", "badxml", "denied", "e500", "reset"]
    )
    func advisorFails(_ fault: String) async throws {
        // More than two, because libcurl itself repeats what a reused connection lost.
        try await aws.script(Array(repeating: fault, count: 6))
        let error = try #require(await code { _ = try await aws.advisor(attempts: 2).fetch() })
        #expect(error.description.contains("the last good copy stays"))
        #expect(error.code == (fault == "badxml" ? .malformed : .fetch))
    }

    @Test("a slow feed still arrives; a stalled one is given up")
    func slow() async throws {
        try await aws.configure(#"{"slow_bps": 4000000}"#)
        try await aws.script(["slow"])
        let (feed, _, _) = try delivered(try await aws.advisor().fetch())
        #expect(feed.rows.count == 25_323)
    }

    @Test("a local copy is read from a path and from a file URL; a missing one says so")
    func local() async throws {
        let path = try SharedFiles.path("data/spot-advisor/spot-advisor-data_2025-07.json")
        for location in [path, "file://" + path] {
            let (feed, etag, source) = try delivered(try await aws.advisor(location).fetch(etag: "x"))
            #expect(feed.rows.count == 25_323 && etag == nil && source == "spot-advisor-data_2025-07.json")
        }
        #expect(await code { _ = try await aws.advisor("/no/such/file.json").fetch() }?.code == .unreadable)
    }

    @Test(
        "an offer file gives exactly the recorded prices and none of the decoys, whatever breaks on the way",
        arguments: [
            [], ["throttle", "e500"], ["ok", "ok", "truncate", "truncate", "reset"], ["truncate", "html503", "e502"],
        ]
    )
    func offer(_ faults: [String]) async throws {
        try await aws.script(faults)
        let list = try prices(try await aws.onDemand().fetch(region: "us-east-1"))
        let recorded = String(
            decoding: try SharedFiles.bytes("data/pricing/ondemand/on_demand_prices.csv"),
            as: UTF8.self
        )
        var expected: [String: HourlyPrice] = [:]
        for line in recorded.split(separator: "\n") {
            let fields = line.split(separator: ",")
            if fields[0] == "us-east-1" { expected["\(fields[1]) \(fields[2])"] = HourlyPrice(fields[3].utf8) }
        }
        let found = Dictionary(
            uniqueKeysWithValues: list.prices.map { ("\($0.instanceType) \($0.operatingSystem)", $0.hourly) }
        )
        #expect(found == expected)
        #expect(found.count > 2_000)
        #expect(list.version == "20240115000000")
        #expect(list.report.malformed == 0)
        #expect(InstanceCatalogue(list.catalogue)["m5.large"]?.memoryMiB == 8_192)
        guard
            case .notModified("20240115000000") = try await aws.onDemand().fetch(
                region: "us-east-1",
                knownVersion: list.version
            )
        else {
            Issue.record("sent again")
            return
        }
    }

    @Test("a download that breaks is resumed, not begun again")
    func resumes() async throws {
        try await aws.configure(#"{"bulk_pad_mb": 8}"#)
        try await aws.script(["ok", "ok", "truncate", "truncate", "truncate"])
        let list = try prices(try await aws.onDemand().fetch(region: "us-east-1"))
        #expect(list.prices.count >= 1_367)
        let log = String(
            decoding: try await aws.fetcher.send(FetchRequest(url: aws.url + "/_fake/log")).body,
            as: UTF8.self
        )
        // Each resumption asks for the half that is left of a half.
        #expect(log.split(separator: "\"status\": 206").count - 1 == 3)
    }

    @Test("an unknown region, a region that is none and a server that is down are told apart")
    func offerFails() async throws {
        #expect(await code { _ = try await aws.onDemand().fetch(region: "xx-nowhere-9") }?.code == .invalid)
        #expect(await code { _ = try await aws.onDemand().fetch(region: "../../etc") }?.code == .invalid)
        try await aws.script(Array(repeating: "e500", count: 2))
        #expect(await code { _ = try await aws.onDemand(attempts: 2).fetch(region: "us-east-1") }?.code == .fetch)
        try await aws.script(["ok", "badxml"])
        #expect(await code { _ = try await aws.onDemand().fetch(region: "us-east-1") }?.code == .malformed)
    }

    @Test("a 64 MB offer file passes through in flat memory")
    func flat() async throws {
        try await aws.configure(#"{"bulk_pad_mb": 64}"#)
        Self.resetPeak()
        let before = Self.peakMegabytes()
        let began = ContinuousClock.now
        let list = try prices(try await aws.onDemand().fetch(region: "us-east-1"))
        let growth = Self.peakMegabytes() - before
        print(
            "64 MB offer file: \(list.prices.count) prices in \(began.duration(to: .now)), \(growth) MB more at the peak"
        )
        #expect(before > 0)
        #expect(growth < 32)  // half the file; other tests run beside this one
    }

    /// Starts the kernel's record of our peak anew.
    private static func resetPeak() {
        guard let file = fopen("/proc/self/clear_refs", "w") else { return }
        fputs("5", file)
        fclose(file)
    }

    /// The most memory that was resident since ``resetPeak()``.
    private static func peakMegabytes() -> Int {
        guard let file = fopen("/proc/self/status", "r") else { return 0 }
        defer { fclose(file) }
        var block = [UInt8](repeating: 0, count: 8_192)
        let count = fread(&block, 1, block.count, file)
        let line = String(decoding: block[..<count], as: UTF8.self).split(separator: "\n").first {
            $0.hasPrefix("VmHWM:")
        }
        return (line?.split(whereSeparator: \.isWhitespace)).flatMap { $0.count > 1 ? Int($0[1]) : nil }.map {
            $0 / 1_000
        } ?? 0
    }

    @Test("DescribeInstanceTypes is paged, signed, patient with throttling, and cured of a wrong clock")
    func describe() async throws {
        try await aws.script(["throttle", "html503", "truncate"])
        // An hour behind: EC2 refuses beyond five minutes.
        let client = EC2Client(
            region: "us-east-1",
            credentials: .init(FakeAWS.credentials),
            endpoint: aws.url + "/",
            fetcher: aws.fetcher,
            environment: FakeAWS.impatient,
            now: { time(nil) - 3_600 }
        )
        let facts = try await InstanceTypeSource(client: client).fetch()
        #expect(facts.count == 929)
        let catalogue = InstanceCatalogue(facts)
        #expect(catalogue["m5.large"]?.vcpus == 2 && catalogue["m5.large"]?.source == .describeInstanceTypes)
    }

    @Test("wrong keys and missing rights are refused at once, with EC2's own code", arguments: ["key", "denied"])
    func refused(_ how: String) async throws {
        if how == "denied" { try await aws.script(["denied"]) }
        let credentials =
            how == "key"
            ? AWSCredentials(accessKeyID: "AKIDFAKEEXAMPLE00001", secretAccessKey: "wrong") : FakeAWS.credentials
        let client = EC2Client(
            region: "us-east-1",
            credentials: .init(credentials),
            endpoint: aws.url + "/",
            fetcher: aws.fetcher,
            environment: FakeAWS.impatient
        )
        let error = try #require(await code { _ = try await InstanceTypeSource(client: client).fetch() })
        #expect(error.code == .refused)
        #expect(error.description.contains(how == "key" ? "SignatureDoesNotMatch" : "UnauthorizedOperation"))
        #expect(!error.description.contains("wrong"))
    }

    @Test("refreshing stores, confirms, and after a failure keeps the good copy and says why")
    func refresh() async throws {
        let base = try await PricingDatabase()
        let refresh = PriceRefresh(store: base.store)
        _ = try await base.store.replaceSpotAdvisor(
            SamplePrices.advisor,
            etag: nil,
            source: SamplePrices.source,
            isSample: true
        )

        guard case .stored(let outcome, _) = try await refresh.spotAdvisor(from: aws.advisor()) else {
            Issue.record("the sample passed for the feed")
            return
        }
        #expect(outcome.rows == 25_323)
        let stored = try #require(try await base.store.source(PriceSourceStatus.spotAdvisor))
        #expect(try await refresh.spotAdvisor(from: aws.advisor()) == .unchanged)
        let confirmed = try #require(try await base.store.source(PriceSourceStatus.spotAdvisor))
        #expect(confirmed.lastUpdated == stored.lastUpdated && confirmed.confirmedAt > stored.confirmedAt)

        try await aws.script(Array(repeating: "e500", count: 4))
        #expect(await code { _ = try await refresh.spotAdvisor(from: aws.advisor()) }?.code == .fetch)
        let failed = try #require(try await base.store.source(PriceSourceStatus.spotAdvisor))
        #expect(failed.lastError?.contains("500") ?? false)
        #expect(failed.rows == 25_323 && failed.confirmedAt == confirmed.confirmedAt)
        #expect(try await base.count("spot_advisor_data") == 25_323)

        guard case .stored = try await refresh.onDemand(from: aws.onDemand(), region: "us-east-1") else {
            Issue.record("nothing stored")
            return
        }
        #expect(try await refresh.onDemand(from: aws.onDemand(), region: "us-east-1") == .unchanged)
        let snapshot = try await base.store.snapshot(region: "us-east-1")
        #expect(!snapshot.isSample && snapshot.onDemand["m5.large"]?.hourlyUSD == 0.096)
    }
}

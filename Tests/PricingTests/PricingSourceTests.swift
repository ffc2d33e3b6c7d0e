import Fetch
import Foundation
import Glibc
import Postgres
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

    @Test("a large offer file passes through in flat memory")
    func flat() async throws {
        // 320 MB in the soak.
        let megabytes = TestSize.of("CLOUDOPTIM_OFFER_MB", ordinarily: 64)
        try await aws.configure("{\"bulk_pad_mb\": \(megabytes)}")
        Self.resetPeak()
        let before = Self.peakMegabytes()
        let began = ContinuousClock.now
        let list = try prices(try await aws.onDemand().fetch(region: "us-east-1"))
        let growth = Self.peakMegabytes() - before
        print(
            "\(megabytes) MB offer file: \(list.prices.count) prices in \(began.duration(to: .now)), \(growth) MB more at the peak"
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

    @Test("GetProducts gives the offer file's prices of the types asked for, signed and through faults")
    func products() async throws {
        try await aws.script(["throttle", "e500"])
        let types = ["m5.large", "c5.xlarge", "r5.large"]
        let list = try await aws.products().fetch(region: "us-east-1", instanceTypes: types + ["m5.large"])
        let file = try prices(try await aws.onDemand().fetch(region: "us-east-1"))
        #expect(list.prices == file.prices.filter { types.contains($0.instanceType) })
        #expect(list.prices.count >= types.count && list.version == file.version)
        #expect(list.report.malformed == 0)
        let unknown = await code {
            _ = try await aws.products().fetch(region: "us-east-1", instanceTypes: ["zz9.large"])
        }
        #expect(unknown?.code == .invalid)

        // A part tells nothing about the age of the whole.
        let base = try await PricingDatabase()
        let refresh = PriceRefresh(store: base.store)
        _ = try await refresh.onDemand(from: aws.onDemand(), region: "us-east-1")
        let whole = try await base.store.source(PriceSourceStatus.onDemand, region: "us-east-1")
        _ = try await base.pool.query("UPDATE on_demand_prices SET hourly_price = 99 WHERE instance_type = 'm5.large'")
        _ = try await refresh.products(from: aws.products(), region: "us-east-1", instanceTypes: types)
        #expect(try await base.store.source(PriceSourceStatus.onDemand, region: "us-east-1") == whole)
        #expect(try await base.count("on_demand_prices WHERE hourly_price = 99") == 0)
    }

    @Test(
        "a file that lost a tenth of its prices between two rows is refused, as is one of another version than promised"
    )
    func halfUpdated() async throws {
        let base = try await PricingDatabase()
        let whole = try prices(try await aws.onDemand().fetch(region: "us-east-1"))
        _ = try await base.store.mergeOnDemand(whole, source: "file")
        var cut = whole
        cut.prices = Array(whole.prices.prefix(whole.prices.count * 8 / 10))
        cut.version = "20991231000000"
        let stored = try await base.count("on_demand_prices WHERE offer_version = '20240115000000'")
        #expect(await code { _ = try await base.store.mergeOnDemand(cut, source: "file") }?.code == .shrunk)
        #expect(try await base.count("on_demand_prices WHERE offer_version = '20240115000000'") == stored)
        #expect(try await base.store.mergeOnDemand(cut, source: "file", force: true).changed)

        let list = String(
            decoding: try await aws.fetcher.send(FetchRequest(url: aws.url + Self.file)).body,
            as: UTF8.self
        )
        let folder = try TemporaryFolder()
        let stale = list.split(separator: "\n").map { line in
            line.hasPrefix("\"Version\"") ? "\"Version\",\"20231201000000\"" : String(line)
        }.joined(separator: "\n")
        for (path, text) in [
            ("offers/v1.0/aws/index.json", #"{"offers":{"AmazonEC2":{"currentRegionIndexUrl":"/region_index.json"}}}"#),
            ("region_index.json", #"{"regions":{"us-east-1":{"currentVersionUrl":"\#(Self.file.dropLast(3))json"}}}"#),
            (String(Self.file.dropFirst()), stale),
        ] {
            let url = URL(filePath: folder.path + "/" + path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(),
                withIntermediateDirectories: true
            )
            try text.write(to: url, atomically: false, encoding: .utf8)
        }
        let port = try LoopbackPort.free()
        let server = try await ServerProcess.start(
            "exec python3 -m http.server \(port) --bind 127.0.0.1 --directory \(folder.path)",
            log: "/dev/null"
        )
        defer { server.send(SIGTERM) }
        let source = OnDemandSource(baseURL: "http://127.0.0.1:\(port)", fetcher: aws.fetcher, readers: aws.readers)
        try await Condition.holds(within: .seconds(20)) {
            (try? await aws.fetcher.send(FetchRequest(url: "http://127.0.0.1:\(port)/region_index.json")))?.isSuccess
                == true
        }
        let error = try #require(await code { _ = try await source.fetch(region: "us-east-1") })
        #expect(error.code == .invalid && error.description.contains("publishing"), "\(error)")
    }

    private static let file = "/offers/v1.0/aws/AmazonEC2/20240115000000/us-east-1/index.csv"

    @Test("regions and zones are told, and pools learn how their zones are called elsewhere")
    func regions() async throws {
        #expect(try await RegionSource(client: aws.ec2(region: "us-east-1")).regions() == ["us-east-1"])
        let base = try await PricingDatabase()
        _ = try await base.pool.query(
            """
            INSERT INTO pricing_pools (region, availability_zone, instance_type, product_description)
            VALUES ('us-east-1', 'us-east-1a', 'm5.large', 'Linux/UNIX'), ('eu-west-1', 'us-east-1a', 'm5.xlarge', 'Windows')
            """
        )
        let zones = [RegionSource.Zone(name: "us-east-1a", id: "use1-az4"), .init(name: "us-east-1b", id: "use1-az6")]
        #expect(try await base.store.learnZones(zones, region: "us-east-1") == 1)
        #expect(try await base.store.learnZones(zones, region: "us-east-1") == 0)
        #expect(try await base.count("pricing_pools WHERE az_id = 'use1-az4'") == 1)
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

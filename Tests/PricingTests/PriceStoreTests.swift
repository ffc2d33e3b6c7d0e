import Contract
import FoundationEssentials
import Postgres
import Support
import Testing

@testable import Pricing

@Suite("Price store", .timeLimit(.minutes(2)))
struct PriceStoreTests {
    private func code(_ body: () async throws -> Void) async -> PricingError.Code? {
        do {
            try await body()
            return nil
        } catch { return (error as? PricingError)?.code }
    }

    @Test("a shrinking feed is refused and changes nothing; forced, it is taken")
    func shrinking() async throws {
        let base = try await PricingDatabase()
        _ = try await base.store.replaceSpotAdvisor(.made(100), etag: "a", source: "feed")
        let before = try await base.version()

        #expect(
            await code { _ = try await base.store.replaceSpotAdvisor(.made(89, savings: 1), etag: "b", source: "feed") }
                == .shrunk
        )
        #expect(try await base.count("spot_advisor_data WHERE savings_over_od = 50") == 100)
        #expect(try await base.version() == before)

        _ = try await base.store.replaceSpotAdvisor(.made(90), etag: "c", source: "feed")
        #expect(try await base.count("spot_advisor_data") == 90)
        _ = try await base.store.replaceSpotAdvisor(.made(10), etag: "d", source: "feed", force: true)
        #expect(try await base.count("spot_advisor_data") == 10)
    }

    @Test("a sample fills an empty store, gives way to real data, and never comes back")
    func sample() async throws {
        let base = try await PricingDatabase()
        _ = try await base.store.replaceSpotAdvisor(
            SamplePrices.advisor,
            etag: nil,
            source: SamplePrices.source,
            isSample: true
        )
        _ = try await base.store.mergeOnDemand(SamplePrices.onDemand, source: SamplePrices.source, isSample: true)
        let sampled = try await base.store.snapshot(region: "us-east-1")
        #expect(sampled.isSample)
        #expect(sampled.advisor.count == 40 && sampled.onDemand.count == 40 && sampled.catalogue.count == 40)
        #expect(sampled.catalogue["m5.large"]?.allocatableMemoryMiB == 6_903)
        #expect(sampled.catalogue["m5.large"]?.source == .sample)

        // Far fewer rows, but real ones.
        _ = try await base.store.replaceSpotAdvisor(.made(5), etag: "a", source: "feed")
        let list = try OnDemandTable.parse(
            Array(#"{"generated_at":"2026-07-20","prices":{"us-east-1":{"m5.x0":0.096}}}"#.utf8),
            document: "t"
        )
        _ = try await base.store.mergeOnDemand(list, source: "t")
        let real = try await base.store.snapshot(region: "us-east-1")
        #expect(!real.isSample)
        #expect(real.advisor.count == 5)
        #expect(Array(real.onDemand.keys) == ["m5.x0"])

        #expect(
            await code {
                _ = try await base.store.replaceSpotAdvisor(
                    SamplePrices.advisor,
                    etag: nil,
                    source: "SAMPLE",
                    isSample: true,
                    force: true
                )
            } == .sampleOverReal
        )
        #expect(
            await code {
                _ = try await base.store.mergeOnDemand(SamplePrices.onDemand, source: "SAMPLE", isSample: true)
            } == .sampleOverReal
        )
        #expect(try await base.store.snapshot(region: "us-east-1").advisor == real.advisor)
        // The other region's sample prices are still there and still say so.
        #expect(try await base.store.snapshot(region: "eu-west-1").isSample)
    }

    @Test("two feeds stored at the same moment follow each other; the store is then exactly one of them")
    func concurrent() async throws {
        let base = try await PricingDatabase()
        for round in 0..<5 {
            let feeds = try [SpotAdvisorFeed.made(200, savings: 2 * round), .made(210, savings: 2 * round + 1)]
            try await withThrowingTaskGroup(of: PriceStore.WriteOutcome.self) { group in
                for (index, feed) in feeds.enumerated() {
                    group.addTask {
                        try await base.store.replaceSpotAdvisor(feed, etag: "\(round).\(index)", source: "feed")
                    }
                }
                for try await outcome in group { #expect(outcome.changed) }
            }
            let savings = try await base.pool.query("SELECT DISTINCT savings_over_od AS s FROM spot_advisor_data").map {
                try $0.get("s", as: Int.self)
            }
            #expect(savings.count == 1)
            #expect(try await base.count("spot_advisor_data") == (savings == [2 * round] ? 200 : 210))
            #expect(try await base.version() == 2 * (round + 1))
        }
    }

    @Test("the same feed under the same ETag is only confirmed")
    func idempotent() async throws {
        let base = try await PricingDatabase()
        let first = try await base.store.replaceSpotAdvisor(.made(50), etag: "a", source: "feed")
        try await base.store.noteFailure(PriceSourceStatus.spotAdvisor, PricingError(.fetch, "no network", in: "feed"))
        let failed = try #require(try await base.store.source(PriceSourceStatus.spotAdvisor))
        #expect(failed.lastError == "feed: no network")
        let second = try await base.store.replaceSpotAdvisor(.made(50), etag: "a", source: "feed")
        #expect(first.changed && !second.changed && first.version == second.version)
        let status = try #require(try await base.store.source(PriceSourceStatus.spotAdvisor))
        #expect(status.etag == "a" && status.rows == 50 && status.lastError == nil)
        #expect(status.confirmedAt > status.lastUpdated)
        try await base.store.confirm(PriceSourceStatus.spotAdvisor)
        #expect(
            try #require(try await base.store.source(PriceSourceStatus.spotAdvisor)).confirmedAt > status.confirmedAt
        )
        #expect(
            try #require(try await base.store.source(PriceSourceStatus.spotAdvisor)).lastUpdated == status.lastUpdated
        )
    }

    @Test("a backend killed in the middle of a replacement leaves the store as it was")
    func killed() async throws {
        let base = try await PricingDatabase()
        _ = try await base.store.replaceSpotAdvisor(.made(100), etag: "a", source: "feed")
        let version = try await base.version()
        let feed = try SpotAdvisorFeed.made(120, savings: 7)

        // Hold the row that the replacement writes after it has deleted and inserted.
        try await base.pool.transaction { holder in
            _ = try await holder.query("SELECT FROM data_sources WHERE name = 'spot_advisor' FOR UPDATE")
            async let refused = code { _ = try await base.store.replaceSpotAdvisor(feed, etag: "b", source: "feed") }
            var killed = 0
            let end = ContinuousClock.now + .seconds(20)
            while killed == 0, ContinuousClock.now < end {
                killed = try await base.pool.query(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
                ).count
            }
            #expect(killed == 1)
            #expect(await refused == .store)
        }

        #expect(try await base.count("spot_advisor_data WHERE savings_over_od = 50") == 100)
        #expect(try await base.count("spot_advisor_data") == 100)
        #expect(try await base.version() == version)
        // And the next attempt goes through: no lock was left behind.
        _ = try await base.store.replaceSpotAdvisor(feed, etag: "b", source: "feed")
        #expect(try await base.count("spot_advisor_data WHERE savings_over_od = 7") == 120)
    }

    @Test("of several documents, the latest publication counts, in whatever order they come")
    func publications() async throws {
        let base = try await PricingDatabase()
        func table(_ day: String, _ price: String) throws -> OnDemandPriceList {
            try OnDemandTable.parse(
                Array(
                    #"{"generated_at":"\#(day)","prices":{"us-east-1":{"m5.large":\#(price),"m5.xlarge":\#(price)}}}"#
                        .utf8
                ),
                document: "t"
            )
        }
        _ = try await base.store.mergeOnDemand(table("2026-07-20", "0.2"), source: "new")
        _ = try await base.store.mergeOnDemand(table("2025-07-28", "0.1"), source: "old")
        let snapshot = try await base.store.snapshot(region: "us-east-1")
        #expect(snapshot.onDemand["m5.large"]?.hourlyUSD == 0.2)
        #expect(snapshot.onDemand["m5.large"]?.effectiveDate == "2026-07-20")
        // The last delivery is on record, so that its source is not asked for the same version again.
        #expect(
            try await base.store.source(PriceSourceStatus.onDemand, region: "us-east-1")?.version == "20250728000000"
        )
        let again = try await base.store.mergeOnDemand(table("2026-07-20", "0.2"), source: "new")
        #expect(!again.changed)
        #expect(try await base.store.snapshot(region: "us-east-1", operatingSystem: "Windows").onDemand.isEmpty)
    }

    @Test("the catalogue survives the round trip and is corrected attribute by attribute")
    func catalogue() async throws {
        let base = try await PricingDatabase()
        let name = try #require(InstanceTypeName("m5.large"))
        var strong = InstanceTypeFacts(name, source: .describeInstanceTypes)
        strong.set(vcpus: 2, memoryMiB: nil)
        strong.set(29, .maxPods, \.maxPods)
        strong.set("it's \"quoted\"", .processor, \.processor)
        strong.set(false, .burstable, \.burstable)
        var weak = InstanceTypeFacts(name, source: .feed)
        weak.set(vcpus: 9, memoryMiB: 8_192)
        _ = try await base.store.mergeCatalogue([strong], source: "EC2")
        _ = try await base.store.mergeCatalogue([weak], source: "feed")
        var expected = strong
        expected.merge(weak)
        #expect(try await base.store.catalogue().facts(for: "m5.large") == expected)
        #expect(expected.vcpus == 2 && expected.memoryMiB == 8_192)
        #expect(!(try await base.store.mergeCatalogue([weak], source: "feed").changed))
    }

    @Test("spot rows of the last week come with the price carried in, and the latest price")
    func spotRows() async throws {
        let base = try await PricingDatabase()
        _ = try await base.pool.query(
            """
            INSERT INTO pricing_pools (region, availability_zone, az_id, instance_type, product_description)
            VALUES ('us-east-1', 'us-east-1a', 'use1-az1', 'm5.large', 'Linux/UNIX'),
                   ('us-east-1', 'us-east-1b', NULL, 'm5.large', 'Linux/UNIX'),
                   ('us-east-1', 'us-east-1a', 'use1-az1', 'm5.large', 'Windows')
            """
        )
        _ = try await base.pool.query(
            """
            INSERT INTO spot_price_rows (pool_id, ts, price_micros)
            SELECT 1, now() - make_interval(days => d), 40000 + d FROM generate_series(1, 20) AS d
            """
        )
        _ = try await base.pool.query(
            "INSERT INTO spot_price_latest VALUES (1, now() - interval '1 day', 40001, now())"
        )
        let snapshot = try await base.store.snapshot(region: "us-east-1")
        #expect(snapshot.spotPools.map(\.availabilityZone) == ["us-east-1a", "us-east-1b"])
        let pool = snapshot.spotPools[0]
        // Seven days back is a hair after the row of that day: it is the one carried in.
        #expect(pool.changes.map(\.price.micros) == [40_007, 40_006, 40_005, 40_004, 40_003, 40_002, 40_001])
        #expect(pool.latest?.price.micros == 40_001 && pool.zoneID == "use1-az1")
        #expect(snapshot.spotPools[1].latest == nil && snapshot.spotPools[1].changes.isEmpty)
        let view = try await base.pool.query("SELECT min(spot_price)::float8 AS p FROM spot_prices").one()
        #expect(try view.get("p", as: Double.self) == 0.040001)
    }

    @Test("a month's partition takes over what the default partition held, once")
    func partitions() async throws {
        let base = try await PricingDatabase()
        _ = try await base.pool.query(
            "INSERT INTO spot_price_rows VALUES (1, '2016-02-29 12:00Z', 5), (1, '2016-03-01 00:00Z', 6)"
        )
        #expect(try await base.count("spot_price_rows_default") == 2)
        let made: Bool = try await base.pool.query("SELECT ensure_spot_price_partition('2016-02-10') AS made").one()
            .get("made")
        let again: Bool = try await base.pool.query("SELECT ensure_spot_price_partition('2016-02-28 23:59Z') AS made")
            .one().get("made")
        #expect(made && !again)
        #expect(try await base.count("spot_price_rows_default") == 1)
        #expect(try await base.count("spot_price_rows_201602") == 1)
        #expect(try await base.count("spot_price_rows") == 2)
    }

    // Needs the shared data folder.
    @Test("the real feed, prices and catalogue come back whole", .enabled(if: SharedFiles.isFound))
    func real() async throws {
        let base = try await PricingDatabase()
        let feed = try SpotAdvisorFeed(
            parsing: try SharedFiles.bytes("data/spot-advisor/spot-advisor-data_2025-07.json"),
            document: "feed"
        )
        let began = ContinuousClock.now
        _ = try await base.store.replaceSpotAdvisor(feed, etag: "a", source: "feed")
        let first = began.duration(to: .now)
        _ = try await base.store.replaceSpotAdvisor(feed, etag: "b", source: "feed")
        let second = began.duration(to: .now) - first
        let prices = try OnDemandFile.open(try SharedFiles.path("data/on-demand/karpenter_us-east-1_2026-07.json"))
        _ = try await base.store.mergeOnDemand(prices, source: "prices")
        let file = try CatalogueFile(
            parsing: try SharedFiles.bytes("data/instances/karpenter_catalogue_2026-08.json"),
            document: "catalogue"
        )
        _ = try await base.store.mergeCatalogue(file.facts, source: "catalogue")

        let reading = ContinuousClock.now
        let snapshot = try await base.store.snapshot(region: "us-east-1")
        print("25,323 rows stored in \(first), again in \(second); snapshot in \(reading.duration(to: .now))")
        let expected = feed.rows.filter { $0.region == "us-east-1" && $0.operatingSystem == "Linux" }.sorted {
            $0.instanceType < $1.instanceType
        }
        #expect(snapshot.advisor.sorted { $0.instanceType < $1.instanceType } == expected)
        #expect((0..<5).map { index in snapshot.advisor.count { $0.rateIndex == index } } == [192, 138, 81, 82, 401])
        #expect(snapshot.onDemand.count == 1_367)
        for price in prices.prices { #expect(snapshot.onDemand[price.instanceType] == price) }
        #expect(snapshot.catalogue.count == 1_363 + 23)
        for facts in file.facts {
            #expect(snapshot.catalogue[facts.name.description]?.allocatableMemoryMiB == facts.allocatableMemory)
        }
        #expect(snapshot.id == 4)
        #expect(snapshot.sources.map(\.name) == ["instance_types", "on_demand", "spot_advisor"])
        #expect(try await base.store.regions().count == 33)
        #expect(try await base.store.snapshot(region: "nowhere").isEmpty)

        var paged: [SpotAdvisorRow] = []
        while true {
            let page = try await base.store.listSpotAdvisor(limit: 5_000, after: paged.last)
            paged += page.map(\.row)
            if page.count < 5_000 { break }
        }
        #expect(paged.count == 25_323)
        #expect(Set(paged.map { "\($0.region) \($0.operatingSystem) \($0.instanceType)" }).count == 25_323)
        let one = try await base.store.listSpotAdvisor(
            .init(region: "us-east-1", operatingSystem: "Linux", instanceType: "m5.large")
        )
        #expect(one.map(\.row) == expected.filter { $0.instanceType == "m5.large" })
    }
}

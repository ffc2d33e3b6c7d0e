import FoundationEssentials
import Logging
import Postgres
import Support

@testable import Pricing

/// A fresh database with the pricing schema, and the store on it.
struct PricingDatabase {
    let configuration: PostgresConfiguration
    let pool: PostgresPool
    let store: PriceStore

    init() async throws {
        configuration = try await PrivateServers.freshDatabase()
        let file =
            "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
            + "/Sources/Shared/Schema/Migrations/0002_pricing.sql"
        let sql = try String(contentsOf: URL(filePath: file), encoding: .utf8)
        let logger = Logger(label: "tests", factory: { _ in SwiftLogNoOpLogHandler() })
        let migrator = try PostgresMigrator(
            configuration: configuration,
            migrations: [PostgresMigration(version: 1, name: "pricing", sql: sql)],
            logger: logger
        )
        _ = try await migrator.migrate()
        pool = try PostgresPool(configuration: configuration, size: 4, logger: logger)
        store = PriceStore(pool: pool)
    }

    func count(_ sql: String) async throws -> Int {
        try await pool.query("SELECT count(*) AS n FROM \(sql)").one().get("n")
    }

    func version() async throws -> Int {
        try await pool.query("SELECT version FROM price_data_version").one().get("version")
    }
}

extension SpotAdvisorFeed {
    /// A feed of `count` types in one region.
    static func made(_ count: Int, savings: Int = 50, region: String = "us-east-1") throws -> SpotAdvisorFeed {
        let rows = (0..<count).map { #""m5.x\#($0)":{"s":\#(savings),"r":0}"# }.joined(separator: ",")
        let types = (0..<count).map { #""m5.x\#($0)":{"cores":2,"ram_gb":8.0}"# }.joined(separator: ",")
        let text =
            #"{"instance_types":{\#(types)},"ranges":[{"index":0,"label":"<5%","max":5}],"spot_advisor":{"\#(region)":{"Linux":{\#(rows)}}}}"#
        return try SpotAdvisorFeed(parsing: Array(text.utf8), document: "made")
    }
}

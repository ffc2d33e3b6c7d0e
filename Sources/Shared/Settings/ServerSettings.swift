/// Every option the processes share, read and checked once at start.
package struct ServerSettings: Sendable {
    package var database: DatabaseSettings
    package var redis: RedisSettings
    package var http: HTTPSettings
    package var queue: QueueSettings
    /// Days a decision's request and market are kept for replays; 0 keeps none.
    package var decisionInputDays: Int
    package var pricing: PricingSettings
    package var aws: AWSSettings
    package var models: ModelSettings
    package var log: LogSettings
    /// Whether drill jobs may ask a worker to misbehave; only test fleets set it.
    package var allowsDrillFaults: Bool
    /// What a drill may take in such a fleet; nil: its kind's limit.
    package var drillTimeLimit: Duration?
    /// What a job that workers died with may allocate, alone in its process, before it dies of it.
    package var isolatedMemoryMegabytes: Int

    /// Reads and checks all of them.
    ///
    /// - Throws: ``SettingsError`` for the first bad value, and when training is asked for: this server never trains.
    package init(_ reader: SettingsReader) throws(SettingsError) {
        if try reader.flag("allow_model_training", default: false) {
            throw SettingsError(
                "ALLOW_MODEL_TRAINING is true; this server only uses models and never trains one: unset it"
            )
        }
        database = try DatabaseSettings(reader)
        redis = try RedisSettings(reader)
        http = try HTTPSettings(reader)
        queue = try QueueSettings(reader)
        decisionInputDays = try reader.integer("decision.input_retention_days", default: 7, in: 0...90)
        pricing = try PricingSettings(reader)
        aws = try AWSSettings(reader)
        models = try ModelSettings(reader)
        log = try LogSettings(reader)
        allowsDrillFaults = try reader.flag("drill_faults", default: false)
        let seconds = try reader.integer("drill_time_limit_seconds", default: 0, in: 0...3600)
        drillTimeLimit = seconds > 0 ? .seconds(seconds) : nil
        isolatedMemoryMegabytes = try reader.integer("isolated_memory_mb", default: 4096, in: 256...1_048_576)
    }

    package static func ofProcess() async throws(SettingsError) -> ServerSettings {
        try ServerSettings(await .ofProcess())
    }
}

/// Where the ledger is.
///
/// `DATABASE_URL` overrides the single values.
package struct DatabaseSettings: Sendable {
    package let url: String?
    package let host: String
    package let port: Int
    package let name: String
    package let user: String
    package let password: String?
    /// Passed to libpq as it is: disable, prefer, require, verify-ca, verify-full.
    package let sslMode: String?
    package let sslRootCertificate: String?
    package let poolSize: Int

    init(_ reader: SettingsReader) throws(SettingsError) {
        url = try reader.text("database.url", isSecret: true)
        host = try reader.text("db.host") ?? "localhost"
        port = try reader.integer("db.port", default: 5432, in: 1...65535)
        name = try reader.text("db.name") ?? "ml_server"
        user = try reader.text("db.user") ?? "ml_server"
        password = try reader.text("db.password", isSecret: true)
        sslMode = try reader.text("db.sslmode")
        sslRootCertificate = try reader.text("db.sslrootcert")
        poolSize = try reader.integer("db.pool_size", default: 4, in: 1...100)
    }
}

/// Where the doorbell is.
///
/// `REDIS_URL` overrides the single values.
package struct RedisSettings: Sendable {
    package let url: String?
    package let host: String
    package let port: Int
    package let username: String?
    package let password: String?
    package let database: Int
    /// Separates fleets that share one Redis.
    package let namespace: String

    init(_ reader: SettingsReader) throws(SettingsError) {
        url = try reader.text("redis.url", isSecret: true)
        host = try reader.text("redis.host") ?? "localhost"
        port = try reader.integer("redis.port", default: 6379, in: 1...65535)
        username = try reader.text("redis.username")
        password = try reader.text("redis.password", isSecret: true)
        database = try reader.integer("redis.db", default: 0, in: 0...15)
        let namespace = try reader.text("redis.namespace") ?? "cloudoptim"
        guard namespace.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") }) else {
            throw SettingsError(key: "redis.namespace", value: namespace, allowed: "letters, digits and dashes")
        }
        self.namespace = namespace
    }
}

/// The API's edge.
package struct HTTPSettings: Sendable {
    package let host: String
    package let port: Int
    package let frontendPort: Int
    /// Where Prometheus reads; 0 serves no metrics.
    package let metricsPort: Int
    /// The largest request body, counted unpacked.
    package let maxBodyMegabytes: Int
    /// How long a decision without a `Prefer` header is waited for; the callers' client gives up at 30 seconds.
    package let decisionWait: Duration

    init(_ reader: SettingsReader) throws(SettingsError) {
        host = try reader.text("ml_server.host") ?? "0.0.0.0"
        port = try reader.integer("ml_server.port", default: 8001, in: 1...65535)
        frontendPort = try reader.integer("frontend.port", default: 3001, in: 1...65535)
        metricsPort = try reader.integer("metrics.port", default: 9464, in: 0...65535)
        maxBodyMegabytes = try reader.integer("max_body_mb", default: 128, in: 1...1024)
        decisionWait = .seconds(try reader.integer("decision_wait_seconds", default: 25, in: 0...300))
    }
}

/// The public price sources.
package struct PricingSettings: Sendable {
    /// An https or file URL, or a path.
    package let spotAdvisorURL: String
    package let priceListURL: String
    package let region: String
    /// Days that spot prices, and On-Demand prices that newer ones have replaced, are kept.
    package let retentionDays: Int
    package let gapFiller: GapFillerSettings

    init(_ reader: SettingsReader) throws(SettingsError) {
        spotAdvisorURL =
            try reader.text("spot_advisor.url")
            ?? "https://spot-bid-advisor.s3.amazonaws.com/spot-advisor-data.json"
        priceListURL = try reader.text("price_list.url") ?? "https://pricing.us-east-1.amazonaws.com"
        region = try reader.text("aws.region") ?? "us-east-1"
        // Less than AWS keeps would make gap filling fetch for ever what retention throws away.
        retentionDays = try reader.integer("price.retention_days", default: 400, in: 120...3650)
        gapFiller = try GapFillerSettings(reader, region: region)
    }
}

/// Filling the spot price history without being asked.
package struct GapFillerSettings: Sendable {
    package let isEnabled: Bool
    /// Names, or `all`.
    package let regions: [String]
    /// Days before now that are kept complete.
    package let lookbackDays: Int

    init(_ reader: SettingsReader, region: String) throws(SettingsError) {
        isEnabled = try reader.flag("gap_filler.enabled", default: true)
        let names = try reader.text("gap_filler.regions") ?? region
        regions = names.split(whereSeparator: { $0 == "," || $0 == " " }).map(String.init)
        let isPlain = { (byte: UInt8) in byte == 0x2D || (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) }
        guard !regions.isEmpty, regions.allSatisfy({ $0.utf8.allSatisfy(isPlain) }) else {
            throw SettingsError(
                key: "gap_filler.regions",
                value: names,
                allowed: "names of regions with commas between, or all"
            )
        }
        let most = try reader.integer("gap_filler.max_lookback_days", default: 90, in: 1...90)
        lookbackDays = try reader.integer("gap_filler.default_lookback_days", default: min(15, most), in: 1...most)
    }
}

/// Uploaded models.
package struct ModelSettings: Sendable {
    /// Where uploads lie while they arrive and are read, and where workers keep forms by their hash.
    package let folder: String
    /// Of one uploaded file.
    package let maximumMegabytes: Int
    /// What reading one upload may take.
    package let importMemoryMegabytes: Int
    /// Whether the data of active models is made complete by the calendar; only read when that schedule is created.
    package let refreshes: Bool
    /// Cron, in UTC.
    package let refreshSchedule: String
    package let refreshDays: Int
    /// 0 to 1: of the predictions that are logged.
    package let logShare: Double

    init(_ reader: SettingsReader) throws(SettingsError) {
        folder = try reader.text("model.upload_dir") ?? "/tmp"
        maximumMegabytes = try reader.integer("max_model_file_size_mb", default: 500, in: 1...4096)
        importMemoryMegabytes = try reader.integer("model.import_memory_mb", default: 4096, in: 256...65_536)
        refreshes = try reader.flag("auto_refresh.enabled", default: false)
        refreshSchedule = try reader.text("auto_refresh.schedule") ?? "0 2 * * *"
        refreshDays = try reader.integer("auto_refresh.lookback_days", default: 7, in: 1...90)
        logShare = Double(try reader.integer("prediction_log_percent", default: 100, in: 0...100)) / 100
    }
}

/// Access to AWS.
///
/// Without keys everything public still works.
package struct AWSSettings: Sendable {
    /// Under the names that every AWS tool reads; keys of no value are left out.
    package let environment: [String: String]
    /// Calls per second of one action in one region, for the whole fleet; AWS refills its own buckets at 10 to 20.
    package let callRate: Double
    /// Calls that may come at once after a pause.
    package let callBurst: Double

    init(_ reader: SettingsReader) throws(SettingsError) {
        var environment: [String: String] = [:]
        for name in Self.names {
            let parts = name.lowercased().split(separator: "_", maxSplits: 1)
            // `AWS_ROLE_ARN` is `aws.role_arn` in the file.
            environment[name] = try reader.text(parts.joined(separator: "."), isSecret: true)
        }
        if environment["AWS_REGION"] == nil { environment["AWS_REGION"] = "us-east-1" }
        self.environment = environment
        callRate = Double(try reader.integer("aws.api_rate", default: 10, in: 1...1000))
        callBurst = Double(try reader.integer("aws.api_burst", default: 50, in: 1...10_000))
    }

    /// What AWS's own tools read.
    private static let names = [
        "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_PROFILE",
        "AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "AWS_ROLE_ARN", "AWS_ROLE_SESSION_NAME",
        "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_DISABLED",
        "AWS_EC2_METADATA_SERVICE_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL_STS",
        "AWS_ENDPOINT_URL_PRICING", "HOME",
    ]

    /// Whether the options name credentials; a role of the machine is found only by asking.
    package var namesCredentials: Bool {
        [
            "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        ].contains { environment[$0] != nil }
    }
}

/// How the process speaks.
package struct LogSettings: Sendable {
    package enum Format: String, Sendable, CaseIterable {
        case json, text
    }

    package enum Level: String, Sendable, CaseIterable {
        case trace, debug, info, notice, warning, error, critical
    }

    package let level: Level
    package let format: Format

    init(_ reader: SettingsReader) throws(SettingsError) {
        level = try reader.choice("log.level", default: .info)
        format = try reader.choice("log.format", default: .json)
    }
}

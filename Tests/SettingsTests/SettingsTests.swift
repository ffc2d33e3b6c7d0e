import Configuration
import Foundation
import Postgres
import Redis
import Support
import Testing

@testable import Settings

@Suite("Settings")
struct SettingsTests {
    private func settings(_ environment: [String: String]) throws -> ServerSettings {
        try ServerSettings(
            SettingsReader(ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment)))
        )
    }

    @Test("without anything the defaults hold")
    func defaults() throws {
        let settings = try settings([:])

        #expect(settings.database.host == "localhost")
        #expect(settings.database.port == 5432)
        #expect(settings.database.name == "ml_server")
        #expect(settings.database.password == nil)
        #expect(settings.redis.port == 6379)
        #expect(settings.redis.namespace == "cloudoptim")
        #expect(settings.http.host == "0.0.0.0")
        #expect(settings.http.port == 8001)
        #expect(settings.http.frontendPort == 3001)
        #expect(settings.http.metricsPort == 9464)
        #expect(settings.queue.retentionDays == 30)
        #expect(settings.queue.objective == .init(critical: 1, interactive: 5, batch: 60, bulk: 600))
        #expect(settings.http.maxBodyMegabytes == 128)
        #expect(settings.http.decisionWait == .seconds(25))
        #expect(settings.pricing.region == "us-east-1")
        #expect(settings.log.level == .info)
        #expect(settings.log.format == .json)
    }

    @Test("an empty variable counts as not set")
    func empty() throws {
        let settings = try settings(["DB_PORT": "", "DB_PASSWORD": "", "LOG_FORMAT": "", "ALLOW_MODEL_TRAINING": ""])

        #expect(settings.database.port == 5432)
        #expect(settings.database.password == nil)
    }

    static let bad: [(variable: String, value: String, shape: String, allowed: String)] = [
        ("DB_PORT", "seventy", "a text of 7 characters", "1 to 65535"), ("DB_PORT", "0", "the number 0", "1 to 65535"),
        ("DB_PORT", "65536", "the number 65536", "1 to 65535"), ("DB_PORT", "-1", "the number -1", "1 to 65535"),
        ("DB_PORT", "5432.0", "the number 5432.0", "whole number"), ("DB_PORT", " 5432", "characters", "1 to 65535"),
        ("DB_PORT", "99999999999999999999999999", "a text of 26 characters", "1 to 65535"),
        ("DB_PORT", "hunter2\nhunter2", "15 characters", "1 to 65535"),
        ("DB_PORT", String(repeating: "9", count: 4000), "a text of 4000 characters", "1 to 65535"),
        ("DB_POOL_SIZE", "0", "the number 0", "1 to 100"), ("DB_POOL_SIZE", "101", "the number 101", "1 to 100"),
        ("REDIS_PORT", "x", "a text of 1 characters", "1 to 65535"), ("REDIS_DB", "16", "the number 16", "0 to 15"),
        ("REDIS_NAMESPACE", "a:b", "a text of 3 characters", "letters, digits and dashes"),
        ("REDIS_NAMESPACE", "é", "a text of 1 characters", "letters, digits and dashes"),
        ("ML_SERVER_PORT", "http", "a text of 4 characters", "1 to 65535"),
        ("FRONTEND_PORT", "70000", "the number 70000", "1 to 65535"),
        ("METRICS_PORT", "65536", "the number 65536", "0 to 65535"),
        ("RESULT_RETENTION_DAYS", "0", "the number 0", "1 to 3650"),
        ("FLEET_BATCH_SECONDS", "0", "the number 0", "1 to 86400"),
        ("MAX_BODY_MB", "0", "the number 0", "1 to 1024"),
        ("DECISION_WAIT_SECONDS", "301", "the number 301", "0 to 300"),
        ("LOG_LEVEL", "loud", "a text of 4 characters", "debug"),
        ("LOG_FORMAT", "xml", "a text of 3 characters", "json, text"),
        ("ALLOW_MODEL_TRAINING", "perhaps", "a text of 7 characters", "true or false"),
    ]

    @Test(
        "a bad value is one line that names the variable, the value's shape and what is allowed",
        arguments: bad.indices
    )
    func badValue(_ index: Int) throws {
        let bad = Self.bad[index]

        let error = try #require(throws: SettingsError.self) { try settings([bad.variable: bad.value]) }

        let line = error.description
        #expect(line.hasPrefix("\(bad.variable) is "), "\(line)")
        #expect(line.contains(bad.shape), "\(line)")
        #expect(line.contains(bad.allowed), "\(line)")
        #expect(!line.contains { $0.isNewline })
        #expect(!line.contains("hunter2"))
        #expect(line.count < 200)
    }

    @Test("training is refused in every spelling", arguments: ["true", "TRUE", "yes", "1"])
    func training(_ value: String) throws {
        let error = try #require(throws: SettingsError.self) { try settings(["ALLOW_MODEL_TRAINING": value]) }

        #expect(error.description.contains("ALLOW_MODEL_TRAINING"))
        #expect(error.description.contains("never trains"))
    }

    @Test("no training is fine", arguments: ["false", "no", "0", "False"])
    func noTraining(_ value: String) throws {
        _ = try settings(["ALLOW_MODEL_TRAINING": value])
    }

    @Test(
        "a URL that cannot be used is refused without showing its password",
        arguments: [
            "mysql://u:hunter2@h/d", "postgresql://u:hunter2@h:port/d", "postgresql://u:hunter2@h:99999/d", "hunter2",
            "://hunter2", "postgresql://u:hunter2@[::1/d",
        ]
    )
    func badDatabaseURL(_ url: String) throws {
        let settings = try settings(["DATABASE_URL": url])

        let error = try #require(throws: SettingsError.self) {
            _ = try settings.database.configuration(process: "test")
        }

        #expect(error.description.hasPrefix("DATABASE_URL "))
        #expect(!error.description.contains("hunter2"), "\(error)")
        #expect(!error.description.contains { $0.isNewline })
    }

    @Test(
        "the same for Redis",
        arguments: ["http://u:hunter2@h", "redis://:hunter2@h:x", "redis://:hunter2@h/x", "hunter2"]
    )
    func badRedisURL(_ url: String) throws {
        let settings = try settings(["REDIS_URL": url])

        let error = try #require(throws: SettingsError.self) { _ = try settings.redis.configuration(process: "test") }

        #expect(error.description.hasPrefix("REDIS_URL "))
        #expect(!error.description.contains("hunter2"), "\(error)")
        #expect(!error.description.contains { $0.isNewline })
    }

    @Test("URLs win over single values, and passwords arrive whole")
    func urls() throws {
        let settings = try settings([
            "DATABASE_URL": "postgresql://me:p%40ss%2Fword@db.example:6000/mine", "DB_HOST": "other",
            "DB_SSLMODE": "require",
            "REDIS_URL": "redis://:s3cret@cache.example:7000/3", "REDIS_HOST": "other",
        ])
        let database = try settings.database.configuration(process: "p")
        let redis = try settings.redis.configuration(process: "p")

        #expect(database.host == "db.example")
        #expect(database.port == 6000)
        #expect(database.database == "mine")
        #expect(database.password == "p@ss/word")
        #expect(database.parameters["sslmode"] == "require")
        #expect(redis.endpoint == .tcp(host: "cache.example", port: 7000))
        #expect(redis.password == "s3cret")
        #expect(redis.database == 3)
    }

    // MARK: The file

    private func reader(yaml: String, _ environment: [String: String] = [:]) async throws -> SettingsReader {
        let path = NSTemporaryDirectory() + "cloudoptim-settings-\(UUID().uuidString).yaml"
        try yaml.write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try await SettingsReader.reading(environment.merging(["ML_CONFIG_FILE": path]) { own, _ in own })
    }

    @Test("the environment wins over the file, the file over the default")
    func file() async throws {
        let yaml = """
            db:
              host: from-file
              port: 6001
              password: 12345
            max_body_mb: 7
            log:
              level: debug
            """
        let settings = try ServerSettings(
            try await reader(yaml: yaml, ["DB_HOST": "from-environment", "LOG_LEVEL": ""])
        )

        #expect(settings.database.host == "from-environment")
        #expect(settings.database.port == 6001)
        #expect(settings.database.password == "12345")
        #expect(settings.database.name == "ml_server")
        #expect(settings.http.maxBodyMegabytes == 7)
    }

    @Test("the file that ships gives the defaults")
    func shipped() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let yaml = try String(contentsOf: root.appendingPathComponent("config/ml_config.yaml"), encoding: .utf8)

        let shipped = try ServerSettings(try await reader(yaml: yaml))

        let plain = try settings([:])
        #expect(String(describing: shipped) == String(describing: plain))
    }

    @Test(
        "a bad value in the file is refused like one in the environment",
        arguments: [
            ("db:\n  port: seventy", "DB_PORT"), ("db: [1, 2]\nmax_body_mb: 0", "MAX_BODY_MB"),
            ("allow_model_training: true", "ALLOW_MODEL_TRAINING"),
            ("db:\n  port: [5432]", "DB_PORT"), ("log:\n  level: [debug]", "LOG_LEVEL"),
        ]
    )
    func badFileValue(_ yaml: String, _ variable: String) async throws {
        let reader = try await reader(yaml: yaml)

        let error = try #require(throws: SettingsError.self) { try ServerSettings(reader) }

        #expect(error.description.contains(variable), "\(error)")
    }

    @Test(
        "a file that is missing or no YAML is one line that names it",
        arguments: ["{[", "just text", "- a\n- b", "a: b: c"]
    )
    func unreadable(_ yaml: String) async throws {
        let error = try await #require(throws: SettingsError.self) { try await reader(yaml: yaml) }
        #expect(error.description.hasPrefix("ML_CONFIG_FILE "), "\(error)")
        #expect(!error.description.contains { $0.isNewline }, "\(error)")

        let missing = try await #require(throws: SettingsError.self) {
            try await SettingsReader.reading(["ML_CONFIG_FILE": "/nowhere/at/all.yaml"])
        }
        #expect(missing.description.contains("/nowhere/at/all.yaml"))
        #expect(!missing.description.contains { $0.isNewline }, "\(missing)")
    }
}

import Jobs
import Logging
import Observability
import Postgres
import Redis
import Settings

/// The stores a command works on, opened for as long as it runs.
struct Stores {
    let settings: ServerSettings
    let database: PostgresConfiguration
    let pool: PostgresPool

    /// Opens them, runs the command, and closes them again.
    static func with<Value: Sendable>(_ body: (Stores) async throws -> Value) async throws -> Value {
        let settings = try await ServerSettings.ofProcess()
        // Answers go to standard output; of the clients' own words only errors matter here: what failed is told once, at the end.
        _ = ProcessSetup.bootstrapLogging(process: "cloudoptim", level: .error, json: false)
        var database = try settings.database.configuration(process: "cloudoptim")
        database.parameters["options"] = JobLedger.sessionOptions
        let pool = try PostgresPool(configuration: database, size: 2, logger: Logger(label: "cloudoptim"))
        do {
            try await pool.waitUntilReady(timeout: .seconds(5))
            let value = try await body(Stores(settings: settings, database: database, pool: pool))
            await pool.shutdown()
            return value
        } catch {
            await pool.shutdown()
            throw error
        }
    }

    /// Redis, for the length of `body`.
    func withRedis<Value: Sendable>(_ body: (Doorbell, RedisClient) async throws -> Value) async throws -> Value {
        let redis = RedisClient(configuration: try settings.redis.configuration(process: "cloudoptim"))
        let doorbell = Doorbell(redis: redis, keys: DoorbellKeys(namespace: settings.redis.namespace))
        do {
            let value = try await body(doorbell, redis)
            await redis.shutdown()
            return value
        } catch {
            await redis.shutdown()
            throw error
        }
    }
}

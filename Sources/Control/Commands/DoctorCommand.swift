import ArgumentParser
import Jobs
import Logging
import Postgres
import Redis
import Schema

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Checks what the processes need: database, schema, redis, its eviction policy and persistence."
    )

    func run() async throws {
        var failures = 0
        func check(_ name: String, _ question: () async throws -> String) async {
            do {
                print("ok    \(name): \(try await question())")
            } catch {
                failures += 1
                print("FAIL  \(name): \(error)")
            }
        }
        try await Stores.with { stores in
            await check("database") {
                let rows = try await stores.pool.query("SHOW server_version", [])
                return "PostgreSQL \(try rows[0].get(0, as: String.self))"
            }
            await check("schema") {
                try await SchemaCheck.requireCurrent(stores.database, logger: Logger(label: "doctor"))
                return "version \(Migrations.all.count)"
            }
            try await stores.withRedis { doorbell, redis in
                await check("redis") { "Redis \(try await redis.info("server")["redis_version"] ?? "?")" }
                await check("eviction") {
                    try await doorbell.requireNoEviction()
                    return "noeviction"
                }
                await check("persistence") {
                    let isOn = try await redis.info("persistence")["aof_enabled"] == "1"
                    return isOn ? "append-only file" : "none; a restart rings every waiting job again (nothing is lost)"
                }
            }
        }
        if failures > 0 { throw ExitCode(1) }
    }
}

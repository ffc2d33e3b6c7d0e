import Foundation
package import Redis

extension PrivateServers {
    /// The shared Redis as our client reaches it, with the password that ./test gives it.
    package static func redisConfiguration() async throws -> RedisConfiguration {
        if let url = ProcessInfo.processInfo.environment["CLOUDOPTIM_TEST_REDIS_URL"] {
            return try RedisConfiguration(url: url)
        }
        let (host, port) = try await redis()
        return RedisConfiguration(host: host, port: port)
    }
}

package import Postgres
package import Redis

extension DatabaseSettings {
    /// How a process reaches the ledger; `process` is shown in pg_stat_activity.
    ///
    /// - Throws: ``SettingsError`` when `DATABASE_URL` is not one.
    package func configuration(process: String) throws(SettingsError) -> PostgresConfiguration {
        var configuration: PostgresConfiguration
        if let url {
            do {
                configuration = try PostgresConfiguration(url: url)
            } catch {
                throw SettingsError("DATABASE_URL cannot be used: \(error)")
            }
        } else {
            configuration = PostgresConfiguration(
                host: host,
                port: port,
                database: name,
                user: user,
                password: password
            )
        }
        if let sslMode { configuration.parameters["sslmode"] = sslMode }
        if let sslRootCertificate { configuration.parameters["sslrootcert"] = sslRootCertificate }
        configuration.applicationName = process
        return configuration
    }
}

extension RedisSettings {
    /// How a process reaches the doorbell; `process` is shown by CLIENT LIST.
    ///
    /// - Throws: ``SettingsError`` when `REDIS_URL` is not one.
    package func configuration(process: String) throws(SettingsError) -> RedisConfiguration {
        var configuration: RedisConfiguration
        if let url {
            do {
                configuration = try RedisConfiguration(url: url)
            } catch {
                throw SettingsError("REDIS_URL cannot be used: \(error)")
            }
        } else {
            configuration = RedisConfiguration(host: host, port: port, username: username, password: password)
            configuration.database = database
        }
        configuration.clientName = process
        return configuration
    }
}

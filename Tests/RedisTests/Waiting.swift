import Redis

/// Asks until the answer is yes, or the time is up.
///
/// Returns the last answer.
func eventually(within limit: Duration = .seconds(15), _ condition: () async -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return await condition()
}

/// The error that `body` throws; nil when it throws none.
func failure(_ body: () async throws(RedisError) -> Void) async -> RedisError? {
    do throws(RedisError) {
        try await body()
        return nil
    } catch {
        return error
    }
}

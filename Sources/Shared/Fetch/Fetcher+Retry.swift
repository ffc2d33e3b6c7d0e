extension Fetcher {
    /// Sends a request until it is answered, refused for good, or the policy is used up.
    ///
    /// - Returns: The last answer, which may still be a 5xx when every attempt got one.
    /// - Throws: The last attempt's error.
    package func send(
        _ request: FetchRequest,
        retrying policy: RetryPolicy,
        in environment: RetryEnvironment = .live
    ) async throws(FetchError) -> FetchResponse {
        var attempt = 1
        while true {
            let wait: Duration
            do throws(FetchError) {
                let response = try await send(request)
                guard attempt < policy.attempts, policy.isTransient(response) else { return response }
                wait = policy.delay(
                    after: attempt,
                    retryAfter: RetryPolicy.retryAfter(response.headers),
                    fraction: environment.fraction()
                )
            } catch {
                guard attempt < policy.attempts, error.isTransient else { throw error }
                wait = policy.delay(after: attempt, fraction: environment.fraction())
            }
            do {
                try await environment.sleep(wait)
            } catch {
                throw FetchError(.cancelled, "cancelled while waiting to retry", at: FetchURL.display(request.url))
            }
            attempt += 1
        }
    }
}

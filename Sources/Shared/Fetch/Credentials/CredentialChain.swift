package import FoundationEssentials

/// Finds credentials where AWS deployments keep them, and renews those that expire.
///
/// The order is that of AWS's own tools: the environment, a web identity (EKS service accounts), the profile files, a
/// container's endpoint (ECS, EKS Pod Identity), and last the instance's metadata service.
package actor CredentialChain {
    /// AWS's tools renew this long before the end: a request may wait for a while before it is sent.
    private static let renewBefore: TimeInterval = 300
    /// A place without credentials is not asked again for so long: the metadata service takes a second to stay silent.
    private static let absentFor: TimeInterval = 60

    private let sources: [any CredentialSource]
    private let now: @Sendable () -> Date
    private var held: (found: FoundCredentials?, at: Date)?
    private var search: Task<Result<FoundCredentials?, FetchError>, Never>?

    /// - Parameters:
    ///   - environment: The process's, or what options made of it.
    ///   - fetcher: Carries requests to STS, the container's endpoint and the metadata service.
    ///   - now: The clock.
    package init(
        environment: [String: String],
        fetcher: Fetcher,
        now: @escaping @Sendable () -> Date = { Date() }
    ) {
        sources = [
            EnvironmentCredentials(environment: environment),
            WebIdentityCredentials(environment: environment, fetcher: fetcher),
            ProfileCredentials(environment: environment),
            ContainerCredentials(environment: environment, fetcher: fetcher),
            InstanceCredentials(environment: environment, fetcher: fetcher),
        ]
        self.now = now
    }

    /// The credentials of the first place that has some; nil when none has.
    ///
    /// - Throws: ``FetchError`` when a place that is configured cannot be used: falling through to another identity would
    ///   only hide the mistake.
    package func credentials() async throws(FetchError) -> AWSCredentials? {
        if let held {
            if let found = held.found {
                if found.isGood(at: now(), margin: Self.renewBefore) { return found.credentials }
            } else if now().timeIntervalSince(held.at) < Self.absentFor {
                return nil
            }
        }
        // One search at a time, however many ask at once.
        let task = search ?? Task { [sources] in await Self.first(of: sources) }
        search = task
        let result = await task.value
        search = nil
        switch result {
        case .success(let found):
            held = (found, now())
            return found?.credentials
        case .failure(let error):
            // What still holds is better than nothing; the next request tries again.
            if let found = held?.found, found.isGood(at: now(), margin: 0) { return found.credentials }
            throw error
        }
    }

    /// Forgets credentials that AWS has called expired, so that the next request renews them.
    package func expire(_ credentials: AWSCredentials) {
        if held?.found?.credentials.accessKeyID == credentials.accessKeyID { held = nil }
    }

    private static func first(of sources: [any CredentialSource]) async -> Result<FoundCredentials?, FetchError> {
        for source in sources {
            do throws(FetchError) {
                if let found = try await source.find() { return .success(found) }
            } catch {
                return .failure(error)
            }
        }
        return .success(nil)
    }
}

/// Credentials with the moment they end.
package struct FoundCredentials: Sendable {
    package let credentials: AWSCredentials
    /// nil: they do not end.
    package let expiration: Date?

    func isGood(at moment: Date, margin: TimeInterval) -> Bool {
        expiration.map { $0.timeIntervalSince(moment) > margin } ?? true
    }
}

/// One place where credentials may be.
protocol CredentialSource: Sendable {
    /// - Returns: nil when this place is not configured here.
    /// - Throws: ``FetchError`` when it is, and cannot be used.
    func find() async throws(FetchError) -> FoundCredentials?
}

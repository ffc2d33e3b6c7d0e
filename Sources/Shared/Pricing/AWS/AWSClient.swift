package import Fetch
import FoundationEssentials
import Synchronization

/// Calls one service of AWS in one region: signed POSTs, throttling answered with patience, a skewed clock corrected.
package final class AWSClient: Sendable {
    /// What requests are signed for.
    package let region: String
    package let service: String
    let endpoint: String
    private let credentials: Credentials
    private let fetcher: Fetcher
    private let retry: RetryPolicy
    private let environment: RetryEnvironment
    private let pace: Pace
    private let now: @Sendable () -> Int
    /// Seconds that the service's clock is ahead of ours.
    private let skew = Mutex(0)

    /// Waits for the right to make one call of an action.
    ///
    /// - Throws: ``PricingError`` `rateLimited` when the wait would be too long.
    package typealias Pace = @Sendable (_ action: String) async throws(PricingError) -> Void

    /// Tells the credentials to sign with, and hears of those that AWS has called expired.
    package struct Credentials: Sendable {
        let current: @Sendable () async throws(FetchError) -> AWSCredentials?
        let expire: @Sendable (AWSCredentials) async -> Void

        /// The same for ever.
        package init(_ credentials: AWSCredentials) {
            current = { credentials }
            expire = { _ in }
        }

        /// Whatever the chain finds.
        package init(_ chain: CredentialChain) {
            current = { () async throws(FetchError) in try await chain.credentials() }
            expire = { await chain.expire($0) }
        }
    }

    /// `pace` is asked before every call, repetitions included.
    package init(
        service: String,
        region: String,
        credentials: Credentials,
        endpoint: String,
        fetcher: Fetcher,
        retry: RetryPolicy = RetryPolicy(),
        environment: RetryEnvironment = .live,
        pace: @escaping Pace = { _ in },
        now: @escaping @Sendable () -> Int = { Int(Date.now.timeIntervalSince1970) }
    ) {
        self.service = service
        self.region = region
        self.endpoint = endpoint
        self.credentials = credentials
        self.fetcher = fetcher
        self.retry = retry
        self.environment = environment
        self.pace = pace
        self.now = now
    }

    /// The endpoint of a service that the AWS tools' variables name, if any; the more specific one wins.
    package static func endpoint(of service: String, environment: [String: String]) -> String? {
        for name in ["AWS_ENDPOINT_URL_\(service.uppercased())", "AWS_ENDPOINT_URL"] {
            if let url = environment[name], !url.isEmpty { return url }
        }
        return nil
    }

    private static let noCredentials = """
        there are no credentials for AWS; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the process a role
        """

    /// Sends a request until it is answered, refused for good, or patience is at its end.
    ///
    /// - Parameters:
    ///   - request: To be signed; its address is the client's endpoint.
    ///   - action: For the budget of calls.
    ///   - document: What errors name.
    /// - Returns: The body of a 200.
    /// - Throws: ``PricingError``: `refused` with the service's own code, or `fetch`.
    func send(
        _ request: FetchRequest,
        action: String,
        document: String
    ) async throws(PricingError) -> [UInt8] {
        var attempt = 1
        var corrected = false
        var renewed = false
        while true {
            try await pace(action)
            let ours = now()
            let wait: Duration
            do throws(FetchError) {
                guard let keys = try await credentials.current() else {
                    throw FetchError(.status(0), Self.noCredentials, at: FetchURL.display(endpoint))
                }
                let signer = SigV4Signer(credentials: keys, region: region, service: service)
                let signed = try signer.sign(request, at: ours + skew.withLock { $0 })
                let response = try await fetcher.send(signed)
                if response.status == 200 { return response.body }
                let code = response.serviceCode ?? "status \(response.status)"
                if !corrected, ["RequestExpired", "SignatureDoesNotMatch", "AuthFailure"].contains(code),
                    let ahead = SigV4Signer.skew(of: response, at: ours), abs(ahead - skew.withLock({ $0 })) > 60
                {
                    // Our clock is wrong, not the key: take the service's time and sign anew, once.
                    corrected = true
                    skew.withLock { $0 = ahead }
                    continue
                }
                if !renewed, ["ExpiredToken", "RequestExpired", "InvalidClientTokenId"].contains(code) {
                    // Temporary credentials ended early, or were rotated: look for new ones, once.
                    renewed = true
                    await credentials.expire(keys)
                    continue
                }
                guard attempt < retry.attempts, retry.isTransient(response) else {
                    throw FetchError(
                        .status(response.status),
                        "\(service) answered \(code)",
                        at: FetchURL.display(endpoint)
                    )
                }
                wait = retry.delay(
                    after: attempt,
                    retryAfter: RetryPolicy.retryAfter(response.headers),
                    fraction: environment.fraction()
                )
            } catch {
                if case .status = error.code {
                    throw PricingError(error.isTransient ? .fetch : .refused, error.message, in: document)
                }
                guard attempt < retry.attempts, error.isTransient else {
                    throw PricingError(
                        error.code == .cancelled ? .cancelled : .fetch,
                        "no answer",
                        in: document,
                        cause: error
                    )
                }
                wait = retry.delay(after: attempt, fraction: environment.fraction())
            }
            do { try await environment.sleep(wait) } catch { throw PricingError(.cancelled, "cancelled", in: document) }
            attempt += 1
        }
    }
}

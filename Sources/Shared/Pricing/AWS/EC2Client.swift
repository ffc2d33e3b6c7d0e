package import Fetch
import FoundationEssentials

/// Calls EC2's query API: forms in, XML out.
package final class EC2Client: Sendable {
    package typealias Credentials = AWSClient.Credentials

    private let client: AWSClient
    package var region: String { client.region }

    /// An endpoint is for private links and tests; nil takes the region's public one.
    ///
    /// `pace` is asked before every call, repetitions included.
    package init(
        region: String,
        credentials: Credentials,
        endpoint: String? = nil,
        fetcher: Fetcher,
        retry: RetryPolicy = RetryPolicy(),
        environment: RetryEnvironment = .live,
        pace: @escaping AWSClient.Pace = { _ in },
        now: @escaping @Sendable () -> Int = { Int(Date.now.timeIntervalSince1970) }
    ) {
        client = AWSClient(
            service: "ec2",
            region: region,
            credentials: credentials,
            endpoint: endpoint ?? "https://ec2.\(region).amazonaws.com\(region.hasPrefix("cn-") ? ".cn" : "")/",
            fetcher: fetcher,
            retry: retry,
            environment: environment,
            pace: pace,
            now: now
        )
    }

    /// - Returns: The body of a 200.
    /// - Throws: ``PricingError``: `refused` with EC2's own code, or `fetch`.
    package func call(_ action: String, _ parameters: [(String, String)] = []) async throws(PricingError) -> [UInt8] {
        var request = FetchRequest(method: "POST", url: client.endpoint)
        request.headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")]
        let form = [("Action", action), ("Version", "2016-11-15")] + parameters
        request.body = Array(
            form.map { "\(PercentEncoding.form($0.0))=\(PercentEncoding.form($0.1))" }.joined(separator: "&").utf8
        )
        return try await client.send(request, action: action, document: "EC2 \(action) in \(region)")
    }
}

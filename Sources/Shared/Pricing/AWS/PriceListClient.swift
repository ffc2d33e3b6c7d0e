package import Fetch
import FoundationEssentials

/// Calls AWS's Price List API: JSON in, JSON out.
package final class PriceListClient: Sendable {
    /// The API is served in a few regions; each tells the prices of all.
    private static let home = "us-east-1"
    private static let chineseHome = "cn-northwest-1"

    private let client: AWSClient

    /// `region` is whose prices are wanted: it only decides the partition.
    ///
    /// An endpoint is for private links and tests.
    package init(
        pricesOf region: String,
        credentials: AWSClient.Credentials,
        endpoint: String? = nil,
        fetcher: Fetcher,
        retry: RetryPolicy = RetryPolicy(),
        environment: RetryEnvironment = .live,
        pace: @escaping AWSClient.Pace = { _ in },
        now: @escaping @Sendable () -> Int = { Int(Date.now.timeIntervalSince1970) }
    ) {
        let isChina = region.hasPrefix("cn-")
        let home = isChina ? Self.chineseHome : Self.home
        client = AWSClient(
            service: "pricing",
            region: home,
            credentials: credentials,
            endpoint: endpoint
                ?? (isChina
                    ? "https://api.pricing.\(home).amazonaws.com.cn/" : "https://api.pricing.\(home).amazonaws.com/"),
            fetcher: fetcher,
            retry: retry,
            environment: environment,
            pace: pace,
            now: now
        )
    }

    /// - Returns: The body of a 200.
    /// - Throws: ``PricingError``: `refused` with the service's own code, or `fetch`.
    func call(_ operation: String, _ body: [UInt8]) async throws(PricingError) -> [UInt8] {
        var request = FetchRequest(method: "POST", url: client.endpoint)
        request.headers = [
            ("Content-Type", "application/x-amz-json-1.1"), ("X-Amz-Target", "AWSPriceListService.\(operation)"),
        ]
        request.body = body
        return try await client.send(request, action: operation, document: "AWS Price List \(operation)")
    }
}

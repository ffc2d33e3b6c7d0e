import Contract
package import Fetch
import Synchronization
package import ThreadExecution

/// Fetches a region's EC2 offer file from the public price list, which needs no credentials.
///
/// The body streams through the parser as it arrives; a broken connection is resumed where it broke, as long as the
/// server still has the same file.
package struct OnDemandSource: Sendable {
    package static let defaultBaseURL = "https://pricing.us-east-1.amazonaws.com"

    package enum Result: Sendable {
        case notModified(version: String)
        case prices(OnDemandPriceList, source: String)
    }

    /// The real files have 0.5 GB and more; this only stops what has no end.
    private static let largestOffer = 8 << 30
    /// 500 MB at 300 kB/s; slower lines should load a local copy.
    private static let offerDeadline: Duration = .seconds(1_800)

    private let base: String
    private let fetcher: Fetcher
    private let readers: ComputePool
    private let retry: RetryPolicy
    private let environment: RetryEnvironment

    package init(
        baseURL: String = OnDemandSource.defaultBaseURL,
        fetcher: Fetcher,
        readers: ComputePool,
        retry: RetryPolicy = RetryPolicy(),
        environment: RetryEnvironment = .live
    ) {
        base = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        self.fetcher = fetcher
        self.readers = readers
        self.retry = retry
        self.environment = environment
    }

    package var name: String { FetchURL.display(base + "/offers/v1.0/aws/AmazonEC2") }

    /// Fetches a region's prices, unless their version is the one that is stored already.
    ///
    /// - Throws: ``PricingError``; stored prices stay.
    package func fetch(region: String, knownVersion: String? = nil) async throws(PricingError) -> Result {
        guard RegionName.isWellFormed(region) else {
            throw PricingError(.invalid, "not a region's name", in: "offer file of \(region.prefix(64))")
        }
        let index = try await document("/offers/v1.0/aws/index.json")
        let regionIndexURL = try OfferIndex.regionIndexURL(parsing: index, document: name)
        let regionIndex = try await document(regionIndexURL)
        let offerURL = try OfferIndex.offerURL(of: region, parsing: regionIndex, document: name)
        if let version = OfferIndex.version(inURL: offerURL), version == knownVersion {
            return .notModified(version: version)
        }
        let list = try await stream(base + csv(offerURL), region: region)
        if let promised = OfferIndex.version(inURL: offerURL), !list.version.isEmpty, list.version != promised {
            throw PricingError(
                .invalid,
                "the index names version \(promised), the file is of \(list.version): AWS is publishing; try again later",
                in: name
            )
        }
        if !list.version.isEmpty, list.version == knownVersion { return .notModified(version: list.version) }
        return .prices(list, source: name)
    }

    /// The index names the JSON file; its CSV twin, which needs no memory of products, lies beside it.
    private func csv(_ url: String) -> String {
        url.hasSuffix(".json") ? String(url.dropLast(".json".count)) + ".csv" : url
    }

    private func document(_ path: String) async throws(PricingError) -> [UInt8] {
        let request = FetchRequest(url: base + path)
        do throws(FetchError) {
            return try await fetcher.send(request, retrying: retry, in: environment).requireSuccess(for: request).body
        } catch {
            throw PricingError(error.code == .cancelled ? .cancelled : .fetch, "not fetched", in: name, cause: error)
        }
    }

    private func stream(_ url: String, region: String) async throws(PricingError) -> OnDemandPriceList {
        let download = OfferDownload(region: region, document: FetchURL.display(url))
        var attempt = 1
        while true {
            var request = FetchRequest(url: url)
            request.totalTimeout = Self.offerDeadline
            request.maxBodyBytes = Self.largestOffer
            (request.rangeFrom, request.ifRange) = download.resumption
            let wait: Duration
            do throws(FetchError) {
                let response = try await fetcher.stream(
                    request,
                    onHead: { try download.begin($0) },
                    onBytes: { try download.feed($0) }
                )
                if response.isSuccess { break }
                // The file changed under a resumption, or is shorter than what we hold: from the beginning.
                if response.status == 416 { download.restart() }
                guard attempt < retry.attempts, response.status == 416 || retry.isTransient(response) else {
                    throw FetchError(
                        .status(response.status),
                        "the server answered \(response.status)",
                        at: FetchURL.display(url)
                    )
                }
                wait = retry.delay(
                    after: attempt,
                    retryAfter: RetryPolicy.retryAfter(response.headers),
                    fraction: environment.fraction()
                )
            } catch {
                if let cause = error.cause as? PricingError { throw cause }
                var final = attempt >= retry.attempts || !error.isTransient
                if case .status = error.code { final = true }
                if final {
                    throw PricingError(
                        error.code == .cancelled ? .cancelled : .fetch,
                        "not fetched",
                        in: name,
                        cause: error
                    )
                }
                wait = retry.delay(after: attempt, fraction: environment.fraction())
            }
            do { try await environment.sleep(wait) } catch { throw PricingError(.cancelled, "cancelled", in: name) }
            attempt += 1
        }
        return try await readers.read(document: name) { () throws(PricingError) in try download.finish() }
    }
}

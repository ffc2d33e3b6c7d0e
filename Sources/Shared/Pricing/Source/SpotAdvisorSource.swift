package import Fetch
package import ThreadExecution

/// Fetches the Spot Advisor feed from its URL, or reads a local copy.
///
/// Nothing is handed on that is not whole and sound, so whatever is stored stays until there is something better.
package struct SpotAdvisorSource: Sendable {
    package static let defaultURL = "https://spot-bid-advisor.s3.amazonaws.com/spot-advisor-data.json"

    package enum Result: Sendable {
        /// The stored copy is still the newest: only the time of confirmation moves.
        case notModified
        case feed(SpotAdvisorFeed, etag: String?, source: String)
    }

    private let location: String
    private let fetcher: Fetcher
    private let retry: RetryPolicy
    private let environment: RetryEnvironment
    private let readers: ComputePool

    /// Takes an http or https URL, a `file://` URL, or a path.
    ///
    /// `readers` is where files are read and documents parsed, off the cooperative pool.
    package init(
        location: String = SpotAdvisorSource.defaultURL,
        fetcher: Fetcher,
        readers: ComputePool,
        retry: RetryPolicy = RetryPolicy(),
        environment: RetryEnvironment = .live
    ) {
        self.location = location
        self.fetcher = fetcher
        self.readers = readers
        self.retry = retry
        self.environment = environment
    }

    /// What answers name as their source: host and path, or the file's name.
    package var name: String {
        isRemote ? FetchURL.display(location) : String(location.split(separator: "/").last ?? "file")
    }

    private var isRemote: Bool { location.hasPrefix("http://") || location.hasPrefix("https://") }

    /// Fetches the feed, unless it still is the one with this ETag: then it costs one short answer.
    ///
    /// - Throws: ``PricingError``; the message says that the stored copy stays.
    package func fetch(etag: String? = nil) async throws(PricingError) -> Result {
        do throws(PricingError) {
            return isRemote ? try await fetchRemote(etag: etag) : try await readLocal()
        } catch {
            if error.code == .cancelled { throw error }
            throw PricingError(
                error.code,
                "\(error.message); the last good copy stays",
                in: error.document,
                cause: error.cause
            )
        }
    }

    private func fetchRemote(etag: String?) async throws(PricingError) -> Result {
        var request = FetchRequest(url: location)
        request.ifNoneMatch = etag
        request.maxBodyBytes = SpotAdvisorFeed.largest
        let name = name
        let response: FetchResponse
        do throws(FetchError) {
            response = try await fetcher.send(request, retrying: retry, in: environment).requireSuccess(for: request)
        } catch {
            throw PricingError(error.code == .cancelled ? .cancelled : .fetch, "not fetched", in: name, cause: error)
        }
        if response.notModified {
            // 304 without having asked for it would leave us with nothing.
            guard etag != nil else {
                throw PricingError(.invalid, "answered 304 to an unconditional request", in: name)
            }
            return .notModified
        }
        guard response.status == 200 else { throw PricingError(.invalid, "answered \(response.status)", in: name) }
        let body = response.body
        let feed = try await onReader { () throws(PricingError) in try SpotAdvisorFeed(parsing: body, document: name) }
        return .feed(feed, etag: response.etag, source: name)
    }

    private func readLocal() async throws(PricingError) -> Result {
        let location = location
        let feed = try await onReader { () throws(PricingError) in
            var file = try LocalFile(location)
            let bytes = try file.readAll(upTo: SpotAdvisorFeed.largest)
            return try SpotAdvisorFeed(parsing: bytes, document: file.name)
        }
        return .feed(feed, etag: nil, source: name)
    }

    private func onReader<Value: Sendable>(
        _ work: @escaping @Sendable () throws(PricingError) -> Value
    ) async throws(PricingError) -> Value {
        try await readers.read(document: name, work)
    }
}

extension ComputePool {
    /// Runs blocking reading or parsing on one of the pool's threads, keeping the error's type.
    func read<Value: Sendable>(
        document: String,
        _ work: @escaping @Sendable () throws(PricingError) -> Value
    ) async throws(PricingError) -> Value {
        do {
            return try await run { try work() }
        } catch let error as PricingError {
            throw error
        } catch {
            throw PricingError(.cancelled, "cancelled, or the process is stopping", in: document, cause: error)
        }
    }
}

import Contract
import FoundationEssentials
import Jobs
import Pricing

/// Fetches one window of the spot price history, and stores it.
struct SpotWindowHandler: JobHandler {
    let kind = JobKind.spotWindow
    let prices: PriceStore
    let sources: PriceSources

    func run(_ job: ClaimedJob, _ context: JobContext) async throws -> JobOutcome {
        do {
            let start = ContinuousClock.now
            let window = try SpotPriceWindow(payload: job.payload)
            let source = sources.spotPrices(region: window.region)
            let ingest = SpotPriceIngest(into: prices, window, source: source.name, jobID: job.id.uuid)
            try await source.fetch(window) { page throws(PricingError) in
                try await ingest.add(page)
                let progress = await ingest.progress
                context.report(
                    JobProgress(percent: 0, message: "\(progress.received) prices in \(progress.pages) pages")
                )
            }
            let report = try await ingest.finish()
            return .succeeded(result: Self.result(window, report, .now - start).text())
        } catch let error as APIError {
            return .failed(JobFailure(error))
        } catch let error as PricingError {
            return JobOutcome(error)
        }
    }

    /// What a gap's log tells of the window, and what later estimates learn from it.
    private static func result(_ window: SpotPriceWindow, _ report: IngestReport, _ time: Duration) -> JSONValue {
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        return [
            "region": .string(window.region), "instance_types": .integer(Int64(window.instanceTypes.count)),
            "from": .string(Timestamp(window.from).description), "until": .string(Timestamp(window.until).description),
            "pages": .integer(Int64(report.pages)), "received": .integer(Int64(report.received)),
            "inserted": .integer(Int64(report.inserted)), "malformed": .integer(Int64(report.malformed)),
            "seconds": .rounded(seconds, 3),
        ]
    }
}

extension SpotPriceWindow {
    /// As stored in a job.
    var json: JSONValue {
        [
            "region": .string(region), "instance_types": .array(instanceTypes.map { .string($0) }),
            "products": .array(products.map { .string($0) }), "from": .string(Timestamp(from).description),
            "until": .string(Timestamp(until).description),
        ]
    }

    init(payload: String) throws(APIError) {
        let document = try JSONValue(body: Array(payload.utf8))
        let reader = JSONReader(document)
        self.init(
            region: try reader.required("region").string(),
            instanceTypes: try reader.optional("instance_types")?.strings() ?? [],
            products: try reader.optional("products")?.strings() ?? [],
            from: try reader.required("from").timestamp().date,
            until: try reader.required("until").timestamp().date
        )
    }
}

extension Timestamp {
    init(_ date: Date) { self.init(secondsSinceEpoch: date.timeIntervalSince1970) }

    var date: Date { Date(timeIntervalSince1970: secondsSinceEpoch) }
}

extension JobOutcome {
    /// How a fetch that failed goes on.
    init(_ error: PricingError) {
        if error.code == .cancelled {
            self = .cancelled
            return
        }
        let failure = JobFailure(
            code: "fetch_failed",
            message: error.description,
            hint: "Stored prices stay in use. Check the network, the credentials, SPOT_ADVISOR_URL, PRICE_LIST_URL."
        )
        if let wait = error.retryAfter {
            self = .rateLimited(wait, failure)
        } else {
            self = error.code == .refused ? .failed(failure) : .retry(failure)
        }
    }
}

package import FoundationEssentials

/// What to ask EC2's price history for: one region, some types and products, a stretch of time.
package struct SpotPriceWindow: Sendable, Hashable {
    package var region: String
    /// Empty asks for every type.
    package var instanceTypes: [String]
    /// Empty asks for every product.
    package var products: [String]
    package var from: Date
    package var until: Date

    package init(region: String, instanceTypes: [String] = [], products: [String] = [], from: Date, until: Date) {
        self.region = region
        self.instanceTypes = instanceTypes
        self.products = products
        self.from = from
        self.until = until
    }
}

/// Reads EC2's price history, page by page.
package struct SpotPriceSource: Sendable {
    /// The most rows EC2 puts into a page.
    private static let pageRows = 1000
    /// EC2 takes at most this many values of one parameter.
    package static let mostTypes = 100
    /// AWS does not say how late a price may appear in its history: a window is asked for from a little earlier on, so that
    /// what came after the fetch that ended there is not missed for ever.
    private static let overlap: TimeInterval = 600
    /// How often a page is asked for that comes damaged.
    private static let readings = 4
    /// A hundred times the pages of a region's busiest day: a service that hands out tokens for ever ends here.
    private static let mostPages = 20_000

    private let client: EC2Client

    package init(client: EC2Client) { self.client = client }

    /// What answers name as their source.
    package var name: String { "EC2 DescribeSpotPriceHistory" }
    package var region: String { client.region }

    /// Hands over the pages of a window, newest first.
    ///
    /// The history of a window is whole only when this returns: what a broken fetch has seen covers nothing for certain.
    /// Beside the rows inside, every pool's last price before `from` comes along: the one that held when the window began.
    ///
    /// - Parameters:
    ///   - window: What is wanted; its region is the client's.
    ///   - page: Takes a page; the next is asked for when it returns.
    /// - Throws: ``PricingError``.
    package func fetch(
        _ window: SpotPriceWindow,
        page: (SpotPricePage) async throws(PricingError) -> Void
    ) async throws(PricingError) {
        let document = "\(name) in \(region)"
        let question = parameters(window)
        var answer = try await ask(question, token: nil, document).get()
        var asked: String?
        for _ in 0..<Self.mostPages {
            // Pages may be short or empty and still have a successor; only a token that is missing or empty ends it.
            guard let token = answer.nextToken else { return try await page(answer) }
            guard token != asked else { throw PricingError(.invalid, "the same page follows itself", in: document) }
            asked = token
            // The next page is on its way while this one is stored.
            async let following = ask(question, token: token, document)
            try await page(answer)
            answer = try await following.get()
        }
        throw PricingError(.invalid, "more than \(Self.mostPages) pages", in: document)
    }

    /// Asks for one page, and once more when it comes damaged: a proxy that cuts a document frames it well.
    private func ask(
        _ question: [(String, String)],
        token: String?,
        _ document: String
    ) async -> Result<SpotPricePage, PricingError> {
        var attempt = 1
        while true {
            do throws(PricingError) {
                let body = try await client.call(
                    "DescribeSpotPriceHistory",
                    question + (token.map { [("NextToken", $0)] } ?? [])
                )
                return .success(try SpotPricePage(parsing: body, document: document))
            } catch {
                guard error.code == .malformed, attempt < Self.readings else { return .failure(error) }
                attempt += 1
            }
        }
    }

    private func parameters(_ window: SpotPriceWindow) -> [(String, String)] {
        var parameters = [
            ("MaxResults", "\(Self.pageRows)"),
            ("StartTime", window.from.addingTimeInterval(-Self.overlap).formatted(.iso8601)),
            ("EndTime", window.until.formatted(.iso8601)),
        ]
        for (index, type) in window.instanceTypes.enumerated() {
            parameters.append(("InstanceType.\(index + 1)", type))
        }
        for (index, product) in window.products.enumerated() {
            parameters.append(("ProductDescription.\(index + 1)", product))
        }
        return parameters
    }
}

import Fetch
import Jobs
import Postgres
import Pricing
import Settings
import ThreadExecution

/// Where this process fetches prices from, as its options say.
struct PriceSources: Sendable {
    let advisor: SpotAdvisorSource
    let onDemand: OnDemandSource
    private let aws: AWSSettings
    private let fetcher: Fetcher
    private let pool: PostgresPool
    private let credentials: CredentialChain

    /// `pool` leads to the ledger, which keeps the fleet's budget of calls.
    init(settings: ServerSettings, fetcher: Fetcher, readers: ComputePool, pool: PostgresPool) {
        advisor = SpotAdvisorSource(location: settings.pricing.spotAdvisorURL, fetcher: fetcher, readers: readers)
        onDemand = OnDemandSource(baseURL: settings.pricing.priceListURL, fetcher: fetcher, readers: readers)
        aws = settings.aws
        self.fetcher = fetcher
        self.pool = pool
        credentials = CredentialChain(environment: settings.aws.environment, fetcher: fetcher)
    }

    /// The region that is asked what others there are.
    var home: String { aws.environment["AWS_REGION"] ?? "us-east-1" }

    /// Whether EC2 can be asked at all.
    func hasCredentials() async throws(FetchError) -> Bool { try await credentials.credentials() != nil }

    /// EC2's own catalogue of a region.
    func instanceTypes(region: String) -> InstanceTypeSource { InstanceTypeSource(client: ec2(region)) }

    /// EC2's spot price history of a region.
    func spotPrices(region: String) -> SpotPriceSource { SpotPriceSource(client: ec2(region)) }

    /// The regions open to the account, and the zones of one.
    func regions(of region: String) -> RegionSource { RegionSource(client: ec2(region)) }

    /// The prices of single types, from the Price List API.
    func products(region: String) -> ProductSource {
        ProductSource(
            client: PriceListClient(
                pricesOf: region,
                credentials: .init(credentials),
                endpoint: AWSClient.endpoint(of: "pricing", environment: aws.environment),
                fetcher: fetcher,
                pace: { action throws(PricingError) in try await wait(for: action, in: "pricing") }
            )
        )
    }

    private func ec2(_ region: String) -> EC2Client {
        EC2Client(
            region: region,
            credentials: .init(credentials),
            endpoint: AWSClient.endpoint(of: "ec2", environment: aws.environment),
            fetcher: fetcher,
            pace: { action throws(PricingError) in try await wait(for: action, in: region) }
        )
    }

    /// A longer wait gives the worker's place free and comes back later.
    private static let patience: Duration = .seconds(20)

    /// AWS counts calls per account, region and action; so does the fleet.
    private func wait(for action: String, in region: String) async throws(PricingError) {
        let document = "\(action) in \(region)"
        let bucket = TokenBucket(name: "ec2:\(region):\(action)", rate: aws.callRate, burst: aws.callBurst, pool: pool)
        let answer: TokenBucket.Answer
        do {
            answer = try await bucket.take(patience: Self.patience)
        } catch {
            throw PricingError(.store, "the fleet's budget of calls cannot be read", in: document, cause: error)
        }
        switch answer {
        case .granted(let wait):
            do { try await Task.sleep(for: wait) } catch { throw PricingError(.cancelled, "cancelled", in: document) }
        case .refused(let wait):
            var error = PricingError(.rateLimited, "the fleet's budget of calls is used up for \(wait)", in: document)
            error.retryAfter = wait
            throw error
        }
    }
}

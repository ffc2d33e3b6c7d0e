import Fetch
import Pricing
import Settings
import ThreadExecution

/// Where this process fetches prices from, as its options say.
struct PriceSources: Sendable {
    let advisor: SpotAdvisorSource
    let onDemand: OnDemandSource
    private let aws: AWSSettings
    private let fetcher: Fetcher

    init(settings: ServerSettings, fetcher: Fetcher, readers: ComputePool) {
        advisor = SpotAdvisorSource(location: settings.pricing.spotAdvisorURL, fetcher: fetcher, readers: readers)
        onDemand = OnDemandSource(baseURL: settings.pricing.priceListURL, fetcher: fetcher, readers: readers)
        aws = settings.aws
        self.fetcher = fetcher
    }

    /// EC2's own catalogue of a region; nil without credentials.
    func instanceTypes(region: String) -> InstanceTypeSource? {
        guard let credentials = AWSCredentials(environment: aws.environment) else { return nil }
        let client = EC2Client(
            region: region,
            credentials: credentials,
            endpoint: EC2Client.endpoint(environment: aws.environment),
            fetcher: fetcher
        )
        return InstanceTypeSource(client: client)
    }
}

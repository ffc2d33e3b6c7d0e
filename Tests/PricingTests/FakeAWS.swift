import Fetch
import FoundationEssentials
import Glibc
import Support
import ThreadExecution

@testable import Pricing

/// The local AWS of the shared tools, with faults on demand.
final class FakeAWS: Sendable {
    static let script = SharedData.url("tools/fake_aws.py")
    static var isFound: Bool { script != nil && SharedData.url("data/pricing") != nil }
    static let credentials = AWSCredentials(
        accessKeyID: "AKIDFAKEEXAMPLE00001",
        secretAccessKey: "fakeSecretKeyForTestsOnly0000000000000001"
    )

    let url: String
    let fetcher: Fetcher
    let readers = ComputePool(name: "readers", threads: 1)
    private let process: ServerProcess
    /// The parts of the recorded data that it serves.
    private let data: TemporaryFolder

    /// Serves the recorded feed and On-Demand prices, and of the spot history the files named, as they were recorded.
    init(spot: [String] = [], arguments: String = "") async throws {
        data = try TemporaryFolder()
        let recorded = SharedData.url("data/pricing") ?? ""
        try FileManager.default.createDirectory(atPath: data.path + "/spot", withIntermediateDirectories: false)
        for name in ["spot-advisor-data.json", "ondemand"] + spot.map({ "spot/" + $0 }) {
            try FileManager.default.createSymbolicLink(
                atPath: data.path + "/" + name,
                withDestinationPath: recorded + "/" + name
            )
        }
        fetcher = try Fetcher()
        let port = try LoopbackPort.free()
        url = "http://127.0.0.1:\(port)"
        process = try await ServerProcess.start(
            "exec setpriv --pdeathsig KILL python3 '\(Self.script ?? "")' --port \(port) --data \(data.path) \(arguments)",
            log: "/dev/null"
        )
        let end = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < end, !process.hasExited {
            if let response = try? await fetcher.send(FetchRequest(url: url + "/_fake/health")), response.isSuccess {
                return
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        throw SupportError("the fake AWS did not start")
    }

    deinit {
        process.send(SIGTERM)
        fetcher.shutdown()
    }

    /// Queues faults: the next requests get them in this order.
    func script(_ faults: [String]) async throws {
        try await control("script", "[" + faults.map { "\"\($0)\"" }.joined(separator: ",") + "]")
    }
    /// Ends all temporary credentials at once.
    func expire() async throws { try await control("expire", "{}") }
    func configure(_ json: String) async throws { try await control("config", json) }

    private func control(_ what: String, _ json: String) async throws {
        _ = try await fetcher.send(FetchRequest(method: "POST", url: url + "/_fake/\(what)", body: Array(json.utf8)))
    }

    /// Retries without waiting.
    static let impatient = RetryEnvironment(sleep: { _ in }, fraction: { 0 })

    func advisor(_ location: String? = nil, attempts: Int = 4) -> SpotAdvisorSource {
        SpotAdvisorSource(
            location: location ?? url + "/spot-advisor-data.json",
            fetcher: fetcher,
            readers: readers,
            retry: RetryPolicy(attempts: attempts),
            environment: Self.impatient
        )
    }

    func ec2(region: String, attempts: Int = 12) -> EC2Client {
        EC2Client(
            region: region,
            credentials: .init(Self.credentials),
            endpoint: url,
            fetcher: fetcher,
            retry: RetryPolicy(attempts: attempts),
            environment: Self.impatient
        )
    }

    func spotPrices(region: String, attempts: Int = 12) -> SpotPriceSource {
        SpotPriceSource(client: ec2(region: region, attempts: attempts))
    }

    func products() -> ProductSource {
        ProductSource(
            client: PriceListClient(
                pricesOf: "us-east-1",
                credentials: .init(Self.credentials),
                endpoint: url,
                fetcher: fetcher,
                environment: Self.impatient
            )
        )
    }

    func onDemand(attempts: Int = 6) -> OnDemandSource {
        OnDemandSource(
            baseURL: url,
            fetcher: fetcher,
            readers: readers,
            retry: RetryPolicy(attempts: attempts),
            environment: Self.impatient
        )
    }
}

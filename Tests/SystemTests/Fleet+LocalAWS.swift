import Fetch
import Foundation
import Support
import Testing

extension Fleet {
    /// A fleet whose EC2 is the local one, with a month of m5.large prices that end a minute ago.
    static func withLocalAWS(_ arguments: String = "", fillsGaps: Bool = false, _ body: (Fleet) async throws -> Void)
        async throws
    {
        let data = try TemporaryFolder()
        let spot = try #require(SharedData.url("data/pricing/spot"))
        try FileManager.default.createDirectory(atPath: data.path + "/spot", withIntermediateDirectories: false)
        let file = "/us-east-1_m5.large_2021-01-08_2021-02-09.csv.gz"
        try FileManager.default.createSymbolicLink(atPath: data.path + "/spot" + file, withDestinationPath: spot + file)
        let onDemand = try #require(SharedData.url("data/pricing/ondemand"))
        try FileManager.default.createSymbolicLink(atPath: data.path + "/ondemand", withDestinationPath: onDemand)
        let port = try LoopbackPort.free()
        let aws = try await ServerProcess.start(
            "exec setpriv --pdeathsig KILL python3 '\(SharedData.url("tools/fake_aws.py") ?? "")' --port \(port) --data \(data.path) \(arguments)",
            log: "/dev/null"
        )
        defer { aws.send(SIGKILL) }
        let settings = [
            "AWS_ENDPOINT_URL": "http://127.0.0.1:\(port)", "AWS_ACCESS_KEY_ID": "AKIDFAKEEXAMPLE00001",
            "AWS_SECRET_ACCESS_KEY": "fakeSecretKeyForTestsOnly0000000000000001", "AWS_API_RATE": "1000",
            "PRICE_LIST_URL": "http://127.0.0.1:\(port)",
            // Of its own accord the scheduler would fetch the same.
            "GAP_FILLER_ENABLED": "\(fillsGaps)",
        ]
        try await Fleet.with(settings: settings, load: []) { fleet in
            let fetcher = try Fetcher()
            defer { fetcher.shutdown() }
            try await Condition.holds(within: .seconds(20)) {
                (try? await fetcher.send(FetchRequest(url: "http://127.0.0.1:\(port)/_fake/health")))?.isSuccess == true
            }
            try await body(fleet)
        }
    }
}

import Contract
import Engines
import Testing

@Suite("Spot request")
struct SpotRequestTests {
    @Test(
        "what real callers send is understood",
        arguments: [
            (#"{"cpu":2,"memory":4,"region":"us-east-1"}"#, 2000, 4096),
            (#"{"cpu":"500m","memory":"512Mi"}"#, 500, 512),
            (#"{"vcpus":1.5,"memory_mb":1000}"#, 1500, 1000), (#"{"min_cpu":0.0001,"min_memory_gb":0.5}"#, 1, 512),
            (#"{"cpu_cores":"2","memory_gb":"8Gi"}"#, 2000, 8192), (#"{"cpu":3}"#, 3000, 0), ("{}", 2000, 4096),
            (#"{"cpu":null,"vcpu":8}"#, 8000, 0), (#"{"memory":"2e9"}"#, 0, 1908),
            (#"{"cpu":0,"memory":0}"#, 2000, 4096),
        ]
    )
    func amounts(text: String, millicores: Int, mebibytes: Int) throws {
        let request = try Market.request(text)
        #expect(request.node.millicores == millicores)
        #expect(request.node.mebibytes == mebibytes)
    }

    @Test(
        "bad values are refused with their field and a hint",
        arguments: [
            (#"{"cpu":-1}"#, "requirements.cpu", "must not be negative"),
            (#"{"cpu":"-1"}"#, "requirements.cpu", "negative"),
            (#"{"cpu":"two"}"#, "requirements.cpu", "is not a number of cores"),
            (#"{"cpu":true}"#, "requirements.cpu", "must be"),
            (#"{"cpu":[2]}"#, "requirements.cpu", "not a list"), (#"{"cpu":1e9}"#, "requirements.cpu", "0 to 4096"),
            (#"{"memory":-0.5}"#, "requirements.memory", "negative"),
            (#"{"memory":"4"}"#, "requirements.memory", "less than one MiB"),
            (#"{"memory":{"gb":4}}"#, "requirements.memory", "not an object"),
            (#"{"memory_mb":1e12}"#, "requirements.memory_mb", "MiB"),
            (#"{"pods":1.5}"#, "requirements.pods", "whole number"), (#"{"pods":-3}"#, "requirements.pods", "negative"),
            (#"{"count":0}"#, "requirements.count", "1 to 10000"),
            (#"{"node_count":"3"}"#, "requirements.node_count", "whole number"),
            (#"{"gpu":-1}"#, "requirements.gpu", "negative"),
            (#"{"architecture":"sparc"}"#, "requirements.architecture", "architecture"),
            (#"{"architecture":[]}"#, "requirements.architecture", "empty"),
            (#"{"region":7}"#, "requirements.region", "strings"),
            (#"{"region":"Frankfurt"}"#, "requirements.region", "region name"),
            (#"{"regions":[]}"#, "requirements.regions", "name a region"),
            (#"{"region":""}"#, "requirements.region", "empty"),
            (#"{"zones":["eu-west-1a"]}"#, "requirements.zones", "not a zone of us-east-1"),
            (#"{"zones":[3]}"#, "requirements.zones[0]", "string"),
            (#"{"operating_system":"beos"}"#, "requirements.operating_system", "not supported"),
            (#"{"instance_families":["m5;drop"]}"#, "requirements.instance_families", "no type name"),
            (#"{"workload_type":"???"}"#, "requirements.workload_type", "workload"),
            (#"{"rank_by":"luck"}"#, "requirements.rank_by", "order"),
            (#"{"max_interruption_risk":1.5}"#, "requirements.max_interruption_risk", "0 to 1"),
            (#"{"min_safety_score":-0.1}"#, "requirements.min_safety_score", "negative"),
            (#"{"allow_burstable":"yes"}"#, "requirements.allow_burstable", "true or false"),
            (#"{"limit":101}"#, "requirements.limit", "1 to 100"),
            (#"{"max_price":"cheap"}"#, "requirements.max_price", "number"),
            (#"{"uptime_hours":-1}"#, "requirements.uptime_hours", "negative"),
            (#"{"total_cpu":-5}"#, "requirements.total_cpu", "negative"),
        ]
    )
    func refused(text: String, field: String, message: String) throws {
        let error = try #require(#expect(throws: APIError.self) { try Market.request(text) })
        #expect(error.status == 422)
        #expect(error.field == field)
        #expect(error.message.contains(message), "\(error.message)")
        #expect(!error.hint.isEmpty)
    }

    @Test("constraints are read like requirements, and named in their errors")
    func constraints() throws {
        let request = try Market.request(
            "{}",
            constraints: #"{"max_interruption_risk":0.15,"workload_type":"stateless","exclude_instances":["m5.large"]}"#
        )
        #expect(request.maximumRisk == 0.15)
        #expect(request.excludedTypes.count == 1)
        let error = #expect(throws: APIError.self) { try Market.request("{}", constraints: #"{"max_price":-1}"#) }
        #expect(error?.field == "constraints.max_price")
    }

    @Test(
        "the region is found wherever the caller left it",
        arguments: [
            (#"{"region":"eu-west-1"}"#, "{}", "eu-west-1"), ("{}", #"{"region":"eu-west-2"}"#, "eu-west-2"),
            (
                "{}", #"{"nodes":[{"metadata":{"labels":{"topology.kubernetes.io/region":"ap-south-1"}}}]}"#,
                "ap-south-1"
            ),
            (
                "{}",
                #"{"nodes":{"items":[{"metadata":{"labels":{"topology.kubernetes.io/zone":"us-gov-west-1b"}}}]}}"#,
                "us-gov-west-1"
            ),
            ("{}", #"{"nodes":[{"availability_zone":"us-west-2-lax-1a"}]}"#, "us-west-2"),
            ("{}", #"{"nodes":[{"metadata":{"labels":{"topology.kubernetes.io/region":"eastus"}}}]}"#, "us-east-1"),
            ("{}", #"{"region":"somewhere"}"#, "us-east-1"), ("{}", "{}", "us-east-1"),
        ]
    )
    func region(requirements: String, state: String, region: String) throws {
        #expect(try Market.request(requirements, state: state).region == region)
    }

    @Test("malformed nodes are reported one by one, not by failing")
    func nodes() throws {
        let nodes = #"[7,{"name":"a","zone":"us-east-1b"},{"name":"b","zone":5},"x"]"#
        let request = try Market.request("{}", state: #"{"nodes":\#(nodes)}"#)
        #expect(request.clusterZones == ["us-east-1b"])
        #expect(
            request.itemProblems.map(\.field) == [
                "cluster_state.nodes[0]", "cluster_state.nodes[2].zone", "cluster_state.nodes[3]",
            ]
        )
    }

    @Test(
        "a family pattern means the whole family unless it ends in a star",
        arguments: [
            ("m5", "m5.large", true), ("m5", "m5a.large", false), ("m5*", "m5a.large", true),
            ("m5.*", "m5.large", true),
            ("m5.*", "m5a.large", false), ("M5.LARGE", "m5.large", true), ("m5.large", "m5.xlarge", false),
            ("*", "x1.large", true),
        ]
    )
    func pattern(text: String, type: String, matches: Bool) throws {
        let family = String(type.prefix { $0 != "." })
        #expect(NamePattern(text).matches(type: type, family: family) == matches)
    }
}

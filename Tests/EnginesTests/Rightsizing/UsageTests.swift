import Contract
import Engines
import OracleSupport
import Testing

@Suite("Usage")
struct UsageTests {
    static let start: Int64 = 1_753_000_000_000

    static func points(_ pairs: [(Int64, Double)]) -> [UsagePoint] {
        pairs.map { UsagePoint(milliseconds: $0.0, value: $0.1) }
    }

    @Test("what is no measurement is dropped; of two at one instant the larger stays; order does not matter")
    func series() {
        let raw = Self.points([(3, 1), (1, -5), (1, 2), (2, .infinity), (1, 7), (2, .nan), (3, 0.5)])
        let series = UsageSeries(raw)
        #expect(series.points == Self.points([(1, 7), (3, 1)]))
        #expect(UsageSeries(raw.reversed()) == series)
        var merged = UsageSeries(Self.points([(1, 9)]))
        merged.merge(series)
        #expect(merged.points == Self.points([(1, 9), (3, 1)]))
    }

    @Test("a snapshot without a stamp counts as taken at the end of the window")
    func snapshot() {
        let series = UsageSeries(Self.points([(10, 1), (90, 2), (UsagePoint.atTheClock, 5)]))
        #expect(series.points(from: 50, through: 100) == Self.points([(90, 2), (100, 5)]))
        #expect(series.points(from: 50, through: 90) == Self.points([(90, 5)]))
    }

    @Test(
        "percentiles are by nearest rank",
        arguments: [(0.0, 1.0), (0.05, 1), (0.5, 10), (0.94, 19), (0.95, 19), (0.951, 20), (0.99, 20), (1, 20)]
    )
    func percentile(fraction: Double, value: Double) {
        let values = (1...20).map(Double.init)
        #expect(Percentile.of(values.shuffled(), fraction) == value)
        #expect(Percentile.of(values, [fraction]) == [value])
    }

    @Test("selection equals sorting, also for equal, sorted and organ-pipe values", arguments: 0..<40)
    func selection(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let count = Int.random(in: 1...700, using: &random)
        var values: [Double]
        switch seed % 4 {
        case 0: values = (0..<count).map { _ in Double.random(in: 0...1, using: &random) }
        case 1: values = (0..<count).map { _ in Double(Int.random(in: 0...3, using: &random)) }
        case 2: values = (0..<count).map(Double.init)
        default: values = (0..<count).map { Double(min($0, count - $0)) }
        }
        if seed % 8 == 2 { values.reverse() }
        for fraction in [0, 0.01, 0.5, 0.9, 0.95, 0.99, 1] {
            #expect(Percentile.of(values, fraction) == Percentile.of(values, [fraction])[0])
        }
        #expect(Percentile.of([], 0.5) == nil)
    }

    @Test("five-minute averages and peaks follow the clock's own slots")
    func slots() {
        var statistics = SlotStatistics()
        for (at, value) in [(0, 1.0), (299_999, 3), (300_000, 5), (1_200_000, 7), (1_200_001, 0)] {
            statistics.add(Int64(at), value)
        }
        statistics.finish()
        #expect(statistics.slots == [0, 1, 4])
        #expect(statistics.averages == [2, 5, 3.5])
        #expect(statistics.peaks == [3, 5, 7])
        #expect(UsageWindow.slot(of: -1) == -1)
    }

    @Test("hourly history without holes covers all of its time; a missing day is missing")
    func coverage() {
        let hourly = UsageCoverage(slots: (0..<169).map { Int64($0 * 12) })
        #expect(hourly.days == 7)
        #expect(hourly.share == 1)
        let holed = UsageCoverage(slots: (0..<2017).filter { !(288..<576).contains($0) }.map(Int64.init))
        #expect(holed.days == 7)
        #expect(abs(holed.share - 1729.0 / 2017) < 1e-9)
        #expect(UsageCoverage(slots: [5, 5]).days == 0)
        #expect(UsageCoverage(slots: []).share == 0)
        #expect(UsageCoverage(slots: [288, 0, 288]) == UsageCoverage(slots: [0, 288]))
    }

    // MARK: Reading

    static func read(_ text: String, nodes: Set<String> = ["n1"]) throws -> UsageTable {
        let value = try JSONParser.parse(Array(text.utf8))
        return UsageReader.read([JSONReader(value, path: .key(.root, "metrics"))], nodes: nodes)
    }

    static let expected: UsageTable = {
        var usage = ContainerUsage()
        usage.cpu = UsageSeries(points([(start, 0.25), (start + 300_000, 0.5)]))
        usage.memory = UsageSeries(points([(start, 1_048_576), (start + 300_000, 2_097_152)]))
        var table = UsageTable()
        table.add(usage, to: ContainerRef(namespace: "shop", pod: "web-1", container: "app"))
        return table
    }()

    @Test(
        "the same series in every known shape gives the same table",
        arguments: [
            // Maps by name.
            #"{"shop/web-1/app":{"cpu":[[1753000000,0.25],[1753000300,0.5]],"memory":[[1753000000,1048576],[1753000300,2097152]]}}"#,
            #"{"shop/web-1":{"app":{"cpu":[[1753000000000,"250m"],[1753000300000,"500m"]],"memory":[["2025-07-20T08:26:40Z","1Mi"],["2025-07-20T08:31:40Z","2Mi"]]}}}"#,
            #"{"pods":{"shop/web-1":{"containers":{"app":{"cpu":{"timestamps":[1753000000,1753000300],"values":[0.25,0.5]},"memory":{"timestamps":[1753000000,1753000300],"values":[1048576,2097152]}}}}}}"#,
            // Lists.
            #"{"containers":[{"namespace":"shop","pod":"web-1","container":"app","cpu_millicores":[[1753000000,250],[1753000300,500]],"memory_mib":[[1753000000,1],[1753000300,2]]}]}"#,
            #"[{"namespace":"shop","pod_name":"web-1","containers":[{"name":"app","cpu":[{"timestamp":1753000000,"value":0.25},{"timestamp":1753000300,"value":0.5}],"memory_bytes":[{"t":1753000000,"v":1048576},{"t":1753000300,"v":2097152}]}]}]"#,
            // By metric first.
            #"{"cpu":{"shop/web-1/app":[[1753000000,0.25],[1753000300,0.5]]},"memory":{"shop/web-1/app":[[1753000300,2097152],[1753000000,1048576]]}}"#,
            // Prometheus, under the metric's name, by its own name, and as a counter.
            #"{"cpu":{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"namespace":"shop","pod":"web-1","container":"app"},"values":[[1753000000,"0.25"],[1753000300,"0.5"]]}]}},"memory":{"data":{"result":[{"metric":{"namespace":"shop","pod":"web-1","container":"app"},"values":[[1753000000,"1048576"],[1753000300,"2.097152e6"]]},{"metric":{"namespace":"shop","pod":"web-1","container":""},"values":[[1753000000,"9e9"]]},{"metric":{"namespace":"shop","pod":"web-1","container":"POD"},"values":[[1753000000,"9e9"]]}]}}}"#,
            #"{"prometheus":[{"data":{"result":[{"metric":{"__name__":"container_memory_working_set_bytes","namespace":"shop","pod":"web-1","container":"app"},"values":[[1753000000,"1048576"],[1753000300,"2097152"]]},{"metric":{"__name__":"container_cpu_usage_seconds_total","namespace":"shop","pod":"web-1","container":"app"},"values":[[1752999700,"1000"],[1753000000,"1075"],[1753000300,"150"]]}]}}]}"#,
            // Lists of metrics.k8s.io, one for each moment.
            #"[{"kind":"PodMetricsList","apiVersion":"metrics.k8s.io/v1beta1","items":[{"metadata":{"name":"web-1","namespace":"shop"},"timestamp":"2025-07-20T08:26:40Z","window":"15s","containers":[{"name":"app","usage":{"cpu":"250000000n","memory":"1024Ki"}}]}]},{"kind":"PodMetricsList","items":[{"metadata":{"name":"web-1","namespace":"shop"},"timestamp":"2025-07-20T08:31:40Z","containers":[{"name":"app","usage":{"cpu":"500m","memory":"2Mi"}}]}]}]"#,
        ]
    )
    func shapes(text: String) throws {
        let table = try Self.read(text)
        #expect(table.problems.isEmpty, "\(table.problems)")
        #expect(table.containers == Self.expected.containers)
        #expect(table.nodes.isEmpty)
    }

    @Test("tables of kubectl top are snapshots at the clock")
    func top() throws {
        let pods = try Self.read(
            #"{"top":"NAMESPACE   POD     NAME   CPU(cores)   MEMORY(bytes)\nshop  web-1  app  250m  64Mi\nbroken line\n"}"#
        )
        let usage = try #require(pods.containers[ContainerRef(namespace: "shop", pod: "web-1", container: "app")])
        #expect(usage.cpu.points == Self.points([(UsagePoint.atTheClock, 0.25)]))
        #expect(usage.memory.points == Self.points([(UsagePoint.atTheClock, 67_108_864)]))
        let nodes = try Self.read(
            #"{"top":"NAME   CPU(cores)   CPU%   MEMORY(bytes)   MEMORY%\nn1   1200m   30%   2048Mi   25%\n"}"#
        )
        #expect(nodes.nodes["n1"]?.cpu.points.first?.value == 1.2)
        #expect(nodes.containers.isEmpty)
    }

    @Test(
        "percentages of nodes are understood under every documented name",
        arguments: [
            (#"{"n1":{"cpu_usage_pct":25,"memory_usage_pct":30.5}}"#, 25.0, 30.5),
            (#"{"nodes":{"n9":{"cpu_usage_pct":25,"memory_usage_pct":30.5}}}"#, 25, 30.5),
            (#"{"nodes":[{"node_name":"n9","cpu_percent":25,"memory_percent":"30.5"}]}"#, 25, 30.5),
            (#"{"n1":{"cpu_usage":25,"memory_usage":30.5}}"#, 25, 30.5),
            (#"{"n1":{"cpu_usage":0.25,"memory_usage":0.305}}"#, 25, 30.5),
            (#"{"n1":{"cpu_usage":1,"memory_usage":30.5}}"#, 1, 30.5),
            (#"[{"node":"n9","cpu_usage_percentage":0.25,"memory_usage_percentage":0.305}]"#, 25, 30.5),
        ]
    )
    func percentages(text: String, cpu: Double, memory: Double) throws {
        let table = try Self.read(text)
        let usage = try #require(table.nodes.values.first)
        #expect(usage.cpuPercent == cpu)
        #expect(usage.memoryPercent == memory)
        #expect(table.containers.isEmpty)
    }

    @Test("throttling comes as a share, as percent, or from the limiter's counters")
    func throttling() throws {
        let ref = ContainerRef(namespace: "s", pod: "p", container: "c")
        #expect(try Self.read(#"{"s/p/c":{"throttled_pct":7}}"#).containers[ref]?.throttled == 0.07)
        #expect(try Self.read(#"{"s/p/c":{"cpu_throttling":[[1,0.02],[2,0.07]]}}"#).containers[ref]?.throttled == 0.07)
        let counters = try Self.read(
            """
            {"data":{"result":[
            {"metric":{"__name__":"container_cpu_cfs_throttled_periods_total","namespace":"s","pod":"p","container":"c"},
            "values":[[1753000000,"10"],[1753000300,"30"]]},
            {"metric":{"__name__":"container_cpu_cfs_periods_total","namespace":"s","pod":"p","container":"c"},
            "values":[[1753000000,"100"],[1753000300,"300"]]}]}}
            """
        )
        #expect(counters.containers[ref]?.throttled == 0.1)
    }

    @Test(
        "what cannot be read is reported and never fails",
        arguments: [
            (#"{"s/p/c":{"cpu":[[1753000000,0.2],["x",1],[5],{"v":1},null,[1753000300,-1],[1753000300,"NaN"]]}}"#, 1),
            (#"{"s/p/c":{"cpu":{"timestamps":[1,2,3],"values":[1]}}}"#, 1), (#""no table""#, 1), ("7", 1),
            (#"{"cpu_usage_pct":20,"memory_usage_pct":30}"#, 1), ("[]", 0), ("{}", 0), ("null", 0),
            (#"{"data":{"result":[{"metric":{},"values":[[1,"2"]]},{"metric":{"pod":"p"}},7]}}"#, 0),
            (#"{"n1":{"cpu_usage_pct":-5,"memory_usage_pct":1e400}}"#, 0),
        ]
    )
    func malformed(text: String, problems: Int) throws {
        guard let value = try? JSONParser.parse(Array(text.utf8)) else { return }
        let table = UsageReader.read([JSONReader(value)], nodes: ["n1"])
        #expect(table.problems.count == problems, "\(table.problems)")
        for usage in table.containers.values { #expect(usage.cpu.points.allSatisfy { $0.value >= 0 }) }
    }
}

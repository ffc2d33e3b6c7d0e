import Contract
import Engines
import Glibc

// Usage: sizing-benchmark [CONTAINERS [PODS [NODES]]]; prints one line for each measurement.

/// Processor time of this process: other programs on the machine do not disturb it much.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Peak resident memory of this process in MiB.
func peakMebibytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss >> 10
}

/// SplitMix64.
struct Generator {
    var state: UInt64
    mutating func unit() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) / 9_007_199_254_740_992
    }
}

let start: Int64 = 1_753_000_000_000
let pointsPerSeries = 8 * 288
let now = Timestamp(milliseconds: start + Int64(pointsPerSeries) * 300_000)

func fill(_ points: inout [UsagePoint], _ random: inout Generator, scale: Double) {
    let level = scale * (0.2 + random.unit())
    for index in points.indices {
        points[index] = UsagePoint(
            milliseconds: start + Int64(index) * 300_000,
            value: level * (0.5 + random.unit())
        )
    }
}

/// Streams containers past the sizing, one at a time, as a reader of a long answer would.
func containers(_ count: Int, memory withMemory: Bool, vpa: Bool) {
    var random = Generator(state: 1)
    var cpu = Array(repeating: UsagePoint(milliseconds: 0, value: 0), count: pointsPerSeries)
    var memory = withMemory ? cpu : []
    var generating = 0.0
    var sizing = 0.0
    var sum: Int64 = 0
    for _ in 0..<count {
        let begin = processorSeconds()
        fill(&cpu, &random, scale: 0.5)
        if withMemory { fill(&memory, &random, scale: 5e8) }
        let filled = processorSeconds()
        var evidence = ContainerEvidence(keepsVPA: vpa)
        evidence.addPod(cpu: cpu, memory: memory)
        evidence.finish()
        let target = ContainerSizing(
            evidence,
            current: ContainerResources(cpuRequest: 500, memoryRequest: 1 << 30),
            vpa: evidence.vpa.map { VPARecommendation($0, containersInPod: 1) }
        )
        sum &+= (target.cpuRequest ?? 0) &+ (target.memoryRequest ?? 0)
        sizing += processorSeconds() - filled
        generating += filled - begin
    }
    let points = count * pointsPerSeries * (withMemory ? 2 : 1)
    print(
        "containers \(count) points \(points) memory \(withMemory) vpa \(vpa) cpu_s \(sizing) generating_s \(generating)"
            + " peak_mib \(peakMebibytes()) check \(sum)"
    )
}

/// Pods of Deployments; one in twenty was killed for memory an hour ago.
func cluster(pods: Int) -> ClusterState {
    var state = ClusterState()
    state.pods.reserveCapacity(pods)
    for index in 0..<pods {
        var pod = Pod(meta: ObjectMeta(name: "app-\(index / 4)-abc-\(index)", namespace: "ns-\(index % 50)"))
        pod.meta.uid = "uid-\(index)"
        pod.meta.owners = [OwnerReference(kind: "ReplicaSet", name: "app-\(index / 4)-abc")]
        pod.meta.labels = ["pod-template-hash": "abc"]
        pod.nodeName = "node-\(index % 500)"
        pod.phase = .running
        let resources = ResourceList(cpu: 250, memory: 512 << 20)
        pod.containers = [Container(name: "app", requests: resources, limits: ResourceList(memory: 512 << 20))]
        var status = ContainerStatus(name: "app", isReady: true)
        if index % 20 == 0 {
            status.restartCount = 1
            status.lastState = .init(
                kind: .terminated,
                reason: "OOMKilled",
                exitCode: 137,
                finishedAt: now.adding(hours: -1)
            )
        }
        pod.statuses = [status]
        state.pods.append(pod)
    }
    return state
}

func market(types: Int) -> RegionMarket {
    var market = RegionMarket(region: "us-east-1")
    for index in 0..<types {
        let name = "m\(index % 7 + 1)x\(index / 7).large"
        guard
            let spec = InstanceSpec(
                name: name,
                vcpus: 2 + index % 64,
                memoryMiB: 4096 * (1 + index % 96),
                maximumPods: 58
            )
        else { continue }
        market.catalogue[name] = spec
        market.onDemand[name] = 0.01 * Double(index + 5)
    }
    return market
}

func memoryKills(_ pods: Int) throws {
    var request = OOMRequest(region: "us-east-1")
    request.cluster = cluster(pods: pods)
    let begin = processorSeconds()
    let decision = try OOMRemediator(request).decide(in: RegionMarket(region: "us-east-1"), now: now)
    print(
        "oom pods \(pods) cases \(decision.recommendations.count) cpu_s \(processorSeconds() - begin) peak_mib \(peakMebibytes())"
    )
}

func nodes(_ count: Int) throws {
    let market = market(types: 1300)
    let types = market.catalogue.keys.sorted()
    var request = RightsizeRequest(region: "us-east-1")
    request.level = .nodes
    var random = Generator(state: 2)
    for index in 0..<count {
        var node = Node(meta: ObjectMeta(name: "node-\(index)"))
        node.instanceType = types[index * 37 % types.count]
        request.cluster.nodes.append(node)
        var usage = NodeUsage()
        usage.cpuPercent = random.unit() * 100
        usage.memoryPercent = random.unit() * 100
        request.usage.add(usage, to: node.name)
    }
    let begin = processorSeconds()
    let decision = try Rightsizer(request).decide(in: market, now: now)
    print(
        "nodes \(count) types \(types.count) recommended \(decision.recommendations.count) cpu_s \(processorSeconds() - begin)"
    )
}

let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
let containerCount = numbers.first ?? 10_000
containers(containerCount, memory: false, vpa: false)
containers(containerCount, memory: true, vpa: false)
containers(containerCount, memory: true, vpa: true)
try memoryKills(numbers.dropFirst().first ?? 20_000)
try nodes(numbers.dropFirst(2).first ?? 2_000)

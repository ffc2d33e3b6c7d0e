import Contract
import Engines
import Glibc

// Usage: consolidation-benchmark PRICES CATALOGUE REQUEST…, where PRICES is {"prices": {"us-east-1": {type: USD}}}, CATALOGUE
// is {type: {"vcpu", "memory_mib", "arch", "allocatable"}} and each REQUEST is what cluster.py printed.
func readFile(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "rb") else { fatalError("cannot read \(path)") }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    let size = ftell(file)
    rewind(file)
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
        count = fread(buffer.baseAddress, 1, size, file)
    }
}

/// Peak resident memory of this process in MiB.
func peakMebibytes() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss >> 10
}

/// Processor time of this process: other programs on the machine do not disturb it much.
func processorSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let words = CommandLine.arguments
guard words.count > 3 else { fatalError("usage: consolidation-benchmark PRICES CATALOGUE REQUEST...") }
var market = RegionMarket(region: "us-east-1")
let prices = try JSONParser.parse(readFile(words[1]))
for price in prices["prices"]?["us-east-1"]?.object?.members ?? [] { market.onDemand[price.key] = price.value.number }
for type in try JSONParser.parse(readFile(words[2])).object?.members ?? [] {
    let allocatable = type.value["allocatable"]
    market.catalogue[type.key] = InstanceSpec(
        name: type.key,
        vcpus: Int(type.value["vcpu"]?.integer ?? 0),
        memoryMiB: Int(type.value["memory_mib"]?.integer ?? 0),
        maximumPods: allocatable?["pods"]?.string.flatMap { Int($0) },
        gpuCount: Int(type.value["gpu_count"]?.integer ?? 0),
        architecture: type.value["arch"]?.string.flatMap { Architecture(rawValue: $0) },
        allocatableMillicores: allocatable?["cpu"]?.string.flatMap { Quantity($0) }.map { Int($0.millis) },
        allocatableMiB: allocatable?["memory"]?.string.flatMap { Quantity($0) }.map { Int($0.mebibytes) }
    )
}
for path in words.dropFirst(3) {
    let body = readFile(path)
    let begin = processorSeconds()
    let request = try DecisionRequest(body: body, type: .binPack, limits: JSONLimits(maximumBytes: 1 << 30))
    let read = processorSeconds()
    let engine = try BinPacking(request, defaults: EngineDefaults(region: "us-east-1"))
    let decision = try engine.decide(in: market, now: Timestamp(seconds: 1_783_000_000))
    let decided = processorSeconds()
    print("\(path) bytes \(body.count) read_s \(read - begin) decide_s \(decided - read) peak_mib \(peakMebibytes())")
    for part in ["summary", "bound", "search"] { print("  \(part) \(decision.metadata[part]?.text() ?? "")") }
}

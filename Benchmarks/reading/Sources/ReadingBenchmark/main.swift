import Contract
import Glibc

// Usage: reading-benchmark FILE…, each what `kubectl get … -o json` printed; FILE.tree parses into a tree only.
func readFile(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
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

let isTree = CommandLine.arguments.contains("--tree")
for path in CommandLine.arguments.dropFirst() where path != "--tree" {
    guard let bytes = readFile(path) else { fatalError("cannot read \(path)") }
    let before = peakMebibytes()
    let start = processorSeconds()
    if isTree {
        let tree = try JSONParser.parse(bytes, limits: JSONLimits(maximumBytes: 1 << 30))
        let seconds = processorSeconds() - start
        print("\(path) tree bytes \(bytes.count) items \(tree["items"]?.array?.count ?? 0)", terminator: " ")
        print("cpu_s \(seconds) peak_mib \(peakMebibytes()) peak_before_mib \(before)")
    } else {
        let state = try ClusterState(kubectl: bytes, limits: JSONLimits(maximumBytes: 1 << 30))
        let seconds = processorSeconds() - start
        print("\(path) types bytes \(bytes.count) pods \(state.pods.count) nodes \(state.nodes.count)", terminator: " ")
        print("problems \(state.problems.count)", terminator: " ")
        print("cpu_s \(seconds) peak_mib \(peakMebibytes()) peak_before_mib \(before)")
    }
}

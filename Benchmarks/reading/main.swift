import Contract
import Glibc

// Usage: reading-benchmark [--tree | --description] FILE…
//        reading-benchmark --hostile KIND MEBIBYTES       # one process for each kind: the peak is the process's
// Files are what `kubectl get … -o json` printed; with --tree they are only parsed; with --description they are what
// `aws ec2 describe-…` printed.
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

/// Reads a description by AWS out of its tree; the tree itself is not counted.
func readDescription(_ path: String, _ bytes: [UInt8]) throws {
    let reader = JSONReader(try JSONParser.parse(bytes, limits: JSONLimits(maximumBytes: 1 << 30)))
    let start = processorSeconds()
    let instances = reader.value["Reservations"] == nil ? nil : EC2Instance.listing(reader)
    let volumes = reader.value["Volumes"] == nil ? nil : EBSVolume.listing(reader)
    let seconds = processorSeconds() - start
    let count = (instances?.items.count ?? 0) + (volumes?.items.count ?? 0)
    let problems = (instances?.problems.count ?? 0) + (volumes?.problems.count ?? 0)
    print("\(path) description bytes \(bytes.count) items \(count) problems \(problems) cpu_s \(seconds)")
}

func readTree(_ path: String, _ bytes: [UInt8], peakBefore: Int) throws {
    let start = processorSeconds()
    let tree = try JSONParser.parse(bytes, limits: JSONLimits(maximumBytes: 1 << 30))
    let seconds = processorSeconds() - start
    let count = tree["items"]?.array?.count ?? 0
    print("\(path) tree bytes \(bytes.count) items \(count) cpu_s \(seconds)", terminator: " ")
    print("peak_mib \(peakMebibytes()) peak_before_mib \(peakBefore)")
}

func readCluster(_ path: String, _ bytes: [UInt8], peakBefore: Int) throws {
    let start = processorSeconds()
    let state = try ClusterState(kubectl: bytes, limits: JSONLimits(maximumBytes: 1 << 30))
    let seconds = processorSeconds() - start
    print(
        "\(path) types bytes \(bytes.count) pods \(state.pods.count) problems \(state.problems.count)",
        terminator: " "
    )
    print("cpu_s \(seconds) peak_mib \(peakMebibytes()) peak_before_mib \(peakBefore)")
}

/// Reads a body that holds nothing of use, as the server would with that large a limit.
func readHostile(_ kind: String, _ mebibytes: String) {
    guard let body = HostileBody(rawValue: kind), let size = Int(mebibytes), size > 0 else {
        fatalError("kinds are " + HostileBody.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let bytes = body.bytes(size << 20)
    let before = peakMebibytes()
    let start = processorSeconds()
    var outcome: String
    do throws(APIError) {
        let limits = JSONLimits(maximumBytes: 1 << 30)
        let request = try DecisionRequest(body: bytes, type: .binPack, limits: limits)
        outcome = "pods \(request.cluster.pods.count) problems \(request.cluster.problems.count)"
    } catch {
        outcome = error.code.rawValue
    }
    print("hostile \(kind) bytes \(bytes.count) \(outcome) cpu_s \(processorSeconds() - start)", terminator: " ")
    print("peak_mib \(peakMebibytes()) peak_before_mib \(before)")
}

if CommandLine.arguments.count == 4, CommandLine.arguments[1] == "--hostile" {
    readHostile(CommandLine.arguments[2], CommandLine.arguments[3])
    exit(0)
}

let words = CommandLine.arguments.dropFirst()
for path in words where !path.hasPrefix("--") {
    guard let bytes = readFile(path) else { fatalError("cannot read \(path)") }
    let before = peakMebibytes()
    if words.contains("--description") {
        try readDescription(path, bytes)
    } else if words.contains("--tree") {
        try readTree(path, bytes, peakBefore: before)
    } else {
        try readCluster(path, bytes, peakBefore: before)
    }
}

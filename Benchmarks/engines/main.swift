import FoundationEssentials
import Glibc

// Usage: engines-benchmark [network] [spot] [SET.json…]; the recorded data lies in CLOUDOPTIM_SHARED.
let sets = CommandLine.arguments.dropFirst().filter { $0.hasSuffix(".json") }
if !sets.isEmpty {
    try SetRun.run(Array(sets))
    exit(0)
}
let wanted = Set(CommandLine.arguments.dropFirst())
if wanted.isEmpty || wanted.contains("network") { try NetworkBenchmark.run() }
if wanted.isEmpty || wanted.contains("spot") {
    if let shared = ProcessInfo.processInfo.environment["CLOUDOPTIM_SHARED"] {
        try SpotBenchmark.run(shared: shared)
    } else {
        print("spot: skipped, CLOUDOPTIM_SHARED is not set")
    }
}

import FoundationEssentials

// Usage: engines-benchmark [network] [spot]; the recorded data lies in CLOUDOPTIM_SHARED.
let wanted = Set(CommandLine.arguments.dropFirst())
if wanted.isEmpty || wanted.contains("network") { try NetworkBenchmark.run() }
if wanted.isEmpty || wanted.contains("spot") {
    if let shared = ProcessInfo.processInfo.environment["CLOUDOPTIM_SHARED"] {
        try SpotBenchmark.run(shared: shared)
    } else {
        print("spot: skipped, CLOUDOPTIM_SHARED is not set")
    }
}

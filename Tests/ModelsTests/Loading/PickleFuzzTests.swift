import Compression
import Contract
import FoundationEssentials
import Models
import OracleSupport
import Testing

/// Damaged files: each is refused or loads, and what loads answers; nothing crashes, hangs or takes memory.
@Suite("Damaged models", .enabled(if: SharedData.isPresent, "the shared data is not there"))
struct PickleFuzzTests {
    /// The small files of both corpora, unpacked: damage in a packed stream only finds its checksum.
    private static let seeds: [[UInt8]] = {
        var seeds: [[UInt8]] = []
        for (folder, keys) in [("models", ["cases"]), ("models-hostile", ["files", "controls"])] {
            guard let bytes = try? SharedData.bytes(folder + "/manifest.json"),
                let manifest = try? JSONParser.parse(bytes)
            else { continue }
            for item in keys.flatMap({ manifest[$0]?.array ?? [] }) {
                guard let file = item["file"]?.string, let bytes = try? SharedData.bytes(folder + "/" + file),
                    bytes.count < 40_000
                else { continue }
                let unpacked = PackedFormat(firstBytes: bytes).flatMap {
                    try? Unpacker.unpack(bytes, $0, maxBytes: 1 << 20)
                }
                seeds.append(unpacked ?? bytes)
            }
        }
        return seeds.filter { $0.count < 60_000 }
    }()

    private static let limits: ReadingLimits = {
        var limits = ReadingLimits.unhurried
        limits.unpackedBytes = 8 << 20
        limits.ratioFreeBytes = 1 << 20
        limits.nodes = 200_000
        limits.opcodes = 500_000
        limits.decodedElements = 4 << 20
        limits.treeNodes = 500_000
        return limits
    }()

    @Test("damaged files are refused or answer; none crashes")
    func damage() {
        let environment = ProcessInfo.processInfo.environment
        let isSoak = environment["CLOUDOPTIM_SOAK"] == "fuzz-pickle"
        let seed = environment["CLOUDOPTIM_SOAK_SEED"].flatMap(UInt64.init) ?? 20261127
        let minutes = environment["CLOUDOPTIM_SOAK_MINUTES"].flatMap(Int.init) ?? 30
        let start = ContinuousClock.now
        let end = isSoak ? start + .seconds(60 * minutes) : nil
        let rounds = isSoak ? Int.max : environment["CLOUDOPTIM_FUZZ_ROUNDS"].flatMap(Int.init) ?? 15_000
        var mutation = Mutation(seed: seed)
        var (executions, loaded) = (0, 0)
        var slowest = Duration.zero
        #expect(!Self.seeds.isEmpty)
        while executions < rounds, end.map({ ContinuousClock.now < $0 }) ?? true {
            let original = Self.seeds.randomElement(using: &mutation.generator) ?? []
            let splice = Self.seeds.randomElement(using: &mutation.generator) ?? []
            let bytes = mutation.damage(original, splice: splice)
            let before = ContinuousClock.now
            if Self.exercise(bytes) { loaded += 1 }
            slowest = max(slowest, ContinuousClock.now - before)
            executions += 1
        }
        print("models: \(executions) damaged files, \(loaded) of them loaded, slowest \(slowest), seed \(seed)")
        #expect(executions > 0)
        // Undamaged parts are common: a fuzzer that never gets through the first stage would test nothing behind it.
        #expect(loaded * 50 > executions)
    }

    /// Loads a file and asks what came out about rows that are at the limits of numbers.
    private static func exercise(_ bytes: [UInt8]) -> Bool {
        guard let model = try? LoadedModel.read(bytes, limits: limits) else { return false }
        let columns = min(model.featureCount ?? 1, 4096)
        for value in [0, -1, 1e300, Double.leastNonzeroMagnitude, Double.nan] {
            let x = Features(Matrix(rows: 2, columns: columns, values: [Double](repeating: value, count: 2 * columns)))
            if model.methods.contains(.predict) { _ = try? model.estimator.predict(x) }
            if model.methods.contains(.probabilities) { _ = try? model.estimator.probabilities(x) }
            if model.methods.contains(.transform) { _ = try? model.estimator.transform(x) }
        }
        return true
    }
}

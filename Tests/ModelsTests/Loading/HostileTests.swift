import Contract
import Models
import OracleSupport
import Testing

/// Files made to run code, to crash, to hang or to fill the memory.
@Suite("Hostile models", .enabled(if: SharedData.isPresent, "the shared data is not there"))
struct HostileTests {
    private static let manifest = (try? SharedData.bytes("models-hostile/manifest.json")).flatMap {
        try? JSONParser.parse($0)
    }

    private static func cases(_ key: String) -> [HostileCase] {
        (manifest?[key]?.array ?? []).compactMap(HostileCase.init)
    }

    @Test("every hostile file is refused, for the right reason")
    func refusals() throws {
        let files = Self.cases("files")
        var misses: [String] = []
        for item in files {
            if let miss = item.checkRefusal(try SharedData.bytes("models-hostile/" + item.file)) {
                misses.append("\(item.id): \(miss)")
            }
        }
        print("models: \(files.count - misses.count) of \(files.count) hostile files refused")
        #expect(!files.isEmpty)
        #expect(misses.isEmpty, "\(misses.joined(separator: "\n"))")
    }

    @Test("harmless files with unusual bytes load and answer")
    func controls() throws {
        let controls = Self.cases("controls")
        #expect(!controls.isEmpty)
        for item in controls {
            let miss = item.checkControl(try SharedData.bytes("models-hostile/" + item.file))
            #expect(miss == nil, "\(item.id): \(miss ?? "")")
        }
    }

    @Test("every file that breaks off is refused, wherever it does")
    func truncations() throws {
        let series = Self.manifest?["truncation_series"]?.array ?? []
        #expect(!series.isEmpty)
        var cuts = 0
        for item in series {
            let base = try SharedData.bytes("models-hostile/" + (item["base"]?.string ?? ""))
            #expect(throws: Never.self) { try LoadedModel.read(base, limits: .unhurried) }
            for cut in item["cuts"]?.array ?? [] {
                cuts += 1
                let part = Array(base[..<Int(cut.integer ?? 0)])
                #expect(throws: ModelRejection.self, "cut at \(part.count)") {
                    try LoadedModel.read(part, limits: .unhurried)
                }
            }
        }
        print("models: \(cuts) truncated files")
    }
}

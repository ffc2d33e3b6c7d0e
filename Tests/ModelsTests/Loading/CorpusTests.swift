import Contract
import Models
import OracleSupport
import Testing

/// Files of five generations of the libraries, against what those libraries answered.
@Suite("Corpus of models", .enabled(if: SharedData.isPresent, "the shared data is not there"))
struct CorpusTests {
    static let cases: [CorpusCase] = {
        guard let bytes = try? SharedData.bytes("models/manifest.json"), let manifest = try? JSONParser.parse(bytes)
        else {
            return []
        }
        return (manifest["cases"]?.array ?? []).compactMap(CorpusCase.init)
    }()

    @Test("every file of the corpus loads and answers as its library does")
    func answers() throws {
        var misses: [String] = []
        for item in Self.cases {
            if let miss = try item.check(read: { try SharedData.bytes("models/" + $0) }) {
                misses.append("\(item.id): \(miss)")
            }
        }
        print("models: \(Self.cases.count - misses.count) of \(Self.cases.count) cases of the corpus")
        #expect(!Self.cases.isEmpty)
        #expect(misses.isEmpty, "\(misses.joined(separator: "\n"))")
    }
}

import Contract
import Engines
import FoundationEssentials

/// The shared packing data: three vector-packing benchmarks and the requests of a real cluster.
enum PackingSet {
    struct Missing: Error {
        var path: String
    }

    /// Items are shuffled with a fixed seed: some files list them in the order they were cut from full bins.
    private static let seed: UInt64 = 20_261_127

    static func vbp(_ folder: URL) throws -> [VectorInstance] {
        let known = try JSONParser.parse([UInt8](try Data(contentsOf: folder.appending(path: "vbp/expected.json"))))
        guard let entries = known["instances"]?.object else { throw Missing(path: "vbp/expected.json") }
        var found: [VectorInstance] = []
        for member in entries.members {
            let (name, entry) = (member.key, member.value)
            let text = try String(contentsOf: folder.appending(path: "vbp/\(name)"), encoding: .utf8)
            guard let problem = VectorInstance.problem(vbp: text, seed: seed),
                let published = entry["best_of_all_published_heuristics"]?.integer,
                let squares = entry["ffd_l2"]?.integer
            else { throw Missing(path: name) }
            found.append(
                VectorInstance(
                    name: name,
                    problem: problem,
                    optimum: entry["optimum"]?.integer,
                    published: published,
                    firstFitSquares: squares
                )
            )
        }
        return found.sorted { $0.name < $1.name }
    }

    static func openb(_ folder: URL) throws -> [VectorInstance] {
        let known = try JSONParser.parse([UInt8](try Data(contentsOf: folder.appending(path: "openb/expected.json"))))
        guard let entries = known.object else { throw Missing(path: "openb/expected.json") }
        var found: [VectorInstance] = []
        for member in entries.members {
            let (name, entry) = (member.key, member.value)
            let text = try String(contentsOf: folder.appending(path: "openb/\(name)"), encoding: .utf8)
            guard let capacity = entry["capacity"]?.array?.compactMap(\.integer),
                let best = entry["best_known"]?.integer,
                let squares = entry["first_fit_decreasing_l2"]?.integer
            else { throw Missing(path: name) }
            found.append(
                VectorInstance(
                    name: "openb/\(name)",
                    problem: VectorInstance.problem(csv: text, capacity: capacity, seed: seed),
                    optimum: best,
                    published: squares,
                    firstFitSquares: squares
                )
            )
        }
        return found.sorted { $0.name < $1.name }
    }
}

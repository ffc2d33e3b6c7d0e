import Contract
import Engines
import FoundationEssentials
import OracleSupport

/// The packing instances of the shared data with what is known about them.
enum VectorInstances {
    struct Instance: Sendable {
        var name: String
        var problem: PackingProblem
        var optimum: Int64?
        var published: Int64
        var firstFitSquares: Int64
        /// panigrahy, new, triplet or openb.
        var benchmark: Substring { name.split(separator: "/")[0] }
    }

    /// The triplets are listed in the order they were cut from full bins: all items are shuffled.
    private static let seed: UInt64 = 294

    static func vbp() throws -> [Instance] {
        let entries = try JSONParser.parse(try SharedData.bytes("packing/vbp/expected.json"))["instances"]?.object
        return try (entries?.members ?? []).map { member in
            let lines = try numbers("packing/vbp/\(member.key)", " ")
            let axes = Int(lines[0][0])
            let items = lines[3...].map { PackingProblem.ItemClass(size: Array($0[..<axes]), count: $0[axes]) }
            return Instance(
                name: member.key,
                problem: .init(items: shuffled(items), bins: [.init(capacity: lines[1])]),
                optimum: member.value["optimum"]?.integer,
                published: try known(member, "best_of_all_published_heuristics"),
                firstFitSquares: try known(member, "ffd_l2")
            )
        }
    }

    static func openb() throws -> [Instance] {
        let entries = try JSONParser.parse(try SharedData.bytes("packing/openb/expected.json")).object
        return try (entries?.members ?? []).map { member in
            let lines = try numbers("packing/openb/\(member.key)", ",").dropFirst()
            let capacity = (member.value["capacity"]?.array ?? []).compactMap { $0.integer }
            return Instance(
                name: "openb/\(member.key)",
                problem: .init(
                    items: shuffled(lines.map { .init(size: $0) }),
                    bins: [.init(capacity: capacity)]
                ),
                optimum: try known(member, "best_known"),
                published: try known(member, "first_fit_decreasing_l2"),
                firstFitSquares: try known(member, "first_fit_decreasing_l2")
            )
        }
    }

    private static func known(_ member: JSONObject.Member, _ field: String) throws -> Int64 {
        guard let value = member.value[field]?.integer else { throw SharedData.Missing() }
        return value
    }

    private static func numbers(_ path: String, _ separator: Character) throws -> [[Int64]] {
        String(decoding: try SharedData.bytes(path), as: UTF8.self).split(separator: "\n").map {
            $0.split(separator: separator).compactMap { Int64($0) }
        }
    }

    private static func shuffled(_ items: [PackingProblem.ItemClass]) -> [PackingProblem.ItemClass] {
        var random = SeededGenerator(seed: seed)
        return items.shuffled(using: &random)
    }
}

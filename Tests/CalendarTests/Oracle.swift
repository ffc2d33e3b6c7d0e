import Calendar
import Support
import Testing

/// Asks Tests/Oracles/schedule_fires.py, which knows zones from Python's standard library and nothing of our code.
enum Oracle {
    static let missing: Comment = "python3 is missing: apt install python3"

    /// One zone over one year.
    struct Year: Sendable, CustomStringConvertible {
        let zone: String
        var file: String?
        let from: Moment
        let to: Moment
        let expressions: [String]
        let policies: [ClockChangePolicy]

        var description: String { "\(zone) from \(from)" }
    }

    struct Sum: Equatable {
        var count = 0
        var digest: UInt64 = 0

        mutating func add(_ fire: Moment) {
            count += 1
            digest = digest &* 6_364_136_223_846_793_005 &+ UInt64(bitPattern: fire.seconds)
        }
    }

    /// Sums for every expression, and for each of them every policy, in order.
    static func sums(of year: Year) async throws -> [Sum] {
        let policies = year.policies.map { #"["\#($0.gap.rawValue)", "\#($0.fold.rawValue)"]"# }
        let words = year.expressions.map { #""\#($0)""# }
        let output = try await PythonScript.run(
            "schedule_fires.py",
            input: """
                {"years": [{\(place(year.zone, year.file, year.from, year.to)),
                "expressions": [\(words.joined(separator: ", "))], "policies": [\(policies.joined(separator: ", "))]}]}
                """
        )
        return output.split(separator: "\n").map { line in
            let numbers = line.split(separator: " ")
            return Sum(count: Int(numbers[0]) ?? -1, digest: UInt64(numbers[1]) ?? 0)
        }
    }

    /// The fires of one schedule.
    static func fires(of recurrence: Recurrence, file: String? = nil, from: Moment, to: Moment) async throws -> [Moment]
    {
        let lines = try await lines(of: "lists", [(recurrence, from, to, "")], file: file)
        return lines.first ?? []
    }

    /// What is fired after downtimes.
    static func caughtUp(_ cases: [(Recurrence, from: Moment, to: Moment, CatchUpPolicy)]) async throws -> [[Moment]] {
        try await lines(
            of: "downtimes",
            cases.map { recurrence, from, to, policy in
                let (name, number) =
                    switch policy {
                    case .skip: ("skip", Int64(0))
                    case .latest: ("latest", 0)
                    case .all(let limit): ("all", Int64(limit))
                    case .within(let seconds): ("within", seconds)
                    }
                return (recurrence, from, to, #", "policy": "\#(name)", "number": \#(number)"#)
            },
            file: nil
        )
    }

    private static func lines(
        of key: String,
        _ cases: [(Recurrence, from: Moment, to: Moment, more: String)],
        file: String?
    ) async throws -> [[Moment]] {
        let objects = cases.map { recurrence, from, to, more in
            """
            {\(place(recurrence.zone.name, file, from, to)), "expression": "\(recurrence.expression.text)",
            "gap": "\(recurrence.policy.gap.rawValue)", "fold": "\(recurrence.policy.fold.rawValue)"\(more)}
            """
        }
        let input = #"{"\#(key)": [\#(objects.joined(separator: ", "))]}"#
        let output = try await PythonScript.run("schedule_fires.py", input: input)
        return output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map { line in
            line.split(separator: " ").compactMap { Int64($0) }.map(Moment.init(seconds:))
        }
    }

    private static func place(_ zone: String, _ file: String?, _ from: Moment, _ to: Moment) -> String {
        let path = file.map { #""\#($0)""# } ?? "null"
        return #""zone": "\#(zone)", "file": \#(path), "from": \#(from.seconds), "to": \#(to.seconds)"#
    }
}

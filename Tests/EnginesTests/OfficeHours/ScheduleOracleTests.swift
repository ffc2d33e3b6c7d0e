import Contract
import FoundationEssentials
import OracleSupport
import Testing

@testable import Engines

/// Every quarter-hour of a year in twelve zones under forty specifications, against Python's zone database.
@Suite("Office hours against the oracle", .enabled(if: PythonOracle.isPresent))
struct ScheduleOracleTests {
    private static let quarter: Int64 = 900

    private struct Pair {
        var zone: String
        var spec: JSONValue
        var schedule: UptimeSchedule
        var clocks: ZoneClocks
    }

    private static func pair(_ zone: String, _ spec: JSONValue) throws -> Pair {
        var reader = ScheduleReader()
        try reader.setZone(JSONReader(.string(zone)))
        let text = spec.text().split(separator: "%Z", omittingEmptySubsequences: false).joined(separator: zone)
        let field = JSONReader(try JSONParser.parse(text), path: .key(.root, "schedule"))
        let schedule = try reader.read(field)
        let year = ScheduleCases.year
        let wide = year.lowerBound - 15 * 86_400..<year.upperBound + 420 * 86_400
        return Pair(zone: zone, spec: spec, schedule: schedule, clocks: reader.clocks.prepared(for: wide))
    }

    /// The state of the first quarter-hour and the numbers of those at which it changes, as the oracle prints them.
    private static func changes(_ spans: TimeSpans) -> [Int64] {
        let start = ScheduleCases.year.lowerBound
        let count = (ScheduleCases.year.upperBound - start) / quarter
        var edges: [Int64] = []
        for range in spans.ranges {
            let first = max(0, (range.lowerBound - start + quarter - 1) / quarter)
            let last = min(count, (range.upperBound - start + quarter - 1) / quarter)
            guard first < last else { continue }
            if edges.last == first { edges.removeLast() } else { edges.append(first) }
            edges.append(last)
        }
        let isOn = edges.first == 0
        if isOn { edges.removeFirst() }
        if edges.last == count { edges.removeLast() }
        return [isOn ? 1 : 0] + edges
    }

    private static func oracle() async throws -> [[[Int64]]] {
        let cases: JSONValue = [
            "from": .integer(ScheduleCases.year.lowerBound), "to": .integer(ScheduleCases.year.upperBound),
            "zones": .array(ScheduleCases.zones.map { .string($0) }), "specs": .array(ScheduleCases.specs),
        ]
        let file = FileManager.default.temporaryDirectory.appending(path: "hours-\(UUID().uuidString).json")
        try Data(cases.bytes()).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let answer = try await PythonOracle.run("office_hours.py", [file.path()])
        return try #require(answer.array).map { zone in
            try #require(zone.array).map { row in try #require(row.array).compactMap(\.integer) }
        }
    }

    @Test("all 16,819,200 quarter-hours agree")
    func matrix() async throws {
        let expected = try await Self.oracle()
        #expect(ScheduleCases.specs.count == 40 && ScheduleCases.zones.count == 12)
        var random = SeededGenerator(seed: 26)
        for (row, zone) in ScheduleCases.zones.enumerated() {
            for (column, spec) in ScheduleCases.specs.enumerated() {
                let pair = try Self.pair(zone, spec)
                let spans = pair.schedule.onSpans(within: ScheduleCases.year, pair.clocks)
                let found = Self.changes(spans)
                if found != expected[row][column] {
                    let where_ = zip(found.dropFirst(), expected[row][column].dropFirst()).first { $0 != $1 }
                    Issue.record("\(zone) \(spec.text()): differs first at \(String(describing: where_))")
                }
                sample(pair, spans, &random)
            }
        }
    }

    /// Single questions must agree with the year as a whole, which the oracle has confirmed.
    private func sample(_ pair: Pair, _ spans: TimeSpans, _ random: inout SeededGenerator) {
        let year = ScheduleCases.year
        for _ in 0..<3 {
            let second = Int64.random(in: year.lowerBound..<year.upperBound - 40 * 86_400, using: &random)
            let isOn = spans.contains(second)
            #expect(pair.schedule.state(at: second, pair.clocks) == (isOn ? .on : .off), "\(pair.zone) \(pair.spec)")
            let edge = spans.ranges.lazy.flatMap { [$0.lowerBound, $0.upperBound] }.first { $0 > second }
            let next = pair.schedule.nextChange(after: second, pair.clocks)
            if let edge, edge < year.upperBound {
                #expect(next == .init(at: edge, state: isOn ? .off : .on), "\(pair.zone) \(pair.spec.text())")
            } else if let next {
                #expect(next.at >= year.upperBound)
            }
        }
    }

    @Test(
        "every quarter-hour asked one by one",
        .enabled(if: ProcessInfo.processInfo.environment["CLOUDOPTIM_SOAK"] == "office-hours"),
        arguments: ScheduleCases.zones
    )
    func soak(zone: String) async throws {
        let expected = try await Self.oracle()
        let row = try #require(ScheduleCases.zones.firstIndex(of: zone))
        for (column, spec) in ScheduleCases.specs.enumerated() {
            let pair = try Self.pair(zone, spec)
            var edges = expected[row][column].dropFirst()
            var isOn = expected[row][column][0] == 1
            var mismatches = 0
            for (index, second) in stride(
                from: ScheduleCases.year.lowerBound,
                to: ScheduleCases.year.upperBound,
                by: Int(Self.quarter)
            ).enumerated() {
                if edges.first == Int64(index) {
                    isOn.toggle()
                    edges = edges.dropFirst()
                }
                if pair.schedule.state(at: second, pair.clocks) != (isOn ? .on : .off) { mismatches += 1 }
            }
            #expect(mismatches == 0, "\(zone) \(spec.text())")
        }
    }
}

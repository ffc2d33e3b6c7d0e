import Contract
import OracleSupport
import Testing

@testable import Engines

/// The short cuts that fleets of a hundred thousand need give what the plain way gives.
@Suite("Short cuts for large fleets")
struct LargeFleetTests {
    private static func ids(_ random: inout SeededGenerator, from letters: [String]) -> [String] {
        (0..<Int.random(in: 0...60, using: &random)).map { _ in
            (0..<Int.random(in: 0...20, using: &random)).map { _ in letters.randomElement(using: &random) ?? "" }
                .joined()
        }
    }

    @Test("ids are ordered as texts are, in any script", arguments: 0..<40)
    func order(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        let letters =
            seed % 2 == 0 ? ["a", "b", "-", "0", "f"] : ["a", "\u{E4}", "a\u{308}", "\u{FB01}", "z", "\u{1F468}"]
        let ids = Self.ids(&random, from: letters)
        let plain = ids.indices.sorted { ids[$0] == ids[$1] ? $0 < $1 : ids[$0] < ids[$1] }
        #expect(IdentifierOrder.positions(ids.count) { ids[$0] } == plain)
    }

    @Test("ids that share sixteen bytes are told apart by the rest")
    func longIDs() {
        let ids = ["vol-0123456789abcdeg", "vol-0123456789abcdef0", "vol-0123456789abcdef", "vol-0123456789ab"]
        #expect(IdentifierOrder.positions(ids.count) { ids[$0] } == [3, 2, 1, 0])
    }

    @Test("a set of items holds what was put in, and names the first by its name")
    func items() {
        var set = ServiceItemSet()
        #expect(set.isEmpty && set.first == nil && set.items == [])
        for item in ServiceItem.allCases {
            var one = ServiceItemSet()
            one.insert(item)
            #expect(one.items == [item] && one.first == item && !set.contains(item))
            set.formUnion(one)
            #expect(set.contains(item))
        }
        #expect(set.items == ServiceItem.allCases.sorted { $0.rawValue < $1.rawValue })
        #expect(set.first == set.items.first)
    }

    @Test("a guard against tags finds its keys whatever their case, and in scripts whose capitals are longer")
    func tags() {
        let own = TagGuard(["Team\u{130}:keep"])
        #expect(own.match([("team\u{130}".lowercased()): "keep"]) != nil)
        #expect(TagGuard(TagGuard.standard).match(["CloudOptim:IGNORE": "yes"]) == "CloudOptim:IGNORE=yes")
        #expect(TagGuard(TagGuard.standard).match(["cloudoptim:ignored": "yes"]) == nil)
    }

    @Test("the first fifty rejections are listed, in order, out of any number", arguments: [0, 1, 49, 50, 51, 2000])
    func rejections(count: Int) {
        var random = SeededGenerator(seed: UInt64(count))
        var all = (0..<count).map { Rejection("vol-\($0 % 700)", "r\($0 % 3)", detail: $0 % 2 == 0 ? nil : "\($0)") }
        all.shuffle(using: &random)
        var rejections = Rejections()
        for rejection in all { rejections.add(rejection) }
        let sorted = all.sorted {
            ($0.candidate, $0.reason, $0.detail ?? "") < ($1.candidate, $1.reason, $1.detail ?? "")
        }
        #expect(rejections.json["listed"] == .array(sorted.prefix(50).map(\.json)))
        #expect(rejections.json["total"] == .integer(Int64(count)))
        #expect(rejections.counts.map(\.count).reduce(0, +) == count)
    }

    // MARK: Times that cannot be

    @Test(
        "a time before there were disks is nobody's knowledge",
        arguments: [0, 7, "1970-01-01T00:00:00Z", "2005-12-31"] as [JSONValue]
    )
    func oldDetachment(time: JSONValue) throws {
        let volume = VolumeWorld.volume("vol-1", created: "2000-01-01T00:00:00Z")
        for name in ["last_detach", "first_seen"] {
            let decision = try FleetRun.decide(
                VolumeCleanup.self,
                VolumeWorld.request([volume], detached: [:], [name: ["vol-1": time]])
            )
            #expect(decision.reason(of: "vol-1") == "detach_time_unknown")
        }
    }

    @Test(
        "a machine launched before there were any has an unknown launch time",
        arguments: [0, 7, "1999-01-01T00:00:00Z"] as [JSONValue]
    )
    func oldLaunch(time: JSONValue) throws {
        let machines =
            GhostWorld.healthy(10) + [GhostWorld.instance("i-ghost", launched: nil, more: ["LaunchTime": time])]
        let decision = try FleetRun.decide(
            GhostProbe.self,
            GhostWorld.request(machines, nodes: (0..<10).map(GhostWorld.name), scan: GhostWorld.scan(["i-ghost"]))
        )
        #expect(decision.items("action", "terminate").isEmpty)
        #expect(decision.items("action", "recheck").first?["classification"]?.string == "launch_time_unknown")
    }
}

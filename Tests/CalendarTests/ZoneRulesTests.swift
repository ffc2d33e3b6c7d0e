import Calendar
import Foundation
import Testing

@Suite("Zone rules")
struct ZoneRulesTests {
    private static let berlin = TZifWriter(
        initial: 3600,
        changes: [.init(at: CivilTime(2026, 3, 29, 1).seconds, offset: 7200)],
        footer: "CET-1CEST,M3.5.0,M10.5.0/3"
    )

    @Test("a file cut off anywhere, or with any byte of its first header changed, is refused or read, never a crash")
    func damaged() throws {
        let bytes = Self.berlin.bytes
        for length in 0..<bytes.count {
            let error = #expect(throws: CalendarError.self) {
                try ZoneRules(name: "Test/Cut", tzif: Array(bytes[..<length]))
            }
            #expect(error?.code == .malformedZone)
        }
        for index in bytes.indices {
            for value: UInt8 in [0, 1, 0x31, 0x7F, 0x80, 0xFF] {
                var changed = bytes
                changed[index] = value
                _ = (try? ZoneRules(name: "Test/Changed", tzif: changed))?.period(at: 1_800_000_000)
            }
        }
    }

    @Test("a file of version 1 and one that counts leap seconds are refused by name")
    func unsupported() {
        var old = Self.berlin.bytes
        old[4] = 0
        let error = #expect(throws: CalendarError.self) { try ZoneRules(name: "Test/Old", tzif: old) }
        #expect(error?.message.contains("Test/Old is of version 1") == true)
    }

    @Test("the rule at the end holds for all time", arguments: [2027, 2038, 2399, 9999])
    func farFuture(_ year: Int) throws {
        let zone = try Self.berlin.rules("Test/Berlin")
        let summer = zone.period(at: CivilTime(year, 7, 1).seconds)
        let winter = zone.period(at: summer.end)
        #expect(summer.offset == 7200)
        #expect(winter.offset == 3600)
        #expect(CivilTime(seconds: summer.start).date.weekday == 0)
        #expect(CivilTime(seconds: summer.start).date.components.month == 3)
        #expect(CivilTime(seconds: summer.end).date.components.month == 10)
        #expect(CivilTime(seconds: summer.start).secondOfDay == 3600)
        #expect(zone.period(at: summer.start - 1).end == summer.start)
    }

    @Test(
        "rules of every form are read",
        arguments: [
            ("EST5EDT,M3.2.0,M11.1.0", -18_000, -14_400), ("<-03>3", -10_800, -10_800),
            ("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", 37_800, 39_600), ("IST-1GMT0,M10.5.0,M3.5.0/1", 3600, 0),
            ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7200, -3600), ("XXX3EDT4,0/0,J365/23", -14_400, -14_400),
            ("NZST-12NZDT,J60/2,299/3", 43_200, 46_800),
        ]
    )
    func footers(_ footer: String, _ standard: Int64, _ summer: Int64) throws {
        let zone = try TZifWriter(initial: 0, changes: [.init(at: 0, offset: 60)], footer: footer).rules("Test/Rule")
        let year = CivilTime(2030, 1, 1).seconds..<CivilTime(2031, 1, 1).seconds
        let offsets = Set(
            stride(from: year.lowerBound, to: year.upperBound, by: 86_400).map { zone.period(at: $0).offset }
        )
        #expect(offsets == [standard, summer])
    }

    @Test(
        "a rule that cannot be read is refused",
        arguments: ["C-1", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M1.1.0", "CET-99"]
    )
    func badFooter(_ footer: String) {
        #expect(throws: CalendarError.self) {
            try TZifWriter(initial: 0, changes: [], footer: footer).rules("Test/Rule")
        }
    }

    @Test(
        "only names of zones reach the file system",
        arguments: [
            "", "../passwd", "/etc/passwd", "Europe", "Europe/", "Europe//Berlin", "Europe/../UTC", "Nowhere/City",
            "zone.tab",
            "Europe/Berlin\u{0}", ".", String(repeating: "A", count: 100), "tzdata.zi",
        ]
    )
    func names(_ name: String) {
        let error = #expect(throws: CalendarError.self) { try ZoneDirectory().zone(name) }
        #expect(error?.code == .unknownZone)
    }

    @Test("without a zone database the message says what to install, and UTC still works")
    func noDatabase() throws {
        let directory = ZoneDirectory(path: "/nonexistent/zoneinfo")
        let error = #expect(throws: CalendarError.self) { try directory.zone("Europe/Berlin") }
        #expect(error?.code == .zoneDatabaseMissing)
        #expect(error?.message.contains("install tzdata") == true)
        #expect(try directory.zone("UTC").period(at: 0).offset == 0)
    }

    @Test("every zone of this machine can be read, and its periods follow each other without hole")
    func wholeDatabase() throws {
        let lines = try String(contentsOfFile: "\(ZoneDirectory.standardPath)/tzdata.zi", encoding: .utf8)
            .split(separator: "\n")
        let names = lines.filter { $0.hasPrefix("Z ") }.map { String($0.split(separator: " ")[1]) }
        #expect(names.count > 300)
        let directory = ZoneDirectory()
        for name in names {
            let zone = try directory.zone(name)
            var period = zone.period(at: .min)
            while period.end < CivilTime(2060, 1, 1).seconds {
                let next = zone.period(at: period.end)
                try #require(next.start == period.end, "\(name)")
                period = next
            }
        }
    }
}

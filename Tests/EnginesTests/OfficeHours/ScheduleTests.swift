import Contract
import OracleSupport
import Testing

@testable import Engines

@Suite("Schedules of office hours")
struct ScheduleTests {
    private func read(_ value: JSONValue, zone: String = "UTC") throws -> (UptimeSchedule, ZoneClocks) {
        var reader = ScheduleReader()
        try reader.setZone(JSONReader(.string(zone), path: .key(.root, "timezone")))
        let schedule = try reader.read(JSONReader(value, path: .key(.key(.root, "requirements"), "schedule")))
        return (schedule, reader.clocks.prepared(for: 1_300_000_000..<1_900_000_000))
    }

    private func seconds(_ text: String) throws -> Int64 { try #require(Timestamp(text)).milliseconds / 1000 }

    private static let faults: [(String, String)] = [
        ("Mon-Fry 07:30-20:30 Europe/Berlin", "Mon-Fry"), ("Mon-Fri 07:30-25:00 UTC", "25:00"),
        ("Mon-Fri 24:00-06:00 UTC", "24:00"), ("Mon-Fri 08:00-08:00 UTC", "same time"),
        ("Mon-Fri 08:00 UTC", "08:00"), ("Mon-Fri 8-18 UTC", "8"), ("Mon-Fri 08:00-18:00 Mars/Olympus", "zone"),
        ("Mon-Fri 08:00-18:00 ../etc/passwd", "zone"), ("Mon-Fri 08:00-18:00,always", "always"), (",", ""),
        ("2026-01-02T00:00:00Z-2026-01-01T00:00:00Z", "ends before"), ("2026-01-02-2026-01-03", "instants"),
        ("off=[(M-F,24)];on=[(M-F,7)]", "24"), ("off=[(M-X,19)];on=[(M-F,7)]", "m-x"), ("off=(M-F,19)", "only one"),
        ("off=(M-F,19);on=(M-F,7);tz=Nowhere", "zone"), ("up=(M-F,19)", "up="), ("off=();on=()", "no (days,hour)"),
        ("off=[];on=[]", "list of"),
        ("Mon-Fri-Sun 08:00-18:00", "Mon-Fri-Sun"), ("Mon-Fri 08:00-18:00 UTC extra", "extra"),
    ]

    @Test("what cannot be read names its field and its fault", arguments: faults)
    func refused(text: String, fault: String) {
        #expect {
            _ = try read(.string(text))
        } throws: { error in
            guard let error = error as? APIError else { return false }
            return error.field == "requirements.schedule" && error.status == 422 && error.message.contains(fault)
        }
    }

    private static let objectFaults: [(JSONValue, String)] = [
        (["weekdays": ["start": "08:00"]], "requirements.schedule.weekdays"),
        (["weekdays": ["start": "8", "end": "18:00"]], "requirements.schedule.weekdays.start"),
        (["weekdays": ["start": 25, "end": 26]], "requirements.schedule.weekdays.start"),
        (["weekends": ["enabled": true]], "requirements.schedule.weekends"),
        (["weekdays": "1-9", "sleepAt": "20:00"], "requirements.schedule.weekdays"),
        (["weekdays": "1-5", "sleepAt": "20"], "requirements.schedule.sleepAt"),
        (["weekdays": "1-5", "sleepAt": "20:00", "wakeUpAt": "8:60"], "requirements.schedule.wakeUpAt"),
        (["sleepAt": "20:00"], "requirements.schedule.weekdays"), (["hours": "8-18"], "requirements.schedule"),
        (["uptime": "Mon-Fri"], "requirements.schedule.uptime"),
        (
            ["weekdays": ["start": "08:00", "end": "18:00"], "holidays": ["25.12.2026"]],
            "requirements.schedule.holidays[0]"
        ),
    ]

    @Test("an object's fault is named down to its member", arguments: objectFaults)
    func refusedObject(value: JSONValue, field: String) {
        #expect {
            _ = try read(value)
        } throws: {
            ($0 as? APIError)?.field == field
        }
    }

    private static let changes: [(String, String, String, String, String)] = [
        // Berlin skips 02:00-03:00 on 29 March, repeats it on 25 October.
        ("Sun 02:30-05:00", "Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00Z"),
        ("Sun 02:30-05:00", "Europe/Berlin", "2026-10-25T00:29:59Z", "2026-10-25T00:30:00Z", "2026-10-25T04:00:00Z"),
        // New York, 8 March and 1 November.
        ("Sun 02:15-04:00", "America/New_York", "2026-03-08T06:59:59Z", "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z"),
        ("Sun 01:30-03:00", "America/New_York", "2026-11-01T05:29:59Z", "2026-11-01T05:30:00Z", "2026-11-01T08:00:00Z"),
        // Lord Howe moves by half an hour: 02:00 to 02:30 on 4 October.
        (
            "Sun 02:15-03:00", "Australia/Lord_Howe", "2026-10-03T15:29:59Z", "2026-10-03T15:30:00Z",
            "2026-10-03T16:00:00Z"
        ),
        // Kathmandu is at +05:45.
        ("Mon 06:00-06:30", "Asia/Kathmandu", "2026-06-01T00:14:59Z", "2026-06-01T00:15:00Z", "2026-06-01T00:45:00Z"),
    ]

    @Test("starts in a skipped hour begin where the clocks land; repeated hours count once", arguments: changes)
    func clockChanges(text: String, zone: String, before: String, start: String, end: String) throws {
        let (schedule, clocks) = try read(.string(text), zone: zone)

        #expect(schedule.state(at: try seconds(before), clocks) == .off)
        #expect(schedule.state(at: try seconds(start), clocks) == .on)
        #expect(schedule.nextChange(after: try seconds(before), clocks) == .init(at: try seconds(start), state: .on))
        #expect(schedule.nextChange(after: try seconds(start), clocks) == .init(at: try seconds(end), state: .off))
    }

    @Test("a repeated hour inside the hours is time that is worked and paid")
    func elapsed() throws {
        let (schedule, clocks) = try read("Mon-Sun 00:00-24:00", zone: "Europe/Berlin")
        let long = try seconds("2026-10-24T22:00:00Z")..<seconds("2026-10-25T23:00:00Z")
        let short = try seconds("2026-03-28T23:00:00Z")..<seconds("2026-03-29T22:00:00Z")

        #expect(schedule.onSpans(within: long, clocks).seconds == 25 * 3600)
        #expect(schedule.onSpans(within: short, clocks).seconds == 23 * 3600)
    }

    @Test("the day that Apia left out has no hours")
    func skippedDay() throws {
        let (schedule, clocks) = try read("Fri 08:00-18:00", zone: "Pacific/Apia")
        let week = try seconds("2011-12-29T00:00:00Z")..<seconds("2012-01-05T00:00:00Z")

        #expect(schedule.onSpans(within: week, clocks).seconds == 0)
    }

    @Test("an overnight window belongs to the day it starts on, holidays included")
    func overnight() throws {
        let (schedule, clocks) = try read(
            ["uptime": "Fri 22:00-06:00", "holidays": ["2026-06-12"]]
        )

        #expect(schedule.state(at: try seconds("2026-06-06T05:59:59Z"), clocks) == .on)
        #expect(schedule.state(at: try seconds("2026-06-06T06:00:00Z"), clocks) == .off)
        #expect(schedule.state(at: try seconds("2026-06-05T05:00:00Z"), clocks) == .off)
        #expect(schedule.state(at: try seconds("2026-06-12T23:00:00Z"), clocks) == .off)
        #expect(schedule.state(at: try seconds("2026-06-13T05:00:00Z"), clocks) == .off)
    }

    @Test("the documented week: 08-18 Monday to Friday is 50 of 168 hours")
    func week() throws {
        let (schedule, clocks) = try read([
            "weekdays": ["start": "08:00", "end": "18:00"], "weekends": ["enabled": false],
        ])
        let week = try seconds("2026-06-01T00:00:00Z")..<seconds("2026-06-08T00:00:00Z")

        #expect(schedule.onSpans(within: week, clocks).seconds == 50 * 3600)
    }

    @Test("without wakeUpAt nothing can be said between two sleeps")
    func neverWakes() throws {
        let (schedule, clocks) = try read(["weekdays": "1-5", "sleepAt": "20:00"])

        #expect(schedule.state(at: try seconds("2026-06-02T12:00:00Z"), clocks) == .undetermined)
        #expect(
            schedule.nextChange(after: try seconds("2026-06-05T20:00:00Z"), clocks)
                == .init(at: try seconds("2026-06-08T20:00:00Z"), state: .off)
        )
    }

    @Test("spans keep their order and their sums", arguments: 0..<20)
    func spans(seed: Int) {
        var random = SeededGenerator(seed: UInt64(seed))
        func some() -> [Range<Int64>] {
            (0..<Int.random(in: 0...12, using: &random)).map { _ in
                let start = Int64.random(in: 0..<200, using: &random)
                return start..<start + Int64.random(in: 0..<40, using: &random)
            }
        }
        let (left, right) = (some(), some())
        let (first, second) = (TimeSpans(left), TimeSpans(right))
        let both = first.union(second)
        let rest = first.subtracting(second)
        for point in Int64(0)..<260 {
            let inLeft = left.contains { $0.contains(point) }
            let inRight = right.contains { $0.contains(point) }
            #expect(first.contains(point) == inLeft)
            #expect(both.contains(point) == (inLeft || inRight))
            #expect(rest.contains(point) == (inLeft && !inRight))
        }
        #expect(TimeSpans(left.shuffled(using: &random)) == first)
    }
}

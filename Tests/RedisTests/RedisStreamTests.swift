import Testing

@testable import Redis

@Suite("Redis streams")
struct RedisStreamTests {
    @Test("an entry is added, read, acknowledged and deleted")
    func life() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                #expect(try await connection.xlen("s") == 0)
                #expect(try await connection.xgroupCreate("s", group: "g"))
                #expect(try await connection.xgroupCreate("s", group: "g") == false)
                let first = try await connection.xadd("s", fields: [("id", "a"), ("n", 1), ("raw", .bytes([0, 255]))])
                let second = try await connection.xadd("s", fields: [("id", "b")])

                let entries = try await connection.xrange("s", count: 10)
                #expect(entries.map(\.id) == [first, second])
                #expect(entries[0].text("id") == "a")
                #expect(entries[0].text("n") == "1")
                #expect(entries[0]["raw"] == [0, 255])
                #expect(entries[0]["absent"] == nil)
                #expect(try await connection.xrange("s", from: "(" + first, count: 10).map(\.id) == [second])

                _ = try await connection.send(
                    RedisCommand("XREADGROUP", "GROUP", "g", "c", "COUNT", 2, "STREAMS", "s", ">")
                )
                #expect(try await connection.xack("s", group: "g", ids: [first, "0-1"]) == 1)
                #expect(try await connection.xack("s", group: "g", ids: []) == 0)
                #expect(try await connection.xdel("s", ids: [first]) == 1)
                #expect(try await connection.xdel("s", ids: []) == 0)
                #expect(try await connection.xlen("s") == 1)
            }
        }
    }

    @Test("a stream is trimmed to about its maximum length")
    func trimming() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                let commands = (0..<1_000).map { RedisCommand.xadd("s", fields: [("n", .integer($0))], maxLength: 200) }
                _ = try await connection.send(pipeline: commands)

                let length = try await connection.xlen("s")
                #expect((200...300).contains(length))
            }
        }
    }

    @Test("XINFO tells of stream, groups and consumers")
    func information() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                try await connection.xgroupCreate("s", group: "g")
                let empty = try await connection.xinfoStream("s")
                #expect(empty.length == 0 && empty.firstEntryID == nil && empty.lastEntryID == nil)
                var ids: [String] = []
                for number in 0..<3 { ids.append(try await connection.xadd("s", fields: [("n", .integer(number))])) }
                _ = try await connection.send(
                    RedisCommand("XREADGROUP", "GROUP", "g", "c", "COUNT", 2, "STREAMS", "s", ">")
                )

                let stream = try await connection.xinfoStream("s")
                #expect(
                    stream
                        == RedisStreamInfo(
                            length: 3,
                            groups: 1,
                            lastGeneratedID: ids[2],
                            entriesAdded: 3,
                            firstEntryID: ids[0],
                            lastEntryID: ids[2]
                        )
                )
                let groups = try await connection.xinfoGroups("s")
                #expect(
                    groups == [RedisGroupInfo(name: "g", consumers: 1, pending: 2, lastDeliveredID: ids[1], lag: 1)]
                )
                let consumers = try await connection.xinfoConsumers("s", group: "g")
                #expect(consumers.map(\.name) == ["c"])
                #expect(consumers.map(\.pending) == [2])
                #expect(consumers.allSatisfy { $0.idle < .seconds(60) })

                let absent = await failure { () throws(RedisError) in _ = try await connection.xinfoStream("absent") }
                #expect(absent?.code == .server)
                let noGroup = await failure { () throws(RedisError) in
                    _ = try await connection.xinfoConsumers("s", group: "absent")
                }
                #expect(noGroup?.isNoGroup == true)
            }
        }
    }

    @Test("XAUTOCLAIM takes over step by step and names what was deleted")
    func claiming() async throws {
        try await RedisFixture.with { server in
            try await server.connected { connection in
                try await connection.xgroupCreate("s", group: "g")
                var ids: [String] = []
                for number in 0..<25 { ids.append(try await connection.xadd("s", fields: [("n", .integer(number))])) }
                _ = try await connection.send(RedisCommand("XREADGROUP", "GROUP", "g", "dead", "STREAMS", "s", ">"))
                try await connection.xdel("s", ids: [ids[3], ids[20]])

                var claimed: [String] = []
                var deleted: [String] = []
                var cursor = "0-0"
                var steps = 0
                repeat {
                    let step = try await connection.xautoclaim(
                        "s",
                        group: "g",
                        consumer: "heir",
                        minIdle: .zero,
                        start: cursor,
                        count: 10
                    )
                    claimed += step.entries.map(\.id)
                    deleted += step.deleted
                    cursor = step.cursor
                    steps += 1
                    if step.isComplete { break }
                } while steps < 10

                #expect(steps == 3)
                #expect(deleted == [ids[3], ids[20]])
                #expect(claimed == ids.filter { !deleted.contains($0) })
                let patient = try await connection.xautoclaim(
                    "s",
                    group: "g",
                    consumer: "other",
                    minIdle: .seconds(60),
                    count: 10
                )
                #expect(patient.entries.isEmpty)
            }
        }
    }
}

import FoundationEssentials
import Postgres
import Support
import Testing

@Suite("Round trips in binary form") struct RoundTripTests {
    @Test("texts survive, from the empty one to one megabyte")
    func texts() async throws {
        let long = String(repeating: "näh €𐍈 ", count: 90_000)
        #expect(long.utf8.count > 1 << 20)
        try await Fixture.withPool { pool, _ async throws in
            for value in ["", "plain", "ü€𐍈e\u{0301}", "line\nbreak", "'; DROP TABLE t; --", long] {
                let row = try await pool.query("SELECT $1, $1::varchar, $1::name", [.text(value)]).one()
                #expect(try row.get(0) == value)
                #expect(try row.get(1) == value)
                #expect(try value.hasPrefix(row.get(2, as: String.self)))
            }
        }
    }

    @Test("integers survive to their limits")
    func integers() async throws {
        try await Fixture.withPool { pool, _ async throws in
            for value: Int64 in [0, 1, -1, .max, .min] {
                #expect(try await pool.query("SELECT $1", [.int(value)]).one().get(0) == value)
            }
            let row = try await pool.query("SELECT $1::int2, $2::int4", [-32_768, 2_147_483_647]).one()
            #expect(try row.get(0) == Int16.min)
            #expect(try row.get(1) == Int32.max)
            #expect(try row.get(0) == -32_768)
            #expect(try row.get(1, as: Double.self) == 2_147_483_647)
        }
    }

    @Test("doubles survive, infinities and the signed zero included")
    func doubles() async throws {
        try await Fixture.withPool { pool, _ async throws in
            for value in [0, -0.0, 0.1, -.pi, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude] {
                let back: Double = try await pool.query("SELECT $1", [.double(value)]).one().get(0)
                #expect(back.bitPattern == value.bitPattern)
            }
            #expect(try await pool.query("SELECT $1", [.double(.nan)]).one().get(0, as: Double.self).isNaN)
            #expect(try await pool.query("SELECT 0.5::float4").one().get(0) == 0.5)
        }
    }

    @Test("numerics become the nearest double")
    func numerics() async throws {
        let texts = [
            "0", "1", "-1", "0.1", "10000", "9999.9999", "0.0001", "0.00001", "-123456789.987654321", "1e300", "1e-300",
            "3.141592653589793238462643383279", "79228162514264337593543950335", "100000000", "0.00000000000001",
            "NaN", "Infinity", "-Infinity",
        ]
        try await Fixture.withPool(size: 2) { pool, _ async throws in
            for text in texts {
                let back: Double = try await pool.query("SELECT $1::numeric", [.text(text)]).one().get(0)
                let expected = try #require(Double(text))
                #expect(back == expected || (back.isNaN && expected.isNaN), "\(text)")
            }
        }
    }

    @Test("dates survive to the microsecond, far ones and infinity included")
    func dates() async throws {
        let dates = [
            0, 0.000_001, -0.000_001, 817_000_000.123_456, -1, -31_622_400, -31_622_400.000_001,
            -60_000_000_000, 200_000_000_000,
        ].map { Date(timeIntervalSinceReferenceDate: $0) }
        try await Fixture.withPool { pool, _ async throws in
            for date in dates {
                let back: Date = try await pool.query("SELECT $1", [.timestamp(date)]).one().get(0)
                #expect(
                    abs(back.timeIntervalSince(date)) < 0.000_000_6 || abs(date.timeIntervalSinceReferenceDate) > 1e10
                )
                #expect(abs(back.timeIntervalSince(date)) < 0.000_1)
            }
            let text: String = try await pool.query(
                "SELECT to_char($1 AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')",
                [.timestamp(Date(timeIntervalSinceReferenceDate: 0.25))]
            ).one().get(0)
            #expect(text == "2001-01-01 00:00:00.250000")
            let row = try await pool.query(
                "SELECT $1, 'infinity'::timestamptz, '-infinity'::date, date '2001-01-02', timestamp '2001-01-01 00:00:01'",
                [.timestamp(Date(timeIntervalSinceReferenceDate: .infinity))]
            ).one()
            #expect(try row.get(0) == Date.distantFuture)
            #expect(try row.get(1) == Date.distantFuture)
            #expect(try row.get(2) == Date.distantPast)
            #expect(try row.get(3) == Date(timeIntervalSinceReferenceDate: 86_400))
            #expect(try row.get(4) == Date(timeIntervalSinceReferenceDate: 1))
        }
    }

    @Test("a date outside PostgreSQL's calendar is refused before anything is sent")
    func impossibleDates() async throws {
        try await Fixture.withPool(size: 2) { pool, _ async throws in
            for interval in [1e13, -1e12, 1e300, .nan] {
                let error = await Fixture.failure {
                    try await pool.query("SELECT $1", [.timestamp(Date(timeIntervalSinceReferenceDate: interval))])
                }
                #expect(error?.code == .invalidParameter, "\(interval)")
            }
        }
    }

    @Test("booleans, bytes, uuids, JSON, enumerations and nulls survive")
    func others() async throws {
        let bytes = (0...255).map { UInt8($0) }
        let id = UUID()
        try await Fixture.withPool { pool, _ async throws in
            try await pool.query("CREATE TYPE mood AS ENUM ('calm', 'très gai')")
            let row = try await pool.query(
                "SELECT $1, $2, $3, $4, $5::mood, $6, $7::text, $8, $9::json, $10::int8",
                [true, .bytes(bytes), .bytes([]), .uuid(id), "très gai", .json("{\"a\": [1]}"), nil, "", "{ }", .null]
            ).one()
            #expect(try row.get(0) == true)
            #expect(try row.get(1) == bytes)
            #expect(try row.get(2) == [UInt8]())
            #expect(try row.get(3) == id)
            #expect(try row.get(4) == "très gai")
            #expect(try row.get(5) == "{\"a\": [1]}")
            #expect(try row.get(6) == String?.none)
            #expect(try row.get(7) == String?.some(""))
            #expect(try row.get(8) == "{ }")
            #expect(try row.get(9) == Int64?.none)
            #expect(try await pool.query("SELECT false").one().get(0) == false)
        }
    }

    @Test("arrays survive: empty, with nulls, with every element type")
    func arrays() async throws {
        let ids = [UUID(), UUID()]
        let dates = [Date(timeIntervalSinceReferenceDate: 1.5), nil]
        try await Fixture.withPool { pool, _ async throws in
            let row = try await pool.query(
                "SELECT $1, $2, $3, $4, $5, $6, $7",
                [
                    .bools([true, nil, false]), .ints([1, nil, .min]), .doubles([0.5, nil]), .texts(["a", nil, ""]),
                    .bytesArray([[1, 2], nil, []]), .uuids(ids), .timestamps(dates),
                ]
            ).one()
            #expect(try row.get(0) == [true, nil, false])
            #expect(try row.get(1) == [1, nil, Int64.min])
            #expect(try row.get(2) == [0.5, nil])
            #expect(try row.get(3) == ["a", nil, ""])
            #expect(try row.get(4) == [[1, 2], nil, []] as [[UInt8]?])
            #expect(try row.get(5) == ids)
            #expect(try row.get(6) == dates)

            let empty = try await pool.query(
                "SELECT $1, $2, $3, $4, $5, $6, $7, $8::int8[]",
                [
                    .bools([]), .ints([]), .doubles([]), .texts([]), .bytesArray([]), .uuids([]), .timestamps([]),
                    .null,
                ]
            ).one()
            #expect(try empty.get(0) == [Bool]())
            #expect(try empty.get(1) == [Int64]())
            #expect(try empty.get(2) == [Double]())
            #expect(try empty.get(3) == [String]())
            #expect(try empty.get(4) == [[UInt8]]())
            #expect(try empty.get(5) == [UUID]())
            #expect(try empty.get(6) == [Date]())
            #expect(try empty.get(7) == [Int64]?.none)
            #expect(try await pool.query("SELECT $1 = '{}'::int8[]", [.ints([])]).one().get(0) == true)
            #expect(try await pool.query("SELECT array[1.5, 2.25]::numeric[]").one().get(0) == [1.5, 2.25])
        }
    }

    @Test("65,535 parameters are sent, one more is refused with the way out")
    func manyParameters() async throws {
        try await Fixture.withPool(size: 2) { pool, _ async throws in
            let values = [PostgresValue](repeating: 1, count: 65_536)
            let error = await Fixture.failure { try await pool.query("SELECT 1", values) }
            #expect(error?.code == .invalidParameter)
            #expect(error?.message.contains("unnest") == true)
            let list = (1...65_535).map { "$\($0)" }.joined(separator: ",")
            let rows = try await pool.query(
                "SELECT x FROM (VALUES (1)) t(x) WHERE 1 IN (\(list))",
                Array(values.dropLast())
            )
            #expect(rows.count == 1)
        }
    }

    @Test("a thousand rows can be walked through, and each knows its columns by name")
    func rows() async throws {
        try await Fixture.withPool(size: 2) { pool, _ async throws in
            let rows = try await pool.query("SELECT n AS \"Zahl\", n * 2 AS zahl FROM generate_series(1, 1000) n")
            #expect(rows.count == 1_000)
            #expect(rows.affected == 1_000)
            #expect(rows.columnNames == ["Zahl", "zahl"])
            for (index, row) in rows.enumerated() {
                #expect(try row.get("Zahl") == index + 1)
                #expect(try row.get("zahl") == (index + 1) * 2)
            }
        }
    }
}

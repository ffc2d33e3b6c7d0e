import Contract
import Scripts
import Testing

@Suite("What a script is given")
struct ScriptHelperTests {
    @Test("the request comes through unchanged, whatever it holds")
    func roundTrip() async throws {
        let input: JSONValue = [
            "text": "ü \u{0} 😀 \"", "empty": [], "nested": [["a": nil], [], [1, 2.5, -3]], "yes": true, "no": false,
            "large": 9_007_199_254_740_993, "smallest": .integer(.min), "double": 1e300,
            "tiny": .double(.leastNonzeroMagnitude),
            "whole": .double(2), "object": ["b": 1, "a": 2],
        ]

        let answer = try await ScriptBench.value("return {input = input}", input: input)

        #expect(answer["input"]?.text(.canonical) == input.text(.canonical))
    }

    @Test("an empty list stays a list, and list() makes one")
    func lists() async throws {
        let answer = try await ScriptBench.value(
            """
            while #input.items > 0 do table.remove(input.items) end
            return {kept = input.items, made = list(), marked = list({}), plain = {}}
            """,
            input: ["items": [1, 2]]
        )

        #expect(answer["kept"] == [])
        #expect(answer["made"] == [])
        #expect(answer["marked"] == [])
        #expect(answer["plain"] == .object([:]))
    }

    @Test("prices are the market's, and what is not known is nil")
    func prices() async throws {
        let answer = try await ScriptBench.value(
            """
            local price, zone, at = prices.spot("m5.large")
            local inB, atB = prices.spot("m5.large", "us-east-1b")
            return {
                od = prices.on_demand("m5.large"), spot = price, zone = zone, at = at, b = inB,
                unknown = tostring(prices.on_demand("x9.large")), free = tostring(prices.on_demand("free.large")),
                elsewhere = tostring(prices.spot("m5.large", "us-east-1z")), none = tostring(prices.spot("c5.large")),
                band = prices.interruption("m5.large").band, gp3 = prices.service("ebs.gp3.gb_month"),
                source = prices.source("on_demand_prices").name, dated = prices.source("on_demand_prices").fetched_at,
            }
            """
        )

        #expect(answer["od"]?.number == 0.096)
        #expect(answer["spot"]?.number == 0.035)
        #expect(answer["zone"]?.string == "us-east-1a")
        #expect(answer["at"]?.string == ScriptBench.now.description)
        #expect(answer["b"]?.number == 0.041)
        for name in ["unknown", "free", "elsewhere", "none"] { #expect(answer[name]?.string == "nil", "\(name)") }
        #expect(answer["band"]?.string == "5-10%")
        #expect(answer["gp3"]?.number == 0.08)
        #expect(answer["source"]?.string == "test")
        #expect(answer["dated"]?.string == ScriptBench.now.description)
    }

    @Test("the catalogue is there by name and in order")
    func catalogue() async throws {
        let answer = try await ScriptBench.value(
            """
            local names = list()
            for _, spec in ipairs(catalogue.all()) do names[#names + 1] = spec.instance_type end
            return {
                names = names, pods = catalogue.get("m5.large").max_pods, unknown = tostring(catalogue.get("nope")),
                now = now, type = decision_type, region = region,
            }
            """
        )

        #expect(answer["names"] == ["c5.large", "m5.large"])
        #expect(answer["pods"]?.integer == 29)
        #expect(answer["unknown"]?.string == "nil")
        #expect(answer["now"]?.number == ScriptBench.now.secondsSinceEpoch)
        #expect(answer["type"]?.string == "spot_optimize")
        #expect(answer["region"]?.string == "us-east-1")
    }

    @Test("builtin() gives the same decision each time, whatever the script did to the last copy")
    func builtin() async throws {
        let answer = try await ScriptBench.value(
            """
            local first = builtin()
            first.recommendations[1].instance_type = "changed"
            first.confidence_score = 0
            return {again = builtin()}
            """
        )

        #expect(answer["again"]?["recommendations"]?[0]?["instance_type"]?.string == "m5.large")
        #expect(answer["again"]?["confidence_score"]?.number == 0.875)
        #expect(answer["again"]?["recommendations"]?[0]?.object?["availability_zone"] == .null)
        #expect(answer["again"]?["recommendations"]?[1]?["tags"] == [])
    }

    @Test("config is the second argument and a global")
    func config() async throws {
        let run = try await ScriptBench.run(
            "function decide(input, own) return {own = own.limit, global = config.limit} end",
            config: ["limit": 7]
        )

        #expect(try run.result.get() == ["global": 7, "own": 7])
    }

    @Test("the log keeps one line per message and no control characters")
    func log() async throws {
        let run = try await ScriptBench.decide(
            #"log("a\nb", 1, nil, {}, true) print("second\27[31m") return {}"#
        )

        #expect(run.log == ["a b 1 nil table true", "second [31m"])
    }

    @Test("a log without end is cut at 16 KiB and what is missing is counted")
    func longLog() async throws {
        let run = try await ScriptBench.decide("for i = 1, 100 do log(('x'):rep(1000)) end return {}")

        #expect(run.log.count == 16)
        #expect(run.droppedLogLines == 84)
    }

    @Test("pairs and next go in one order in every run: numbers, text, booleans")
    func order() async throws {
        let body = """
            local keys = list()
            for k in pairs({b = 1, a = 2, [10] = 1, [2.5] = 1, [2] = 1, [false] = 1, [true] = 1, ["10"] = 1, ["é"] = 1}) do
                keys[#keys + 1] = tostring(k)
            end
            return {keys = keys, first = next({z = 1, y = 2}), none = tostring(next({}))}
            """
        for _ in 0..<5 {
            let answer = try await ScriptBench.value(body)
            #expect(answer["keys"] == ["2", "2.5", "10", "10", "a", "b", "é", "false", "true"])
            #expect(answer["first"]?.string == "y")
            #expect(answer["none"]?.string == "nil")
        }
    }

    @Test("members removed while pairs runs are left out, and new ones do not disturb it")
    func changing() async throws {
        let answer = try await ScriptBench.value(
            """
            local t, seen = {a = 1, b = 2, c = 3}, list()
            for k, v in pairs(t) do seen[#seen + 1] = k .. v t.b = nil t[k .. k] = v t.c = 9 end
            return {seen = seen}
            """
        )

        #expect(answer["seen"] == ["a1", "c9"])
    }

    @Test("the same question gives the same bytes and the same count of instructions, time after time")
    func determinism() async throws {
        let body = """
            local seen = {}
            for i = 1, 500 do seen["k" .. (i * 7919 % 1000)] = {i, tostring({}), i / 3} end
            local out = list()
            for k, v in pairs(seen) do out[#out + 1] = {k, v} end
            table.sort(out, function(a, b) return a[2][3] > b[2][3] end)
            return {out = out, text = string.format("%s %q %5.2f", {}, "x", 1.005)}
            """
        let first = try await ScriptBench.decide(body)
        for _ in 0..<4 {
            let again = try await ScriptBench.decide(body)
            #expect(try again.result.get().bytes() == first.result.get().bytes())
            #expect(again.instructions == first.instructions)
        }
    }
}

import Contract
import Engines
import OracleSupport
import Testing

/// The recommender's figures against an independent script.
@Suite("VPA mode against the oracle", .enabled(if: PythonOracle.isPresent))
struct VPAOracleTests {
    struct Malformed: Error {}

    static func points(_ value: JSONValue?) throws -> [UsagePoint] {
        guard let items = value?.array else { throw Malformed() }
        return try items.map { item in
            guard let at = item[0]?.integer, let amount = item[1]?.number else { throw Malformed() }
            return UsagePoint(milliseconds: at, value: amount)
        }
    }

    @Test("a thousand random series: every figure is the oracle's, to the byte and the millicore")
    func series() async throws {
        let cases = try #require(try await PythonOracle.run("vpa_histogram.py", ["20261127", "1000"]).array)
        #expect(cases.count == 1000)
        var compared = 0
        var equal = 0
        for item in cases {
            var state = VPAState()
            state.addCPU(try Self.points(item["cpu"]), requestCores: try #require(item["request_cores"]?.number))
            state.addMemory(try Self.points(item["memory"]))
            let containers = Int(try #require(item["containers"]?.integer))
            let found = VPARecommendation(state, containersInPod: containers)
            for (name, estimate) in [
                ("target", found.target), ("lower", found.lowerBound), ("upper", found.upperBound),
            ] {
                let expected = try #require(item["expected"]?[name])
                let millicores = try #require(expected["millicores"]?.integer)
                let bytes = try #require(expected["bytes"]?.integer)
                #expect(
                    Self.isWithinOneBucket(Double(estimate.millicores), Double(millicores), first: 10),
                    "\(name) \(expected)"
                )
                #expect(
                    Self.isWithinOneBucket(Double(estimate.bytes), Double(bytes), first: 1e7),
                    "\(name) \(expected)"
                )
                compared += 2
                equal += (estimate.millicores == millicores ? 1 : 0) + (estimate.bytes == bytes ? 1 : 0)
            }
        }
        #expect(equal == compared, "\(equal) of \(compared)")
    }

    /// A bucket is 5 % wider than all before it are at most: margin and confidence scale both alike.
    static func isWithinOneBucket(_ left: Double, _ right: Double, first: Double) -> Bool {
        abs(left - right) <= max(left, right) * 0.0501 + first * 1.2
    }

    @Test("without samples the target is the least a pod gets, and the upper bound is open")
    func empty() {
        let found = VPARecommendation(VPAState(), containersInPod: 2)
        #expect(found.target == VPAEstimate(millicores: 12, bytes: 125 << 20))
        #expect(found.lowerBound == found.target)
        #expect(found.confidence == 0)
        var one = VPAState()
        one.addCPU([UsagePoint(milliseconds: 1_750_000_000_000, value: 1)], requestCores: 1)
        let upper = VPARecommendation(one, containersInPod: 1).upperBound
        #expect(upper.millicores == 100_000_000_000_000)
        #expect(VPARecommendation(one, containersInPod: 1).lowerBound.millicores == 25)
    }

    @Test("a percentile is the end of the bucket that holds it")
    func bucketEnd() {
        var histogram = DecayingHistogram(.cpu)
        #expect(histogram.percentile(0.9) == 0)
        histogram.add(0.005, weight: 1, at: 0)
        #expect(histogram.percentile(0.5) == 0.01)
        histogram.add(0.015, weight: 1, at: 0)
        #expect(abs(histogram.percentile(0.9) - 0.0205) < 1e-12)
        histogram.subtract(0.015, weight: 1, at: 0)
        #expect(histogram.percentile(0.9) == 0.01)
        #expect(ExponentialBuckets.cpu.bucket(of: 1e308) == ExponentialBuckets.cpu.count - 1)
        #expect(ExponentialBuckets.cpu.bucket(of: -1) == 0)
    }

    @Test("a day halves a sample's weight, and far times do not overflow it")
    func decay() {
        var histogram = DecayingHistogram(.cpu)
        let day = DecayingHistogram.halfLife
        for index in 0..<3 { histogram.add(1, weight: 1, at: Int64(index)) }
        histogram.add(2, weight: 1, at: day)
        // 3 old samples weigh 1.5 against 1: two thirds of them are not enough for the new one.
        #expect(histogram.percentile(0.59) < 1.1)
        #expect(histogram.percentile(0.61) > 2)
        histogram.add(4, weight: 1, at: 4000 * day)
        #expect(histogram.percentile(0.01) > 4)
    }

    @Test("a memory kill counts as a sample of what would have been needed")
    func kill() {
        let start: Int64 = 1_750_000_000_000
        let points = (0..<50).map { UsagePoint(milliseconds: start + Int64($0) * 300_000, value: 200e6) }
        var calm = VPAState()
        calm.addMemory(points)
        var killed = VPAState()
        killed.addMemory(points, kills: [start + 10_000_000], requestBytes: 256 << 20)
        let before = VPARecommendation(calm, containersInPod: 1).target.bytes
        let after = VPARecommendation(killed, containersInPod: 1).target.bytes
        #expect(after > before)
        #expect(after >= 356 << 20)
    }
}

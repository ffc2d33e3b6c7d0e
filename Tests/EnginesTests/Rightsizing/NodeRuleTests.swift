import Engines
import OracleSupport
import Testing

@Suite("The documented node rule")
struct NodeRuleTests {
    @Test(
        "thresholds: 49.9 is too large and 50.0 is not; 80.0 is right and 80.1 too small",
        arguments: [
            (49.9, 49.9, NodeRule.Action.downsize), (50.0, 49.9, nil), (49.9, 50.0, nil), (0, 0, .downsize),
            (80.0, 80.0, nil), (80.1, 10, .upsize), (10, 80.1, .upsize), (80.0, 10, nil), (10, 80.0, nil),
            (49.999_999, 0, .downsize), (80.000_001, 50, .upsize), (100, 100, .upsize), (65, 70, nil),
        ] as [(Double, Double, NodeRule.Action?)]
    )
    func thresholds(cpu: Double, memory: Double, action: NodeRule.Action?) {
        let rule = NodeRule(cpuPercent: cpu, memoryPercent: memory, currentCPU: 8, currentMemory: 32)
        #expect(rule?.action == action)
    }

    @Test(
        "targets: half used when smaller, a fifth more when larger, rounded up",
        arguments: [
            (8.0, 32.0, 20.0, 30.0, 4, 20), (8, 32, 25, 30, 4, 20), (8, 32, 45, 10, 8, 7), (4, 16, 10, 10, 1, 4),
            (2, 8, 85, 90, 3, 10), (4, 16, 81, 20, 5, 20), (16, 64, 20, 95, 20, 77), (2, 8, 0, 0, 1, 1),
            (96, 384, 12.5, 12.5, 24, 96),
        ]
    )
    func targets(cpu: Double, memory: Double, cpuUse: Double, memoryUse: Double, cpuTarget: Int, memoryTarget: Int) {
        let rule = NodeRule(cpuPercent: cpuUse, memoryPercent: memoryUse, currentCPU: cpu, currentMemory: memory)
        #expect(rule?.cpu == cpuTarget)
        #expect(rule?.memory == memoryTarget)
    }

    @Test("absurd use neither traps nor makes a node vanish")
    func absurd() {
        let huge = NodeRule(cpuPercent: 1e308, memoryPercent: 1, currentCPU: 1e300, currentMemory: 1e300)
        #expect(huge?.action == .upsize)
        #expect(NodeRule(cpuPercent: -1e300, memoryPercent: -5, currentCPU: 4, currentMemory: 8)?.cpu == 1)
        #expect(NodeRule(cpuPercent: .nan, memoryPercent: 1, currentCPU: 4, currentMemory: 8) == nil)
    }

    @Test("more use never gives a smaller target, within an action and across them", arguments: 0..<20)
    func monotone(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let cpu = Double(Int.random(in: 1...128, using: &random))
        let memory = Double(Int.random(in: 1...512, using: &random))
        var last: (cpu: Int, memory: Int)?
        for step in 0...200 {
            let percent = Double(step) / 2
            let rule = NodeRule(cpuPercent: percent, memoryPercent: percent, currentCPU: cpu, currentMemory: memory)
            let size = rule.map { ($0.cpu, $0.memory) } ?? (Int(cpu), Int(memory))
            if let last { #expect(size.0 >= last.cpu && size.1 >= last.memory) }
            last = (size.0, size.1)
        }
    }

    // MARK: Forecasts

    static func rule(_ cpu: Int, _ memory: Int) throws -> NodeRule {
        var rule = try #require(NodeRule(cpuPercent: 10, memoryPercent: 10, currentCPU: 4, currentMemory: 16))
        rule.cpu = cpu
        rule.memory = memory
        return rule
    }

    @Test("a larger forecast wins, whatever the confidence was")
    func override() throws {
        let merge = try NodeMerge(Self.rule(4, 16), NodeForecast(cpu: 6, memory: 24), confidence: 0.2)
        #expect(merge.cpu == 6 && merge.memory == 24)
        #expect(merge.method == .override)
        #expect(merge.confidence == 0.90)
        #expect(!merge.requiresReview)
        let mixed = try NodeMerge(Self.rule(4, 16), NodeForecast(cpu: 6, memory: 8), confidence: 0.8)
        #expect(mixed.cpu == 6 && mixed.memory == 16)
        #expect(mixed.method == .override)
    }

    @Test("agreement counts for a tenth, up to 0.95")
    func hybrid() throws {
        let merge = try NodeMerge(Self.rule(4, 16), NodeForecast(cpu: 4, memory: 16), confidence: 0.80)
        #expect(merge.method == .hybrid)
        #expect(abs(merge.confidence - 0.90) < 1e-12)
        #expect(merge.isValidated)
        #expect(try NodeMerge(Self.rule(4, 16), NodeForecast(cpu: 4, memory: 16), confidence: 0.9).confidence == 0.95)
        // 30 % is not more than 30 %.
        #expect(try NodeMerge(Self.rule(10, 10), NodeForecast(cpu: 7, memory: 10), confidence: 0.8).method == .hybrid)
    }

    @Test("a forecast smaller by more than 30 % is for a human")
    func divergence() throws {
        let merge = try NodeMerge(Self.rule(4, 16), NodeForecast(cpu: 2, memory: 8), confidence: 0.80)
        #expect(merge.requiresReview)
        #expect(merge.method == .deterministic)
        #expect(merge.cpu == 4 && merge.memory == 16)
        #expect(merge.confidence == 0.80)
    }
}

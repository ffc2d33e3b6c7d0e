import Testing

@testable import Jobs

@Suite("Turns between lanes")
struct LaneTurnsTests {
    @Test("single jobs go out by weight, not all to the most urgent lane")
    func weights() {
        let start = ContinuousClock.now
        var turns = LaneTurns(Lane.allCases, now: start)
        var given: [Lane: Int] = [:]
        for _ in 0..<1500 {
            let lane = turns.order(now: start)[0]
            given[lane, default: 0] += 1
            turns.served(lane, count: 1, now: start)
        }
        for lane in Lane.allCases { #expect(abs((given[lane] ?? 0) - 100 * lane.weight) <= 2) }
    }

    @Test("a lane that was not asked for five seconds goes first, whatever its weight")
    func aging() {
        let start = ContinuousClock.now
        var turns = LaneTurns(Lane.allCases, now: start)
        for second in 1...6 {
            for lane in [Lane.critical, .interactive, .batch] {
                turns.served(lane, count: 0, now: start + .seconds(second))
            }
        }
        #expect(turns.order(now: start + .seconds(6))[0] == .bulk)
    }

    @Test("a lane that was idle does not save up turns")
    func noCredit() {
        let start = ContinuousClock.now
        var turns = LaneTurns([.critical, .bulk], now: start)
        for _ in 0..<1000 {
            turns.served(.critical, count: 8, now: start)
            turns.served(.bulk, count: 0, now: start)
        }
        var bulk = 0
        for _ in 0..<90 {
            let lane = turns.order(now: start)[0]
            if lane == .bulk { bulk += 1 }
            turns.served(lane, count: 1, now: start)
        }
        #expect(bulk <= 20)
    }
}

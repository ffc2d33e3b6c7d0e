/// How much work a search may do, in counted steps instead of time: the same budget gives the same answer everywhere.
///
/// One step is one elementary operation of an inner loop (one number compared or added).
package struct StepBudget: Sendable, Hashable {
    package var limit: Int

    package init(limit: Int) { self.limit = max(0, limit) }

    /// Steps that an optimised build does in about that time on one core of 2020 or later; a debug build needs several
    /// times longer.
    package static func about(milliseconds: Int) -> StepBudget {
        StepBudget(limit: min(max(0, milliseconds), 1_000_000) * 400_000)
    }

    /// Enough for almost all problems to be solved as well as this search can: about two seconds.
    package static let standard = StepBudget.about(milliseconds: 2_000)
}

/// Steps done against a limit; parts of a search have limits of their own below the whole.
final class StepMeter {
    private(set) var used = 0
    private(set) var limit: Int

    init(limit: Int) { self.limit = limit }

    func spend(_ steps: Int) { used &+= steps }
    var isExhausted: Bool { used >= limit }
    var left: Int { max(0, limit - used) }

    /// Does the work with at most so many steps from here on; the whole's limit still holds.
    func within<Answer>(_ steps: Int, _ work: () -> Answer) -> Answer {
        let whole = limit
        limit = min(whole, used &+ max(0, steps))
        defer { limit = whole }
        return work()
    }
}

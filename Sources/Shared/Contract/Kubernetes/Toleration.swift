/// What a pod puts up with.
package struct Toleration: Sendable, Hashable {
    package enum Operator: String, Sendable, Hashable, CaseIterable {
        case equal = "Equal"
        case exists = "Exists"
    }

    /// Empty together with `exists`: every key.
    package var key: String
    package var `operator`: Operator
    package var value: String
    /// Nothing: every effect.
    package var effect: Taint.Effect?
    /// How long a NoExecute taint is borne once it appears; nothing: for ever.
    ///
    /// Zero or less: evicted at once, so the pod cannot stay, but it may be scheduled.
    package var seconds: Int64?

    package init(
        key: String = "",
        operator: Operator = .equal,
        value: String = "",
        effect: Taint.Effect? = nil,
        seconds: Int64? = nil
    ) {
        self.key = key
        self.operator = `operator`
        self.value = value
        self.effect = effect
        self.seconds = seconds
    }

    package func tolerates(_ taint: Taint) -> Bool {
        guard effect == nil || effect == taint.effect, key.isEmpty || key == taint.key else { return false }
        return `operator` == .exists || value == taint.value
    }
}

extension Sequence<Toleration> {
    /// True when none of the taints keeps the pod from being placed; soft taints never do.
    package func tolerate(_ taints: [Taint]) -> Bool {
        taints.allSatisfy { taint in !taint.isHard || contains { $0.tolerates(taint) } }
    }
}

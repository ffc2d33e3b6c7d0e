/// What operators ordered for a lane, a kind or a tenant.
package struct QueueRule: Sendable, Hashable {
    package enum Scope: String, Sendable, CaseIterable {
        case lane, kind, tenant
    }

    package enum Mode: String, Sendable, CaseIterable {
        case open
        /// Nothing starts; accepting goes on.
        case paused
        /// Nothing new is accepted; what waits is worked off.
        case draining
    }

    package let scope: Scope
    /// The lane, kind or tenant; for a cap on tenants also `*`, which bounds each of them.
    package let name: String
    package var mode: Mode
    /// How many may run at once in the whole fleet; nil: any number.
    package var maxRunning: Int?
    package var reason: String?

    package init(
        scope: Scope,
        name: String,
        mode: Mode = .open,
        maxRunning: Int? = nil,
        reason: String? = nil
    ) {
        self.scope = scope
        self.name = name
        self.mode = mode
        self.maxRunning = maxRunning
        self.reason = reason
    }

    /// Whether it concerns a job of this lane, kind and tenant.
    package func covers(lane: Lane, kind: String, tenant: String) -> Bool {
        switch scope {
        case .lane: name == lane.rawValue
        case .kind: name == kind
        case .tenant: name == tenant || name == "*"
        }
    }
}

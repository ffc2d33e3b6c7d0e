/// Who a request comes from.
package struct Identity: Sendable, Equatable {
    package let keyID: String
    package let tenant: String
    package let scopes: Set<Scope>

    package init(keyID: String, tenant: String, scopes: Set<Scope>) {
        self.keyID = keyID
        self.tenant = tenant
        self.scopes = scopes
    }

    /// Whether the key was granted this; `admin` includes everything.
    package func may(_ scope: Scope) -> Bool {
        scopes.contains(scope) || scopes.contains(.admin)
    }
}

/// What a key may be used for.
package enum Scope: String, Sendable, CaseIterable {
    /// Send jobs.
    case submit
    /// Look at jobs, prices and models.
    case read
    /// Upload and activate models.
    case models
    /// Everything, other tenants' jobs included.
    case admin
}

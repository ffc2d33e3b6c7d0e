package import Contract

/// The built-in engines.
package enum DecisionEngines {
    package static let all: [any DecisionEngine.Type] = [
        SpotOptimizer.self, BinPacking.self, Rightsizer.self, OfficeHours.self, GhostProbe.self, VolumeCleanup.self,
        NetworkOptimizer.self, OOMRemediator.self,
    ]

    /// The engine that decides requests of this type; nil while there is none.
    package static func engine(for type: DecisionType) -> (any DecisionEngine.Type)? {
        all.first { $0.type == type }
    }
}

import Contract

/// All known instance types, built up from sources of different worth.
package struct InstanceCatalogue: Sendable {
    private var byName: [String: InstanceTypeFacts] = [:]

    package init() {}

    package init(_ facts: [InstanceTypeFacts]) {
        merge(facts)
    }

    package var count: Int { byName.count }

    /// Adds what is new and corrects, attribute by attribute, what comes from a weaker or equal source.
    package mutating func merge(_ facts: [InstanceTypeFacts]) {
        for fact in facts { byName[fact.name.description, default: fact].merge(fact) }
    }

    package subscript(_ name: String) -> InstanceTypeSpec? { byName[name].flatMap(InstanceTypeSpec.init) }

    package func facts(for name: String) -> InstanceTypeFacts? { byName[name] }

    /// Sorted by name, so that two reads agree byte for byte.
    package var facts: [InstanceTypeFacts] { byName.values.sorted { $0.name.description < $1.name.description } }

    /// The types whose vCPUs and memory are known, sorted by name.
    package var specs: [InstanceTypeSpec] { facts.compactMap(InstanceTypeSpec.init) }
}

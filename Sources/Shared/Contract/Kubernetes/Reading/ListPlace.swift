/// A place in a request where objects of a cluster may lie, and what its name tells about them.
struct ListPlace {
    /// What to do with an item that is no native object.
    enum Foreign {
        /// The small shape of the list's kind, or of a workload where the list has none.
        case flat
        /// A problem to report.
        case refused
        /// No business of ours: the place may hold anything.
        case ignored
    }

    /// Nothing where the items must say themselves what they are.
    var kind: ObjectKind?
    var foreign: Foreign
    /// A word for many things: only a list makes sense under it.
    var isPlural: Bool

    /// For objects that came without any list.
    static let anywhere = ListPlace(kind: nil, foreign: .ignored, isPlural: false)

    private init(kind: ObjectKind?, foreign: Foreign, isPlural: Bool) {
        self.kind = kind
        self.foreign = foreign
        self.isPlural = isPlural
    }

    /// Reads the members that lead to a list, outermost first; nothing when no list of objects belongs there.
    init?(_ keys: [String]) {
        switch (keys.count, keys.first) {
        case (1, "items"): self.init(kind: nil, foreign: .refused, isPlural: true)
        case (2, "cluster_state"), (2, "current_state"): self.init(inState: keys[1])
        case (3, "cluster_state") where keys[2] == "items": self.init(inState: keys[1])
        case (3, "current_state") where keys[2] == "items": self.init(inState: keys[1])
        case (2, "requirements"): self.init(inRequirements: keys[1])
        case (3, "requirements") where keys[2] == "items": self.init(inRequirements: keys[1])
        default: return nil
        }
    }

    private init?(inState name: String) {
        let isPlural = name.hasSuffix("s")
        if let kind = ObjectKind(name: name) {
            self.init(kind: kind, foreign: .flat, isPlural: isPlural)
        } else if ObjectKind.isWorkloadList(name) {
            self.init(kind: nil, foreign: .flat, isPlural: isPlural)
        } else if ObjectKind.isMixedList(name) {
            self.init(kind: nil, foreign: .refused, isPlural: isPlural)
        } else {
            return nil
        }
    }

    /// Engines have wishes of their own there, such as `pods: 20`; only what cannot be one of them counts.
    private init?(inRequirements name: String) {
        guard var place = ListPlace(inState: name) else { return nil }
        place.foreign = place.kind == .persistentVolume || place.kind == .claim ? .flat : .ignored
        self = place
    }
}

/// Where a value stands in its document; written out only when an error needs it.
package indirect enum JSONPath: Sendable, Hashable, CustomStringConvertible {
    case root
    case key(JSONPath, String)
    case index(JSONPath, Int)

    /// `requirements.zones[2]`; empty for the document itself.
    package var description: String {
        switch self {
        case .root: ""
        case .key(.root, let key): key
        case .key(let parent, let key): "\(parent).\(key)"
        case .index(let parent, let index): "\(parent)[\(index)]"
        }
    }
}

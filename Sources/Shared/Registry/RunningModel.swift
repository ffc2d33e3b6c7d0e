package import FoundationEssentials
package import Models

/// A model that has been loaded and answers.
package struct RunningModel: Sendable {
    package let record: ModelRecord
    package let model: LoadedModel
    package let alias: String
    /// 0 to 1: of a canary's requests.
    package let share: Double
    package let loadedAt: Date
}

/// What runs for one type of model.
package struct ModelLineUp: Sendable {
    package internal(set) var active: RunningModel?
    package internal(set) var canary: RunningModel?
    package internal(set) var shadow: RunningModel?
    /// Those under names of their callers.
    package internal(set) var named: [String: RunningModel] = [:]

    /// Who answers a request with this key: the same key always meets the same one, as long as shares stay.
    package func answering(_ key: String) -> RunningModel? {
        guard let canary else { return active }
        return active == nil || Self.place(of: key) < canary.share ? canary : active
    }

    /// A place from 0 to 1 by FNV-1a, finished by a multiplication that spreads short keys.
    private static func place(of key: String) -> Double {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        return Double((hash ^ hash >> 33) >> 11) / Double(1 << 53)
    }
}

extension ModelLineUp {
    /// Who runs under an alias.
    package func running(_ alias: String) -> RunningModel? { self[alias] }

    package var all: [RunningModel] {
        [active, canary, shadow].compactMap { $0 } + named.values.sorted { $0.alias < $1.alias }
    }

    var names: Set<String> { Set(all.map(\.alias)) }

    subscript(alias: String) -> RunningModel? {
        get {
            switch alias {
            case ModelAlias.active: active
            case ModelAlias.canary: canary
            case ModelAlias.shadow: shadow
            default: named[alias]
            }
        }
        set {
            switch alias {
            case ModelAlias.active: active = newValue
            case ModelAlias.canary: canary = newValue
            case ModelAlias.shadow: shadow = newValue
            default: named[alias] = newValue
            }
        }
    }
}

/// The names of everything the queue keeps in Redis: one hash tag, so that one shard's keys share a cluster slot.
package struct DoorbellKeys: Sendable {
    /// All that stands before the key's own name, hash tag included.
    let prefix: String

    /// - Parameter namespace: Separates fleets that share a Redis; letters, digits and dashes.
    package init(namespace: String = "cloudoptim") {
        self.prefix = "\(namespace):{q:0}:"
    }

    /// The stream of a lane's rung job ids.
    package func stream(_ lane: Lane) -> String { "\(prefix)lane:\(lane.rawValue)" }

    /// A hash: `window:<lane>` and `backlog:<lane>`, kept by the doorbell keeper.
    package var lanes: String { "\(prefix)lanes" }

    /// The token of the generation this Redis was rung in.
    ///
    /// Missing or another one: Redis has lost its data.
    package var generation: String { "\(prefix)generation" }

    /// The token that is being prepared for this Redis.
    var nextGeneration: String { "\(prefix)generation:next" }

    /// Pub/sub: ids of jobs that have just ended, 36 bytes each, one after the other.
    package var done: String { "\(prefix)done" }

    /// The one consumer group of every lane.
    package let group = "workers"

    /// The lane of a stream name.
    package func lane(ofStream name: String) -> Lane? {
        Lane.allCases.first { stream($0) == name }
    }
}

/// One thing that goes wrong.
package struct Fault: Sendable, Equatable, CustomStringConvertible {
    package enum Kind: UInt8, Sendable, CaseIterable {
        // Processes
        case killWorker, freezeWorker, stopWorker, killScheduler, freezeScheduler, killAPI
        // Stores
        case flushRedis, loseRedis, restartRedis, staleRedis, stopPostgres, stallPostgres
        // One message: counted from the first of the world
        case loseMessage, loseAnswer, delayMessage, doubleMessage

        var isOfMessage: Bool { rawValue >= Kind.loseMessage.rawValue }
    }

    package var kind: Kind
    /// When; for messages, which.
    package var at: Int
    /// Which process, modulo how many there are.
    package var target = 0
    /// How long.
    package var length = 0

    package var description: String {
        switch kind {
        case .loseMessage: "message \(at) is lost"
        case .loseAnswer: "the answer to message \(at) is lost, though it was carried out"
        case .delayMessage: "message \(at) is carried out \(length) ms late, and its sender hears nothing"
        case .doubleMessage: "message \(at) is carried out again \(length) ms later"
        case .killWorker: "at \(at) ms worker \(target) is killed, and started anew \(length) ms later"
        case .freezeWorker: "at \(at) ms worker \(target) freezes for \(length) ms"
        case .stopWorker: "at \(at) ms worker \(target) is told to stop, and started anew \(length) ms later"
        case .killScheduler: "at \(at) ms scheduler \(target) is killed, and started anew \(length) ms later"
        case .freezeScheduler: "at \(at) ms scheduler \(target) freezes for \(length) ms"
        case .killAPI: "at \(at) ms API process \(target) is killed, and started anew at once"
        case .flushRedis: "at \(at) ms Redis is flushed"
        case .loseRedis: "at \(at) ms Redis goes away and comes back empty \(length) ms later"
        case .restartRedis: "at \(at) ms Redis goes away and comes back with its data \(length) ms later"
        case .staleRedis: "at \(at) ms Redis fails over to a replica that had stopped following \(length) ms earlier"
        case .stopPostgres: "at \(at) ms PostgreSQL goes away for \(length) ms"
        case .stallPostgres: "at \(at) ms PostgreSQL stalls for \(length) ms, and then does what it was sent"
        }
    }
}

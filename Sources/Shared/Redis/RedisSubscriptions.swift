/// Which listener hears which channel, and which channels the server has confirmed.
///
/// No I/O.
struct RedisSubscriptions {
    typealias Listener = Int

    private var wanted: [Listener: Set<String>] = [:]
    private var listeners: [String: Set<Listener>] = [:]
    private var confirmed: Set<String> = []
    private var connected: Set<Listener> = []

    var isEmpty: Bool { wanted.isEmpty }
    /// All channels that must be subscribed on a fresh connection.
    var channels: [String] { listeners.keys.sorted() }

    /// - Returns: The channels to subscribe, and whether the listener is connected already.
    mutating func add(_ listener: Listener, channels: Set<String>) -> (subscribe: [String], isConnected: Bool) {
        wanted[listener] = channels
        var fresh: [String] = []
        for channel in channels {
            if listeners[channel] == nil { fresh.append(channel) }
            listeners[channel, default: []].insert(listener)
        }
        let isConnected = channels.isSubset(of: confirmed)
        if isConnected { connected.insert(listener) }
        return (fresh.sorted(), isConnected)
    }

    /// - Returns: The channels that nobody wants any more.
    mutating func remove(_ listener: Listener) -> [String] {
        var orphaned: [String] = []
        for channel in wanted.removeValue(forKey: listener) ?? [] {
            listeners[channel]?.remove(listener)
            if listeners[channel]?.isEmpty ?? false {
                listeners[channel] = nil
                confirmed.remove(channel)
                orphaned.append(channel)
            }
        }
        connected.remove(listener)
        return orphaned.sorted()
    }

    /// The server has confirmed a channel.
    ///
    /// - Returns: The listeners whose last missing channel this was.
    mutating func confirm(_ channel: String) -> [Listener] {
        guard let interested = listeners[channel] else { return [] }
        confirmed.insert(channel)
        let complete = interested.filter { listener in
            !connected.contains(listener) && wanted[listener]?.isSubset(of: confirmed) ?? false
        }
        connected.formUnion(complete)
        return complete.sorted()
    }

    /// The connection is gone.
    ///
    /// - Returns: The listeners that were connected until now.
    mutating func disconnect() -> [Listener] {
        defer {
            connected = []
            confirmed = []
        }
        return connected.sorted()
    }

    func audience(of channel: String) -> Set<Listener> { listeners[channel] ?? [] }
}

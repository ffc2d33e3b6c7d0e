/// What a subscriber hears: messages, and the news that some may be missing.
package enum RedisMessage: Sendable, Equatable {
    /// A message that was published on a channel.
    case message(channel: String, payload: [UInt8])
    /// All channels are subscribed: from here on nothing is missed unless a later event says so.
    case connected
    /// The connection is gone; what is published until the next ``connected`` will not be heard.
    case disconnected
    /// The reader was too slow, and this many of the oldest events were thrown away.
    case gap(dropped: Int)
}

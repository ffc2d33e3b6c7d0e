import Testing

@testable import Redis

@Suite("Redis subscriptions, as rules")
struct RedisSubscriptionsTests {
    @Test("a listener is connected when the last of its channels is confirmed")
    func confirming() {
        var subscriptions = RedisSubscriptions()
        let first = subscriptions.add(1, channels: ["a", "b"])
        let second = subscriptions.add(2, channels: ["b", "c"])
        #expect(first.subscribe == ["a", "b"] && !first.isConnected)
        #expect(second.subscribe == ["c"] && !second.isConnected)

        #expect(subscriptions.confirm("b") == [])
        #expect(subscriptions.confirm("a") == [1])
        #expect(subscriptions.confirm("a") == [])
        #expect(subscriptions.confirm("unknown") == [])
        #expect(subscriptions.confirm("c") == [2])
        let third = subscriptions.add(3, channels: ["a", "c"])
        #expect(third.subscribe == [] && third.isConnected)
        #expect(subscriptions.audience(of: "a") == [1, 3])
    }

    @Test("a channel is given up with its last listener")
    func leaving() {
        var subscriptions = RedisSubscriptions()
        _ = subscriptions.add(1, channels: ["a", "b"])
        _ = subscriptions.add(2, channels: ["b"])
        _ = subscriptions.confirm("b")

        #expect(subscriptions.remove(1) == ["a"])
        #expect(subscriptions.remove(1) == [])
        #expect(subscriptions.audience(of: "b") == [2])
        #expect(subscriptions.remove(2) == ["b"])
        #expect(subscriptions.isEmpty && subscriptions.channels.isEmpty)
        let again = subscriptions.add(3, channels: ["b"])
        #expect(again.subscribe == ["b"] && !again.isConnected)
    }

    @Test("after a loss all is unconfirmed, and only those who were connected are told")
    func losing() {
        var subscriptions = RedisSubscriptions()
        _ = subscriptions.add(1, channels: ["a"])
        _ = subscriptions.add(2, channels: ["b"])
        _ = subscriptions.confirm("a")

        #expect(subscriptions.disconnect() == [1])
        #expect(subscriptions.disconnect() == [])
        #expect(subscriptions.channels == ["a", "b"])
        #expect(subscriptions.confirm("a") == [1])
    }

    @Test("a buffer keeps the newest events and tells where others are missing")
    func overflow() async {
        let buffer = RedisMessageBuffer(capacity: 3)
        for number in 0..<10 { buffer.push(.message(channel: "c", payload: [UInt8(number)])) }

        #expect(await buffer.next() == .gap(dropped: 7))
        for number in 7..<10 { #expect(await buffer.next() == .message(channel: "c", payload: [UInt8(number)])) }
        buffer.push(.connected)
        buffer.finish()
        buffer.push(.disconnected)
        #expect(await buffer.next() == .connected)
        #expect(await buffer.next() == nil)
        #expect(await buffer.next() == nil)
    }

    @Test("a waiting reader gets the next event")
    func waiting() async {
        let buffer = RedisMessageBuffer(capacity: 3)
        let reading = Task { await buffer.next() }
        buffer.push(.connected)
        #expect(await reading.value == .connected)
        let ending = Task { await buffer.next() }
        buffer.finish()
        #expect(await ending.value == nil)
    }
}

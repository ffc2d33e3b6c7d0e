import Jobs
import Support
import Synchronization
import Testing

@Suite("Group commit")
struct GroupCommitTests {
    @Test("a lone item flies at once; what comes meanwhile flies together")
    func batches() async throws {
        let gate = Gate()
        let sizes = Mutex<[Int]>([])
        let commit = GroupCommit<Int, Int>(maxItems: 100, maxWaiting: 1000) { items in
            sizes.withLock { $0.append(items.count) }
            await gate.pass()
            return items.map { $0 * 2 }
        }
        try await withThrowingTaskGroup { group in
            group.addTask { () async throws in #expect(try await commit.submit(1) == 2) }
            await gate.arrived(1)
            for number in 2...50 {
                group.addTask { () async throws in #expect(try await commit.submit(number) == number * 2) }
            }
            try await Condition.holds { await commit.waitingCount == 49 }
            await gate.open()
            try await group.waitForAll()
        }
        #expect(sizes.withLock { $0 } == [1, 49])
    }

    @Test("beyond the bound items are refused, and a failed flight fails only its own")
    func bounds() async throws {
        let gate = Gate()
        let commit = GroupCommit<Int, Int>(maxItems: 1, maxWaiting: 2) { items in
            await gate.pass()
            if items == [0] { throw JobError(.unavailable, "on purpose") }
            return items
        }
        await withTaskGroup { group in
            group.addTask { _ = await #expect(throws: JobError.self) { try await commit.submit(0) } }
            await gate.arrived(1)
            for number in 1...2 { group.addTask { #expect((try? await commit.submit(number)) == number) } }
            try? await Condition.holds { await commit.waitingCount == 2 }
            await #expect(throws: JobError.self) { try await commit.submit(3) }
            await gate.open()
        }
    }

    @Test("items that conflict never share a flight, and weight bounds a flight")
    func conflictsAndWeight() async throws {
        let flights = Mutex<[[String]]>([])
        let gate = Gate()
        let commit = GroupCommit<String, Void>(
            maxItems: 100,
            maxWeight: 10,
            maxWaiting: 1000,
            weigh: { $0.count },
            conflicts: { String($0.prefix(1)) }
        ) { items in
            flights.withLock { $0.append(items) }
            await gate.pass()
            return items.map { _ in }
        }
        try await withThrowingTaskGroup { group in
            group.addTask { try await commit.submit("x") }
            await gate.arrived(1)
            for item in ["a1", "a2", "b1", "c-long-long-long", "d1"] {
                group.addTask { try await commit.submit(item) }
            }
            try await Condition.holds { await commit.waitingCount == 5 }
            await gate.open()
            try await group.waitForAll()
        }
        for flight in flights.withLock({ $0 }) {
            #expect(Set(flight.map { $0.prefix(1) }).count == flight.count)
            #expect(flight.count == 1 || flight.reduce(0) { $0 + $1.count } <= 10)
        }
    }
}

/// Holds flights until it is opened, and tells how many have arrived.
private actor Gate {
    private var isOpen = false
    private var count = 0
    private var passers: [CheckedContinuation<Void, Never>] = []
    private var watchers: [(Int, CheckedContinuation<Void, Never>)] = []

    func pass() async {
        count += 1
        for (wanted, watcher) in watchers where wanted <= count { watcher.resume() }
        watchers.removeAll { $0.0 <= count }
        if !isOpen { await withCheckedContinuation { passers.append($0) } }
    }

    func arrived(_ wanted: Int) async {
        if count < wanted { await withCheckedContinuation { watchers.append((wanted, $0)) } }
    }

    func open() {
        isOpen = true
        for passer in passers { passer.resume() }
        passers = []
    }
}

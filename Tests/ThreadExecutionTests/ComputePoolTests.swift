import Glibc
import Support
import Synchronization
import Testing
import ThreadExecution

private struct Refusal: Error, Equatable {}

/// Keeps threads busy until it is opened; blocking is what compute threads are for.
private final class Gate: Sendable {
    private let isOpen = Atomic<Bool>(false)
    let entered = Atomic<Int>(0)

    func open() { isOpen.store(true, ordering: .releasing) }

    func pass() {
        entered.add(1, ordering: .relaxed)
        while !isOpen.load(ordering: .acquiring) { usleep(200) }
    }
}

@Suite("Compute pool") struct ComputePoolTests {
    @Test("every piece of work runs once and returns its own value", arguments: [1, 2, 4])
    func values(threads: Int) async throws {
        let pool = ComputePool(name: "compute", threads: threads)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<5_000 { group.addTask { try await pool.run { number } } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 5_000 * 4_999 / 2)
        await pool.shutdown()
    }

    @Test("an error reaches the caller as it was thrown")
    func errors() async throws {
        let pool = ComputePool(name: "compute", threads: 1)
        await #expect(throws: Refusal()) { try await pool.run { throw Refusal() } }
        #expect(try await pool.run { 1 } == 1)
        await pool.shutdown()
    }

    @Test("cancelling a caller removes its work while it waits, and it never runs")
    func cancelQueued() async throws {
        let pool = ComputePool(name: "compute", threads: 1)
        let gate = Gate()
        let blocker = Task { try await pool.run { gate.pass() } }
        #expect(await eventually { gate.entered.load(ordering: .relaxed) == 1 })
        let ran = Gate()
        let waiting = Task { try await pool.run { ran.pass() } }
        #expect(await eventually { pool.queued == 1 })

        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        #expect(pool.queued == 0)

        gate.open()
        try await blocker.value
        #expect(ran.entered.load(ordering: .relaxed) == 0)
        await pool.shutdown()
    }

    @Test("a caller that is cancelled already gets nothing run")
    func cancelledBefore() async throws {
        let pool = ComputePool(name: "compute", threads: 1)
        let gate = Gate()
        let blocker = Task { try await pool.run { gate.pass() } }
        #expect(await eventually { gate.entered.load(ordering: .relaxed) == 1 })
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await pool.run {}
        }
        await #expect(throws: CancellationError.self) { try await late.value }
        gate.open()
        try await blocker.value
        await pool.shutdown()
    }

    @Test("shutdown cancels what waits, lets what runs finish, and refuses the rest")
    func shutdown() async throws {
        let pool = ComputePool(name: "compute", threads: 1)
        let gate = Gate()
        let running = Task {
            try await pool.run { () -> Int in
                gate.pass()
                return 42
            }
        }
        #expect(await eventually { gate.entered.load(ordering: .relaxed) == 1 })
        let waiting = Task { try await pool.run { 0 } }
        #expect(await eventually { pool.queued == 1 })

        let ending = Task { await pool.shutdown() }
        await #expect(throws: CancellationError.self) { try await waiting.value }
        gate.open()
        await ending.value

        #expect(try await running.value == 42)
        await #expect(throws: ComputePool.Closed.self) { try await pool.run { 0 } }
    }
}

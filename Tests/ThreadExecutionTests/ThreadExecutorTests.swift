import Glibc
import Synchronization
import Testing
import ThreadExecution

/// An actor whose every job notes the thread it ran on.
private actor Recorder {
    private let executor: ThreadExecutor
    private(set) var threads: Set<UInt> = []
    private(set) var order: [Int] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ executor: ThreadExecutor) { self.executor = executor }

    func note(_ number: Int) {
        threads.insert(UInt(pthread_self()))
        order.append(number)
    }

    func end() { executor.shutdown() }

    nonisolated func noteFromInside(_ number: Int) { assumeIsolated { $0.note(number) } }

    func noteTwice(_ number: Int) { noteFromInside(number) }
}

@Suite("Thread executor") struct ThreadExecutorTests {
    @Test("ten thousand jobs of many tasks run each once, on one thread that is not the pool's")
    func oneThread() async {
        let executor = ThreadExecutor(name: "recorder")
        let recorder = Recorder(executor)
        await withTaskGroup { group in
            for number in 0..<10_000 { group.addTask { await recorder.note(number) } }
        }
        #expect(await recorder.threads.count == 1)
        #expect(await recorder.order.sorted() == Array(0..<10_000))
        #expect(executor.isCurrent == false)
        await executor.shutdown()
    }

    @Test("jobs of one task run in the order of its calls")
    func order() async {
        let executor = ThreadExecutor(name: "recorder")
        let recorder = Recorder(executor)
        for number in 0..<1_000 { await recorder.note(number) }
        #expect(await recorder.order == Array(0..<1_000))
        await executor.shutdown()
    }

    @Test("a shutdown from the executor's own thread returns")
    func ownThread() async {
        let executor = ThreadExecutor(name: "recorder")
        let recorder = Recorder(executor)
        await recorder.end()
        await executor.shutdown()
        #expect(executor.isCurrent == false)
    }

    @Test("a job that comes after the end still runs, so that no task hangs")
    func late() async {
        let executor = ThreadExecutor(name: "recorder")
        let recorder = Recorder(executor)
        await executor.shutdown()
        await withTaskGroup { group in
            for number in 0..<100 { group.addTask { await recorder.note(number) } }
        }
        #expect(await recorder.order.count == 100)
    }

    @Test("shutdown runs what is queued before it returns")
    func drains() async {
        let executor = ThreadExecutor(name: "recorder")
        let recorder = Recorder(executor)
        let tasks = (0..<500).map { number in Task { await recorder.note(number) } }
        await recorder.note(-1)
        await executor.shutdown()
        for task in tasks { await task.value }
        #expect(await recorder.order.count == 501)
    }

    @Test("many may shut it down at once")
    func shutdownTwice() async {
        let executor = ThreadExecutor(name: "recorder")
        await withTaskGroup { group in
            for _ in 0..<8 { group.addTask { await executor.shutdown() } }
        }
        #expect(executor.isCurrent == false)
    }

    @Test("an actor can assume its isolation on the thread")
    func assumes() async {
        let executor = ThreadExecutor(name: "recorder")
        let recorder = Recorder(executor)
        await recorder.noteTwice(7)
        #expect(await recorder.order == [7])
        await executor.shutdown()
    }
}

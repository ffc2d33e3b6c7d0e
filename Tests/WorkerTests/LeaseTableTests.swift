import Support
import Synchronization
import Testing

@testable import Jobs
@testable import Worker

@Suite("The table of leases")
struct LeaseTableTests {
    private let job = JobID.make()

    private final class Calls: Sendable {
        private let number = Atomic(0)
        var count: Int { number.load(ordering: .relaxed) }
        func add() { number.add(1, ordering: .relaxed) }
    }

    private func reply(held: Set<Lease> = [], cancel: Set<Lease> = []) -> HeartbeatReply {
        HeartbeatReply(held: held, cancelRequested: cancel)
    }

    @Test("a lease that was not found is lost, and its work is stopped")
    func lost() {
        let (table, calls, lease) = (LeaseTable(), Calls(), Lease(job: job, epoch: 1))
        table.add(lease) { calls.add() }

        #expect(table.apply(reply(), asked: [lease]) == 1)
        #expect(calls.count == 1)
        table.remove(lease)
        #expect(table.count == 0)
        #expect(table.apply(reply(), asked: [lease]) == 0)
        #expect(calls.count == 1)
    }

    @Test("a cancelled job is stopped but not lost")
    func cancelled() {
        let (table, calls, lease) = (LeaseTable(), Calls(), Lease(job: job, epoch: 1))
        table.add(lease) { calls.add() }

        #expect(table.apply(reply(held: [lease], cancel: [lease]), asked: [lease]) == 0)
        #expect(calls.count == 1)
    }

    @Test("a lease that came after the question is not lost")
    func younger() {
        let (table, calls, lease) = (LeaseTable(), Calls(), Lease(job: job, epoch: 1))
        table.add(lease) { calls.add() }

        #expect(table.apply(reply(), asked: []) == 0)
        #expect(calls.count == 0)
    }

    @Test("an answer about an older lease of the same job does not touch the new one")
    func older() {
        let (table, calls) = (LeaseTable(), Calls())
        let (old, new) = (Lease(job: job, epoch: 1), Lease(job: job, epoch: 3))
        table.add(old) { calls.add() }
        table.add(new) { calls.add() }

        #expect(table.apply(reply(), asked: [old]) == 0)
        table.remove(old)
        #expect(table.leases == [new])
        #expect(calls.count == 0)
    }

    @Test("a job whose end is being written may vanish from the ledger")
    func ending() {
        let (table, calls, lease) = (LeaseTable(), Calls(), Lease(job: job, epoch: 1))
        table.add(lease) { calls.add() }
        table.beginEnding(lease)

        #expect(table.apply(reply(), asked: [lease]) == 0)
        #expect(calls.count == 0)
        #expect(table.leases == [lease], "it is renewed until it is written")
    }
}

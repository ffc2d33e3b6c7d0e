import FoundationEssentials

extension FleetSignal {
    /// The signal as its readers get it: snake case, numbers rounded to the millisecond, no null anywhere.
    package var json: String { OperatorsJSON.encode(Document(self)) }

    private struct Document: Encodable {
        let at: String
        let estimated: Bool
        let workers: Int
        let slots: Int
        let slotsPerWorker: Int
        let suggestedWorkers: Int
        let backlogWorkerSeconds: Double
        let deadLetters: Int
        let lanes: [LaneDocument]
        let kinds: [KindDocument]

        init(_ signal: FleetSignal) {
            at = signal.at.timestampText
            estimated = signal.isEstimated
            workers = signal.workers
            slots = signal.slots
            slotsPerWorker = signal.slotsPerWorker
            suggestedWorkers = signal.suggestedWorkers
            backlogWorkerSeconds = signal.lanes.map(\.backlogSeconds).reduce(0, +).toMilliseconds
            deadLetters = signal.deadLetters
            lanes = signal.lanes.map(LaneDocument.init)
            kinds = signal.kinds.map(KindDocument.init)
        }
    }

    private struct LaneDocument: Encodable {
        let lane: String
        let queued: Int
        let held: Int
        let running: Int
        let delayed: Int
        let estimated: Bool
        let backlogWorkerSeconds: Double
        let oldestWaitingSeconds: Double
        let workers: Int
        let slots: Int
        let objectiveSeconds: Double
        let neededSlots: Double
        let suggestedWorkers: Int

        init(_ lane: LaneSignal) {
            self.lane = lane.lane.rawValue
            queued = lane.queued
            held = lane.held
            running = lane.running
            delayed = lane.delayed
            estimated = lane.isEstimated
            backlogWorkerSeconds = lane.backlogSeconds.toMilliseconds
            oldestWaitingSeconds = lane.oldestSeconds.toMilliseconds
            workers = lane.workers
            slots = lane.slots
            objectiveSeconds = lane.objectiveSeconds
            neededSlots = lane.neededSlots.toMilliseconds
            suggestedWorkers = lane.suggestedWorkers
        }
    }

    private struct KindDocument: Encodable {
        let lane: String
        let kind: String
        let queued: Int
        let meanRunSeconds: Double

        init(_ backlog: Backlog) {
            lane = backlog.lane.rawValue
            kind = backlog.kind
            queued = backlog.queued
            meanRunSeconds = (backlog.meanSeconds * 1e6).rounded() / 1e6
        }
    }
}

extension Double {
    /// Cut to three decimals; what is not finite becomes 0, since JSON has no word for it.
    fileprivate var toMilliseconds: Double { isFinite ? (self * 1000).rounded() / 1000 : 0 }
}
